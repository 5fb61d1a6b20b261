package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code skiff keygen}, {@code sign} and {@code verify}. */
@Tag("slow")
class SignTest {
    private static TestRegistry registry;

    @TempDir
    private Path directory;

    private Skiff skiff;
    private String reference;

    @BeforeAll
    static void start() {
        registry = TestRegistry.start();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY").with("COSIGN_PASSWORD", "secret");
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    /** Pushes a module that no other test pushes: signatures belong to digests. */
    private void push(String repository) {
        reference = registry.address() + "/" + repository + ":v1";
        String file = skiff.file("cat.wasm", TestModule.cat());
        skiff.run("registry", "push", "--annotation", "test=" + repository, file, reference);
    }

    private Skiff.Result keygen(String name) {
        return skiff.run("keygen", path(name));
    }

    private static Skiff.Result failure(int status, String sentence) {
        return new Skiff.Result(status, "", "skiff: " + sentence + "\n");
    }

    @Test
    void aPairOfKeysIsMadeOnce() throws IOException {
        assertThat(keygen("ada")).isEqualTo(new Skiff.Result(0, "wrote ada.key and ada.pub\n", ""));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("ada.key"))))
                .isEqualTo("rw-------");
        assertThat(directory.resolve("ada.key")).content().startsWith("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----");
        assertThat(directory.resolve("ada.pub")).content().startsWith("-----BEGIN PUBLIC KEY-----");
        assertThat(keygen("ada"))
                .isEqualTo(failure(1, "the key file ada.key exists already, and keys are never overwritten"));
        assertThat(keygen("no/ada"))
                .isEqualTo(failure(1, "the key file no/ada.key cannot be written: there is no such file or directory"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tag", "referrer", "bundle"})
    void whatIsSignedIsVerified(String form) {
        push("signed/" + form);
        keygen("ada");
        keygen("eve");

        Skiff.Result signed = skiff.run("sign", "--key", path("ada.key"), "--form", form, reference);
        Skiff.Result verified = skiff.run("verify", "--key", path("eve.pub"), "--key", path("ada.pub"), reference);
        Skiff.Result refused = skiff.run("verify", "--key", path("eve.pub"), reference);

        assertThat(signed.masked())
                .isEqualTo(new Skiff.Result(
                        0, "signed REGISTRY/signed/" + form + "@sha256:... with the key ada.key\n", ""));
        assertThat(verified.status()).isZero();
        assertThat(verified.out())
                .startsWith("REGISTRY/signed/" + form + ":v1 is accepted by the list of keys\n  ")
                .contains("is by the key ada.pub");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err())
                .startsWith("skiff: REGISTRY/signed/" + form)
                .contains("a signature by the key eve.pub", "it is by none of the keys that may sign");
    }

    @Test
    void annotationsHaveToBeThoseOfTheSignature() {
        push("annotated");
        keygen("ada");
        skiff.run("sign", "--key", path("ada.key"), "--annotation", "stage=test", reference);

        assertThat(skiff.run("verify", "--key", path("ada.pub"), "--annotation", "stage=test", reference)
                        .status())
                .isZero();
        assertThat(skiff.run("verify", "--key", path("ada.pub"), "--annotation", "stage=production", reference)
                        .err())
                .contains("its annotation stage is 'test' and must be 'production'");
        assertThat(skiff.run("verify", "--key", path("ada.pub"), "--annotation", "stage", reference))
                .isEqualTo(failure(2, "--annotation takes NAME=VALUE, not 'stage'"));
    }

    @Test
    void theDecisionIsAlsoThereAsJson() {
        push("json");
        keygen("ada");

        Skiff.Result unsigned = skiff.run("verify", "--format", "json", "--key", path("ada.pub"), reference);
        skiff.run("sign", "--key", path("ada.key"), reference);
        Skiff.Result signed = skiff.run("verify", "--format", "json", "--key", path("ada.pub"), reference);

        assertThat(unsigned.masked()).isEqualTo(new Skiff.Result(1, """
                {
                  "reference": "REGISTRY/json:v1",
                  "accepted": false,
                  "rule": "the list of keys",
                  "reason": "REGISTRY/json@sha256:... is not signed as the list of keys asks: a signature by the key ada.pub (ECDSA P-256, ...) is missing; it has no signatures at all",
                  "signatures": []
                }
                """, ""));
        assertThat(signed.status()).isZero();
        assertThat(signed.out())
                .startsWith("{\n  \"reference\": \"REGISTRY/json:v1\",\n  \"accepted\": true,\n")
                .contains("  \"signatures\": [\n    \"signature 1 of sha256-");
    }

    @Test
    void keysThatCannotBeUsedAreSaid() {
        push("keys");
        keygen("ada");

        assertThat(skiff.run("sign", reference)).isEqualTo(failure(2, "skiff sign needs a key: --key FILE"));
        assertThat(skiff.run("sign", "--key", path("no.key"), reference))
                .isEqualTo(failure(1, "there is no key file no.key"));
        assertThat(skiff.run("sign", "--key", path("ada.key"), "--form", "seal", reference))
                .isEqualTo(failure(2, "--form takes tag, referrer or bundle, not 'seal'"));
        assertThat(skiff.run("verify", reference))
                .isEqualTo(failure(2, "skiff verify needs a public key (--key FILE), or a policy (--policy FILE)"));
        assertThat(skiff.run("verify", "--key", skiff.file("text.pub", "hello\n"), reference)
                        .err())
                .startsWith("skiff: the key text.pub ");
        skiff.with("COSIGN_PASSWORD", "wrong");
        Skiff.Result wrong = skiff.run("sign", "--key", path("ada.key"), reference);
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err())
                .startsWith("skiff: the key ada.key ")
                .contains("password")
                .doesNotContain("Exception");
    }

    @Test
    void whatIsNotThereCannotBeSigned() {
        keygen("ada");

        assertThat(skiff.run("sign", "--key", path("ada.key"), registry.address() + "/no:v1"))
                .isEqualTo(
                        failure(
                                1,
                                "cannot get the manifest v1 of REGISTRY/no: REGISTRY does not have it (404): manifest unknown"));
    }
}
