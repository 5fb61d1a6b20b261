package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.testing.CertificateAuthority;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxies that variables name. */
class ProxyTest {
    private static final byte[] MODULE = Modules.withPadding(100_000);

    @TempDir
    private Path directory;

    /** Passes everything on to one server, whatever host is asked for: with CONNECT, or plain. One request per connection. */
    private static final class ForwardProxy implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final URI target;
        private final List<String> heads = new CopyOnWriteArrayList<>();
        private final Optional<Credentials.Basic> wanted;

        ForwardProxy(URI target) throws IOException {
            this(target, Optional.empty());
        }

        ForwardProxy(URI target, Optional<Credentials.Basic> wanted) throws IOException {
            this.target = target;
            this.wanted = wanted;
            Thread.ofVirtual().start(() -> {
                while (!socket.isClosed()) {
                    try {
                        Socket client = socket.accept();
                        Thread.ofVirtual().start(() -> serve(client));
                    } catch (IOException e) {
                        return;
                    }
                }
            });
        }

        String address() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        private void serve(Socket client) {
            try (client;
                    Socket server = new Socket(target.getHost(), target.getPort())) {
                StringBuilder head = new StringBuilder();
                InputStream in = client.getInputStream();
                while (head.indexOf("\r\n\r\n") < 0) {
                    int next = in.read();
                    if (next < 0) {
                        return;
                    }
                    head.append((char) next);
                }
                heads.add(head.toString());
                if (wanted.isPresent()
                        && head.indexOf("Proxy-Authorization: " + wanted.get().header()) < 0) {
                    String refusal = "HTTP/1.1 407 Who is it\r\nProxy-Authenticate: Basic realm=x\r\n"
                            + "Content-Length: 9\r\nConnection: close\r\n\r\nno entry\n";
                    client.getOutputStream().write(refusal.getBytes(StandardCharsets.US_ASCII));
                    return;
                }
                if (head.indexOf("CONNECT ") == 0) {
                    client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } else {
                    String plain = head.toString()
                            .replaceFirst(" http://[^/]+/", " /")
                            .replaceFirst("\r\n", "\r\nConnection: close\r\n");
                    server.getOutputStream().write(plain.getBytes(StandardCharsets.US_ASCII));
                }
                Thread up = Thread.ofVirtual().start(() -> pump(in, server));
                server.getInputStream().transferTo(client.getOutputStream());
                client.shutdownOutput();
                up.join(Duration.ofSeconds(1));
            } catch (IOException | InterruptedException e) {
                // The connection ends.
                return;
            }
        }

