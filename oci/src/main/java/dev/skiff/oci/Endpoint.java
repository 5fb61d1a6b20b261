package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * Where a repository is asked for.
 *
 * @param host host and port
 * @param repository path there; a mirror may have another than the registry itself
 * @param access what it has to prove
 * @param mirror whether it is a copy of the registry that is meant, and may lack things
 */
record Endpoint(String host, String repository, Access access, boolean mirror) {
    /** Docker Hub's programming interface is at a host of its own. */
    private static final String HUB_HOST = "registry-1.docker.io";

    /**
     * Where a reference itself says.
     *
     * @param said what the user said of the access to it
     */
    static Endpoint of(Reference reference, Optional<Access> said) {
        String host = reference.registry().equals(Reference.DOCKER_HUB) ? HUB_HOST : reference.registry();
        Access usual = isLoopback(host) ? Access.LOCAL : Access.TLS;
        return new Endpoint(host, reference.repository(), said.orElse(usual), false);
    }

    /** Whether who answers there has to prove who it is. */
    boolean vouched(URI uri) {
        return access.isVerified() || !host.equals(uri.getAuthority());
    }

    /** What credentials are kept for. */
    String registry() {
        return host.equals(HUB_HOST) ? Reference.DOCKER_HUB : host;
    }

    /**
     * The address of something at a host.
     *
     * @throws OciException if the host is none
     */
    static URI uri(String scheme, String host, String path) {
        try {
            URI uri = new URI(scheme + "://" + host + path);
            if (isAddress(uri)) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw new OciException(Problem.INVALID, host + " is no host that a registry can have");
    }

    /** Where a server sends us; empty if it is no address, or one where others could listen in who could not before. */
    static Optional<URI> safe(URI from, String location) {
        try {
            URI next = from.resolve(new URI(location));
            boolean web = "https".equals(next.getScheme())
                    || "http".equals(next.getScheme()) && from.getScheme().equals("http");
            return web && isAddress(next) ? Optional.of(next) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static boolean isAddress(URI uri) {
        return uri.getHost() != null && uri.getRawUserInfo() == null && uri.getPort() <= 65_535;
    }

    static boolean isLoopback(String host) {
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
    }
}
