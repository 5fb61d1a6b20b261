package dev.skiff.oci;

import java.util.Optional;

/**
 * Where a repository is asked for.
 *
 * @param host host and port
 * @param repository path there; a mirror may have another than the registry itself
 * @param plain whether without TLS; empty where both are tried, with TLS first
 * @param mirror whether it is a copy of the registry that is meant, and may lack things
 */
record Endpoint(String host, String repository, Optional<Boolean> plain, boolean mirror) {
    /** Docker Hub's programming interface is at a host of its own. */
    private static final String HUB_HOST = "registry-1.docker.io";

    static Endpoint of(Reference reference, Optional<Boolean> plain) {
        String host = reference.registry().equals(Reference.DOCKER_HUB) ? HUB_HOST : reference.registry();
        // A registry on this machine is often without TLS, and nobody listens in.
        boolean unsure = plain.isEmpty() && isLoopback(host);
        return new Endpoint(host, reference.repository(), unsure ? plain : Optional.of(plain.orElse(false)), false);
    }

    static boolean isLoopback(String host) {
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
    }
}
