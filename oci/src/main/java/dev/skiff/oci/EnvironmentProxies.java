package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The proxies that {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY} name, in either case. Not used for this machine. */
final class EnvironmentProxies extends ProxySelector {
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

    @Override
    public List<Proxy> select(URI uri) {
        return List.of(chosen(uri)
                .map(proxy -> new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port(proxy))))
                .orElse(Proxy.NO_PROXY));
    }

    private Optional<URI> chosen(URI uri) {
        Optional<URI> proxy = uri.getScheme().equals("https") ? https : http;
        return proxy.filter(any -> !isException(uri.getHost(), uri.getPort()));
    }

    private static int port(URI proxy) {
        return proxy.getPort() < 0 ? 80 : proxy.getPort();
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

    /** Host and port of the proxy for an address, if there is one. */
    Optional<String> name(URI uri) {
        return chosen(uri).map(proxy -> proxy.getHost() + ":" + port(proxy));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // Whoever made the request says so.
    }

    /**
     * Who we say to be to the proxy for an address, if its variable says it. An {@link java.net.Authenticator} would be asked by the
     * JDK for registries too, and make failures of their challenges.
     */
    Optional<String> authorization(URI uri) {
        return chosen(uri).map(URI::getRawUserInfo).map(EnvironmentProxies::basic);
    }

    private static String basic(String userInfo) {
        String[] parts = userInfo.split(":", 2);
        return new Credentials.Basic(decode(parts[0]), parts.length == 1 ? "" : decode(parts[1])).header();
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
