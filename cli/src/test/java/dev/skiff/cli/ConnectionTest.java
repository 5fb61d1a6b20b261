package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.CertificateAuthority;
import dev.skiff.oci.testing.TestRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom Skiff trusts, and where it asks. */
class ConnectionTest {
    @TempDir
    private Path directory;

    private Skiff skiff;

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory);
    }

    private String cat() {
        return skiff.file("cat.wasm", TestModule.cat());
    }

    @Test
    void aPrivateAuthorityIsTrustedWhereItIsNamed() {
        CertificateAuthority authority = CertificateAuthority.create("harbour");
        String file = authority.writeTo(directory).toString();
        try (TestRegistry registry = TestRegistry.builder().tls(authority).start()) {
            skiff.hiding(registry.address(), "REGISTRY");
            String reference = registry.address() + "/app:v1";

            assertThat(skiff.run("registry", "push", cat(), reference).err())
                    .endsWith(
                            ": the certificate of REGISTRY is of no authority that this machine trusts; --ca FILE trusts"
                                    + " one\n");
            assertThat(skiff.run("registry", "push", "--ca", file, cat(), reference)
                            .status())
                    .isZero();
            assertThat(skiff.run("run", "--ca", file, reference).status()).isZero();
            skiff.with("SSL_CERT_FILE", file);
            assertThat(skiff.run("registry", "pull", reference).status()).isZero();
        }
    }

    @Test
    void anAuthorityThatIsNoneIsSaid() {
        String text = skiff.file("text.pem", "hello\n");

        assertThat(skiff.run("registry", "pull", "--ca", directory + "/no.pem", "localhost:1/app"))
                .isEqualTo(new Skiff.Result(1, "", "skiff: cannot read no.pem: there is no such file or directory\n"));
        assertThat(skiff.run("registry", "pull", "--ca", text, "localhost:1/app")
                        .err())
                .startsWith("skiff: the file text.pem has no certificate");
    }

    @Test
    void mirrorsAreAskedFirstAndTheOriginWhereTheyFail() {
        try (TestRegistry mirror = TestRegistry.start();
                TestRegistry origin = TestRegistry.start()) {
            skiff.hiding(mirror.address(), "MIRROR").hiding(origin.address(), "ORIGIN");
            skiff.run("registry", "push", Guests.file("hello-c"), mirror.address() + "/copies/app:v1");
            skiff.run("registry", "push", Guests.file("hello-zig"), origin.address() + "/app:v2");
            String file = skiff.file("registries.conf", """
                    [[registry]]
                    prefix = "registry.example"
                    location = "%s"
                    insecure = true
                    [[registry.mirror]]
                    location = "%s/copies"
                    insecure = true
                    """.formatted(origin.address(), mirror.address()));
            skiff.with("CONTAINERS_REGISTRIES_CONF", file);

            assertThat(skiff.run("run", "registry.example/app:v1").out()).startsWith("hello from C");
            assertThat(skiff.run("run", "registry.example/app:v2"))
                    .isEqualTo(new Skiff.Result(
                            0,
                            "hello from Zig, arguments [], GREETING not set\n",
                            "skiff: cannot get the manifest v2 of MIRROR/copies/app: MIRROR does not have it (404):"
                                    + " manifest unknown; asking elsewhere\n"));
            assertThat(skiff.run("images", "ls").out())
                    .contains("registry.example/app:v1")
                    .doesNotContain("MIRROR");
        }
    }

    @Test
    void aRegistryThatIsBlockedIsNotAsked() {
        skiff.with("CONTAINERS_REGISTRIES_CONF", skiff.file("registries.conf", """
                [[registry]]
                prefix = "registry.example"
                blocked = true
                """));

        assertThat(skiff.run("run", "registry.example/app:v1"))
                .isEqualTo(new Skiff.Result(
                        126,
                        "",
                        "skiff: cannot run registry.example/app:v1: the registry of registry.example/app is blocked by"
                                + " registry.example in registries.conf\n"));
    }

    @Test
    void aFileOfMirrorsThatIsBrokenIsSaid() {
        skiff.with("CONTAINERS_REGISTRIES_CONF", skiff.file("registries.conf", "[[registry\n"));

        assertThat(skiff.run("registry", "pull", "registry.example/app:v1").err())
                .startsWith("skiff: the file registries.conf is no TOML: ");
    }
}
