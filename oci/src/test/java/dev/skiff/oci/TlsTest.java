package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.CertificateAuthority;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.Identity;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom we trust, and where we do without TLS. */
class TlsTest {
    private static final byte[] MODULE = Modules.withPadding(100);
    private static final RegistryOptions QUICK =
            RegistryOptions.DEFAULT.withPatience(2, Duration.ofMillis(10), Duration.ofSeconds(5));

    private static CertificateAuthority authority;

    @TempDir
    private Path directory;

    private Store store;

    @BeforeAll
    static void create() {
        authority = CertificateAuthority.create("private");
    }

    @BeforeEach
    void open() {
        store = Store.at(directory.resolve("store"));
    }

    private void assertRefused(Identity identity, RegistryOptions options, String reason) {
        try (TestRegistry server =
                        TestRegistry.builder().tls(authority, identity).start();
                Registry registry = new Registry(options)) {
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, server.address() + "/app", store))
                    .withMessageContaining("the certificate of " + server.address() + " " + reason)
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.TLS));
        }
    }

    @Test
    void aPrivateAuthorityIsTrustedIfItIsNamed() {
        Path ca = authority.writeTo(directory);
        try (TestRegistry server = TestRegistry.builder().tls(authority).start();
                Registry registry = new Registry(QUICK.withAuthority(ca))) {
            Images.push(registry, MODULE, server.address() + "/app");
            assertThat(Images.module(store, Images.pull(registry, server.address() + "/app", store)))
                    .isEqualTo(MODULE);
        }
    }

    @Test
    void aPrivateAuthorityIsTrustedForTheRegistryWhoseFolderHasIt() throws IOException {
        try (TestRegistry server = TestRegistry.builder().tls(authority).start();
                TestRegistry other = TestRegistry.builder().tls(authority).start();
                Registry registry = new Registry(QUICK.withCertificateFolders(
                        List.of(directory.resolve("none"), directory.resolve("certs.d"))))) {
            Path folder = Files.createDirectories(directory.resolve("certs.d").resolve(server.address()));
            Files.move(authority.writeTo(directory), folder.resolve("ca.crt"));
            Files.writeString(folder.resolve("client.cert"), "not looked at");
            Images.push(registry, MODULE, server.address() + "/app");

            assertThat(Images.module(store, Images.pull(registry, server.address() + "/app", store)))
                    .isEqualTo(MODULE);
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, other.address() + "/app", store))
                    .withMessageContaining("is of no authority that this machine trusts");
        }
    }

    @Test
    void whatIsSaidToBeInsecureNeedNotProveItself() throws IOException {
        try (TestRegistry server = TestRegistry.builder()
                        .tls(authority, authority.issue("elsewhere.test"))
                        .start();
                TestRegistry plain = TestRegistry.start();
                TestRegistry other = TestRegistry.builder().tls(authority).start()) {
            Path conf = Files.writeString(
                    directory.resolve("registries.conf"),
                    "[[registry]]\nlocation = \"" + server.address()
                            + "\"\ninsecure = true\n[[registry]]\nlocation = \"" + plain.address()
                            + "\"\ninsecure = true\n");
            try (Registry registry = new Registry(QUICK.withMirrors(conf))) {
                for (TestRegistry insecure : List.of(server, plain)) {
                    Images.push(registry, MODULE, insecure.address() + "/app");
                    assertThat(Images.module(store, Images.pull(registry, insecure.address() + "/app", store)))
                            .isEqualTo(MODULE);
                }
                assertThatExceptionOfType(OciException.class)
                        .isThrownBy(() -> Images.pull(registry, other.address() + "/app", store))
                        .withMessageContaining("is of no authority that this machine trusts");
            }
        }
    }

    @Test
    void certificatesThatAreNotGoodAreRefusedWithTheReason() {
        RegistryOptions trusting = QUICK.withAuthority(authority.writeTo(directory));
        assertRefused(authority.issueLocalhost(), QUICK, "is of no authority that this machine trusts; --ca FILE");
        assertRefused(authority.issue("elsewhere.test"), trusting, "is for another host");
        assertRefused(
                authority.issueUntil(Instant.now().minusSeconds(3600), "localhost", "127.0.0.1"),
                trusting,
                "is not valid now");
    }

    @Test
    void filesWithoutACertificateAreNamed() throws IOException {
        for (String text : new String[] {"", "hello"}) {
            Path file = Files.writeString(directory.resolve("ca.pem"), text);
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> new Registry(QUICK.withAuthority(file)).close())
                    .withMessageContaining(file.toString());
        }
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> new Registry(QUICK.withAuthority(directory.resolve("none"))).close())
                .withMessageContaining("none");
    }

    @Test
    void aDamagedCertificateIsNamedWhenItIsNeeded() throws IOException {
        Path file = Files.writeString(
                directory.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n");
        try (Registry registry = new Registry(QUICK.withAuthority(file))) {
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> registry.ping("registry.invalid"))
                    .withMessageContaining(file.toString());
        }
    }

    @Test
    void registriesOfThisMachineMayDoWithoutTls() {
        try (TestRegistry server = TestRegistry.start();
                Registry registry = new Registry(QUICK)) {
            String local = server.address().replace("127.0.0.1", "localhost");
            Images.push(registry, MODULE, local + "/app");
            assertThat(Images.module(store, Images.pull(registry, local + "/app", store)))
                    .isEqualTo(MODULE);
        }
    }

    /** A server that hangs up at what is not HTTP. */
    @Test
    void registriesOfThisMachineMayHangUpAtTls() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Registry registry = new Registry(QUICK)) {
            Thread.ofVirtual().start(() -> {
                while (!socket.isClosed()) {
                    try (java.net.Socket client = socket.accept()) {
                        int first = client.getInputStream().read();
                        if (first == 'G') {
                            client.getOutputStream().write("HTTP/1.0 418 Tea\r\n\r\n".getBytes());
                        }
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> registry.ping("127.0.0.1:" + socket.getLocalPort()))
                    .withMessageContaining("(418)");
        }
    }

    /** A bug: a registry that was down for a moment was spoken to with TLS from then on. */
    @Test
    void whetherThereIsTlsIsFoundOutWhenTheRegistryIsUp() throws IOException {
        try (Registry registry = new Registry(QUICK)) {
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> registry.ping("127.0.0.1:" + port))
                    .withMessageContaining("refuses connections");
            com.sun.net.httpserver.HttpServer server = com.sun.net.httpserver.HttpServer.create(
                    new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            try {
                registry.ping("127.0.0.1:" + port);
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    void othersAreToldToUseTlsOrToBeAskedWithoutIt() {
        try (TestRegistry server = TestRegistry.start();
                Registry registry = new Registry(QUICK)) {
            // An address of this machine that does not look like one.
            String other = server.address().replace("127.0.0.1", "[::ffff:7f00:1]");
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, other + "/app", store))
                    .withMessageContaining(other + " does not speak TLS; --plain-http asks it without")
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.TLS));
        }
    }

    @Test
    void redirectsDoNotLeaveTls() throws IOException {
        try (FaultProxy target = FaultProxy.before(java.net.URI.create("http://127.0.0.1:1"))) {
            assertThat(Endpoint.safe(java.net.URI.create("https://x.test/v2/"), target.uri() + "/blob"))
                    .isEmpty();
            assertThat(Endpoint.safe(java.net.URI.create("https://x.test/v2/"), "/blob"))
                    .contains(java.net.URI.create("https://x.test/blob"));
        }
    }

    @Test
    void hostsThatNobodyCanHaveAreRefused() {
        try (Registry registry = new Registry(QUICK)) {
            for (String host : new String[] {"registry.1", "[:::::]", "[::1::2]:5"}) {
                assertThatExceptionOfType(OciException.class)
                        .as(host)
                        .isThrownBy(() -> Images.pull(registry, host + "/app", store))
                        .withMessageContaining(host);
            }
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, "registry.invalid/app", store))
                    .withMessageContaining("there is no host registry.invalid");
        }
    }
}