        private static void pump(InputStream in, Socket to) {
            try {
                OutputStream out = to.getOutputStream();
                in.transferTo(out);
                to.shutdownOutput();
            } catch (IOException e) {
                // The connection ends.
                return;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static RegistryOptions options(Map<String, String> environment) {
        return RegistryOptions.DEFAULT
                .withEnvironment(environment)
                .withPatience(2, Duration.ofMillis(10), Duration.ofSeconds(5));
    }

    @Test
    void plainRequestsGoThroughTheProxy() throws IOException {
        try (TestRegistry server = TestRegistry.start();
                ForwardProxy proxy = new ForwardProxy(server.uri());
                Registry direct = new Registry(RegistryOptions.DEFAULT);
                Registry registry =
                        new Registry(options(Map.of("http_proxy", "http://us%2Fer:p%40ss+@" + proxy.address()))
                                .withPlainHttp(true))) {
            Images.push(direct, MODULE, server.address() + "/app");
            Store store = Store.at(directory.resolve("store"));

            StoredImage image = Images.pull(registry, "registry.test:5000/app", store);

            assertThat(Images.module(store, image)).isEqualTo(MODULE);
            String basic = new Credentials.Basic("us/er", "p@ss+").header();
            assertThat(proxy.heads)
                    .isNotEmpty()
                    .allMatch(head -> head.contains("GET http://registry.test:5000/v2/app/"))
                    .allMatch(head -> head.contains("Proxy-Authorization: " + basic));
        }
    }

    @Test
    void tlsGoesThroughATunnel() throws IOException {
        CertificateAuthority authority = CertificateAuthority.create("private");
        try (TestRegistry server = TestRegistry.builder()
                        .tls(authority, authority.issue("registry.test", "127.0.0.1"))
                        .start();
                ForwardProxy proxy = new ForwardProxy(server.uri());
                Registry direct = new Registry(RegistryOptions.DEFAULT.withAuthority(authority.writeTo(directory)));
                Registry registry = new Registry(
                        options(Map.of("HTTPS_PROXY", proxy.address())).withAuthority(directory.resolve("ca.pem")))) {
            Images.push(direct, MODULE, server.address() + "/app");
            Store store = Store.at(directory.resolve("store"));

            StoredImage image = Images.pull(registry, "registry.test/app", store);

            assertThat(Images.module(store, image)).isEqualTo(MODULE);
            assertThat(proxy.heads).isNotEmpty().allMatch(head -> head.startsWith("CONNECT registry.test:443 "));
        }
    }

    @Test
    void aTunnelIsOpenedWithAPassword() throws IOException {
        CertificateAuthority authority = CertificateAuthority.create("private");
        try (TestRegistry server = TestRegistry.builder()
                        .tls(authority, authority.issue("registry.test", "127.0.0.1"))
                        .start();
                ForwardProxy proxy =
                        new ForwardProxy(server.uri(), Optional.of(new Credentials.Basic("us/er", "p@ss+")));
                Registry direct = new Registry(RegistryOptions.DEFAULT.withAuthority(authority.writeTo(directory)));
                Registry known =
                        new Registry(options(Map.of("HTTPS_PROXY", "http://us%2Fer:p%40ss+@" + proxy.address()))
                                .withAuthority(directory.resolve("ca.pem")));
                Registry unknown = new Registry(options(Map.of("HTTPS_PROXY", proxy.address())))) {
            Images.push(direct, MODULE, server.address() + "/app");
            Store store = Store.at(directory.resolve("store"));

            StoredImage image = Images.pull(known, "registry.test/app", store);

            assertThat(Images.module(store, image)).isEqualTo(MODULE);
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(unknown, "registry.test/app", store))
                    .withMessageContaining("the proxy wants to know who asks (407)")
                    .withMessageContaining("HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT");
        }
    }

    @Test
    void thisMachineIsAskedDirectly() {
        try (TestRegistry server = TestRegistry.start();
                Registry registry =
                        new Registry(options(Map.of("HTTP_PROXY", "127.0.0.1:1", "ALL_PROXY", "127.0.0.1:1"))
                                .withPlainHttp(true))) {
            Images.push(registry, MODULE, server.address() + "/app");
        }
    }

    @Test
    void aProxyThatIsDownIsNamed() {
        try (Registry registry = new Registry(options(Map.of("HTTPS_PROXY", "http://127.0.0.1:1")))) {
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, "registry.test/app", Store.at(directory)))
                    .withMessageContaining("the proxy 127.0.0.1:1 refuses connections");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "registry.test|registry.test|false",
                "registry.test|REGISTRY.test:443|false",
                "registry.test:5000|registry.test:443|true",
                "a.registry.test|registry.test|false",
                "a.registry.test|.test|false",
                "a.registry.test|*.test|false",
                "registry.test|.registry.test|false",
                "notregistry.test|registry.test|true",
                "registry.test|*|false",
                "registry.test|other,, registry.test|false",
                "10.1.2.3:5000|10.0.0.0/8|false",
                "11.1.2.3:5000|10.0.0.0/8|true",
                "10.1.2.3:5000|10.1.2.3|false",
                "[fd00::1]:5000|fd00::/16|false",
                "registry.test|10.0.0.0/8|true",
                "10.1.2.3|10.0.0.0/99|true",
                "localhost:5000|none|false",
                "127.0.0.1|none|false",
                "[::1]|none|false"
            })
    void exceptionsAreAskedDirectly(String host, String exceptions, boolean proxied) {
        EnvironmentProxies proxies =
                new EnvironmentProxies(Map.of("https_proxy", "proxy.test:3128", "NO_PROXY", exceptions));

        String authority = host.matches(".*:\\d+") ? host : host + ":443";
        assertThat(proxies.proxy(URI.create("https://" + authority + "/v2/")).isPresent())
                .isEqualTo(proxied);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://x:1", "http://", "http://x:99999", "a b"})
    void whatIsNoProxyIsRefusedByItsVariable(String value) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> new Registry(options(Map.of("HTTPS_PROXY", value))).close())
                .withMessageContaining("HTTPS_PROXY");
    }
}
