package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The proxies that {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY} name, in either case. Not used for this machine. */
final class EnvironmentProxies {
    private static final int DEFAULT_PORT = 80;

    private final Optional<URI> http;
    private final Optional<URI> https;
    private final List<String> exceptions;

    EnvironmentProxies(Map<String, String> environment) {
        Optional<URI> all = proxy(environment, "ALL_PROXY");
        http = proxy(environment, "HTTP_PROXY").or(() -> all);
        https = proxy(environment, "HTTPS_PROXY").or(() -> all);
        exceptions = variable(environment, "NO_PROXY")
                .map(list -> List.of(list.toLowerCase(Locale.ROOT).split("[,\\s]+")))
                .orElse(List.of());
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT)))
                .or(() -> Optional.ofNullable(environment.get(name)))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static Optional<URI> proxy(Map<String, String> environment, String name) {
        return variable(environment, name).map(value -> {
            try {
                URI uri = new URI(value.contains("://") ? value : "http://" + value);
                if (uri.getHost() != null && "http".equalsIgnoreCase(uri.getScheme()) && uri.getPort() <= 65_535) {
                    return uri;
                }
            } catch (URISyntaxException e) {
                // Said below.
            }
            throw new OciException(
                    Problem.INVALID,
                    "the variable " + name + " names no proxy that can be used: that is http://HOST:PORT");
        });
    }

    private Optional<URI> chosen(URI uri) {
        Optional<URI> proxy = uri.getScheme().equals("https") ? https : http;
        return proxy.filter(any -> !isException(uri.getHost(), uri.getPort()));
    }

    private boolean isException(String host, int port) {
        String name = host.toLowerCase(Locale.ROOT);
        if (Endpoint.isLoopback(name)) {
            return true;
        }
        for (String exception : exceptions) {
            String domain = exception.startsWith("*.") ? exception.substring(1) : exception;
            boolean beneath = name.endsWith(domain.startsWith(".") ? domain : "." + domain);
            boolean same = name.equals(domain) || (name + ":" + port).equals(domain) || ("." + name).equals(domain);
            if (exception.equals("*") || !domain.isEmpty() && (same || beneath) || isInNetwork(name, exception)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a host is an address in a network such as {@code 10.0.0.0/8}; names are not looked up. */
    private static boolean isInNetwork(String host, String network) {
        String[] parts = network.split("/", 2);
        if (parts.length < 2 || !parts[1].matches("[0-9]{1,3}")) {
            return false;
        }
        try {
            byte[] address =
                    InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).getAddress();
            byte[] base = InetAddress.ofLiteral(parts[0]).getAddress();
            int bits = Integer.parseInt(parts[1]);
            int all = 8 * base.length;
            return address.length == base.length
                    && bits <= all
                    && new BigInteger(1, address)
                                    .xor(new BigInteger(1, base))
                                    .shiftRight(all - bits)
                                    .signum()
                            == 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * The proxy for an address.
     *
     * @param host its name
     * @param port its port
     * @param credentials who we say to be to it, if its variable says that
     */
    record Proxy(String host, int port, Optional<Credentials.Basic> credentials) {
        private static Proxy of(URI uri) {
            return new Proxy(
                    uri.getHost(),
                    uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                    Optional.ofNullable(uri.getRawUserInfo()).map(EnvironmentProxies::basic));
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** The proxy for an address, if there is one. */
    Optional<Proxy> proxy(URI uri) {
        return chosen(uri).map(Proxy::of);
    }

    /** The proxy through which TLS goes, if there is one. */
    Optional<Proxy> tunnel() {
        return https.map(Proxy::of);
    }

    private static Credentials.Basic basic(String userInfo) {
        String[] parts = userInfo.split(":", 2);
        return new Credentials.Basic(decode(parts[0]), parts.length == 1 ? "" : decode(parts[1]));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
