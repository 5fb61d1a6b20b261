package dev.skiff.oci.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

class TestRegistryTest {
    private static final byte[] CONTENT = "some content".getBytes(StandardCharsets.UTF_8);

    @Test
    void keepsWhatIsPushedUntilItIsClosed() throws IOException {
        Path folder;
        try (TestRegistry registry = TestRegistry.start()) {
            String digest = registry.raw().putBlob("tools/hello", CONTENT);
            HttpResponse<byte[]> pulled = registry.raw().get("/v2/tools/hello/blobs/" + digest);
            assertThat(pulled.statusCode()).isEqualTo(200);
            assertThat(pulled.body()).isEqualTo(CONTENT);
            folder = registry.content();
            assertThat(folder).isDirectory();
        }
        assertThat(Files.exists(folder.getParent())).isFalse();
    }

    @Test
    void blobsCanBeDeleted() throws IOException {
        try (TestRegistry registry = TestRegistry.start()) {
            String path = "/v2/a/blobs/" + registry.raw().putBlob("a", CONTENT);
            assertThat(registry.raw().send("DELETE", path, new byte[0]).statusCode())
                    .isEqualTo(202);
            assertThat(registry.raw().get(path).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void basicAuthenticationWantsThePassword() throws IOException {
        try (TestRegistry registry = TestRegistry.builder()
                .basicAuth("ann", "secret")
                .basicAuth("bob", "other")
                .start()) {
            HttpResponse<byte[]> refused = registry.raw().get("/v2/");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"test\"");
            assertThat(registry.raw().as("ann", "wrong").get("/v2/").statusCode())
                    .isEqualTo(401);
            assertThat(registry.raw().as("ann", "secret").get("/v2/").statusCode())
                    .isEqualTo(200);
            assertThat(registry.raw().as("bob", "other").get("/v2/").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void tlsIsTrustedByThoseWhoTrustTheAuthority() throws IOException {
        CertificateAuthority authority = CertificateAuthority.create("a test");
        try (TestRegistry registry = TestRegistry.builder().tls(authority).start()) {
            assertThat(registry.uri().getScheme()).isEqualTo("https");
            assertThat(registry.raw().get("/v2/").statusCode()).isEqualTo(200);
            RawRegistry stranger = RawRegistry.at(
                    registry.uri(), CertificateAuthority.create("another").trust());
            assertThatExceptionOfType(SSLException.class).isThrownBy(() -> stranger.get("/v2/"));
        }
    }

    @Test
    void certificatesCanBeWrong() throws IOException {
        CertificateAuthority authority = CertificateAuthority.create("a test");
        Identity expired = authority.issueUntil(Instant.now().minusSeconds(60), "localhost", "127.0.0.1");
        try (TestRegistry registry =
                TestRegistry.builder().tls(authority, expired).start()) {
            assertThatIOException()
                    .isThrownBy(() -> registry.raw().get("/v2/"))
                    .havingRootCause()
                    .withMessageContaining("NotAfter");
        }
        try (TestRegistry registry = TestRegistry.builder()
                .tls(authority, authority.issue("registry.example"))
                .start()) {
            assertThatIOException()
                    .isThrownBy(() -> registry.raw().get("/v2/"))
                    .havingRootCause()
                    .withMessageContaining("127.0.0.1");
        }
    }

    @Test
    void mirrorsPullWhatTheyHaveNot() throws IOException {
        try (TestRegistry upstream = TestRegistry.start();
                TestRegistry mirror =
                        TestRegistry.builder().mirrorOf(upstream.uri()).start()) {
            String path = "/v2/a/blobs/" + upstream.raw().putBlob("a", CONTENT);
            assertThat(mirror.raw().get(path).body()).isEqualTo(CONTENT);
        }
    }

    @Test
    void showsItsLogWhenItDoesNotStart() {
        Tool.DOCKER_REGISTRY.require();
        CertificateAuthority authority = CertificateAuthority.create("a test");
        Identity mixed = new Identity(
                authority.issueLocalhost().certificate(),
                authority.issueLocalhost().key());
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> TestRegistry.builder().tls(authority, mixed).start())
                .withMessageContaining("did not start")
                .withMessageContaining("private key does not match");
    }
}
