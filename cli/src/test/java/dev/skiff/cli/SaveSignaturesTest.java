package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code skiff save --signatures}: a site without a network enforces a policy. */
@Tag("slow")
class SaveSignaturesTest {
    @TempDir
    private Path directory;

    private TestRegistry registry;
    private Skiff skiff;
    private String reference;

    @BeforeEach
    void prepare() {
        registry = TestRegistry.start();
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY").with("COSIGN_PASSWORD", "secret");
        reference = registry.address() + "/app:v1";
        succeed("registry", "push", "-q", Guests.file("hello-c"), reference);
        succeed("registry", "pull", "-q", reference);
        succeed("keygen", path("ada"));
        succeed("keygen", path("eve"));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private Skiff.Result succeed(String... arguments) {
        Skiff.Result result = skiff.run(arguments);
        assertThat(result.status()).as(result.err()).isZero();
        return result;
    }

    /** From now on there is no registry, and nothing in the store. */
    private void elsewhere() {
        registry.close();
        skiff.with("SKIFF_STORE", path("elsewhere"));
    }

    private String policy(String key) {
        return skiff.file(key + ".toml", "[default]\nrequire = \"signed\"\nkeys = [\"" + key + ".pub\"]\n");
    }

    private static final Skiff.Result HELLO =
            new Skiff.Result(0, "hello from C, arguments [x], GREETING not set\n", "");

    @ParameterizedTest
    @CsvSource({"tag, app.tar", "referrer, app.tar", "bundle, app.tar", "tag, app/", "bundle, app/"})
    void aSiteWithoutANetworkRunsWhatIsSignedAndNothingElse(String form, String file) {
        succeed("sign", "--key", path("ada.key"), "--form", form, reference);
        assertThat(skiff.run("save", "--signatures", "-o", directory + "/" + file, reference))
                .isEqualTo(new Skiff.Result(0, "", ""));
        elsewhere();

        assertThat(succeed("load", path(file)).out())
                .matches("REGISTRY/app:v1 is sha256:[0-9a-f]{64} \\(wasm, .*\\)\n");
        assertThat(succeed("images", "ls", "--format", "json").out()).containsOnlyOnce("\"reference\"");
        assertThat(skiff.run("run", "--policy", policy("eve"), reference))
                .satisfies(result -> assertThat(result.status()).isEqualTo(126))
                .satisfies(result ->
                        assertThat(result.err()).contains("it is by none of the keys that may sign", "did not tell"));
        assertThat(skiff.run("run", "--policy", policy("ada"), reference, "x")).isEqualTo(HELLO);
        succeed("images", "prune");
        assertThat(skiff.run("run", "--pull=never", "--policy", policy("ada"), reference, "x"))
                .isEqualTo(HELLO);
    }

    @Test
    void loadAsksThePolicyToo() throws IOException {
        succeed("sign", "--key", path("ada.key"), reference);
        succeed("save", "--signatures", "-o", path("signed.tar"), reference);
        elsewhere();
        skiff.with("SKIFF_POLICY", policy("eve"));

        Skiff.Result refused = skiff.run("load", path("signed.tar"));
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .contains("skiff: REGISTRY/app@sha256:", "(eve.toml, line 1) asks", "it is by none of the keys");
        assertThat(skiff.run("images", "ls").out()).doesNotContain("app");

        succeed("load", "--policy", policy("ada"), path("signed.tar"));
        // What load accepted is not verified once more: its signatures need not even be here.
        try (var links = Files.walk(directory.resolve("elsewhere/signatures"))) {
            for (Path link : links.filter(Files::isRegularFile).toList()) {
                Files.delete(link);
            }
        }
        assertThat(skiff.run("run", "--policy", policy("ada"), reference, "x")).isEqualTo(HELLO);
    }

    @Test
    void withoutSignaturesThePolicyWantsTheRegistry() {
        succeed("sign", "--key", path("ada.key"), reference);
        succeed("save", "-o", path("app.tar"), reference);
        skiff.with("SKIFF_STORE", path("elsewhere"));
        succeed("load", path("app.tar"));

        assertThat(skiff.run("run", "--policy", policy("ada"), reference, "x")).isEqualTo(HELLO);

        elsewhere();
        succeed("load", path("app.tar"));
        assertThat(skiff.run("run", "--policy", policy("ada"), reference, "x"))
                .satisfies(result -> assertThat(result.status()).isEqualTo(126))
                .satisfies(result -> assertThat(result.err()).contains("the registry did not tell"));
    }

    @Test
    void whatWasLoadedIsSavedAgainWithoutTheRegistry() {
        succeed("sign", "--key", path("ada.key"), reference);
        succeed("save", "--signatures", "-o", path("one.tar"), reference);
        elsewhere();
        succeed("load", path("one.tar"));
        succeed("save", "-o", path("two.tar"), reference);

        assertThat(directory.resolve("two.tar")).hasSameBinaryContentAs(directory.resolve("one.tar"));
        skiff.with("SKIFF_STORE", path("third"));
        succeed("load", "--policy", policy("ada"), path("two.tar"));
    }

    @Test
    void aNameIsGivenToTheImageAndNotToItsSignatures() {
        succeed("sign", "--key", path("ada.key"), reference);
        succeed("save", "--signatures", "-o", path("app.tar"), reference);
        elsewhere();

        assertThat(succeed("load", "--name", "local.example/app", path("app.tar"))
                        .out())
                .startsWith("local.example/app:latest is sha256:");
        assertThat(skiff.run("run", "--policy", policy("ada"), "local.example/app", "x"))
                .isEqualTo(HELLO);
    }

    @Test
    void whatHasNoSignaturesIsSavedAndSaid() {
        assertThat(skiff.run("save", "--signatures", "-o", path("app.tar"), reference))
                .isEqualTo(new Skiff.Result(0, "", "skiff: the registry has no signatures of REGISTRY/app:v1\n"));
        assertThat(directory.resolve("app.tar")).exists();
    }

    @Test
    void withoutTheRegistryNothingIsSaved() {
        registry.close();

        Skiff.Result result = skiff.run("save", "--signatures", "-o", path("app.tar"), reference);

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("skiff: cannot get the signatures of REGISTRY/app:v1: cannot get the manifest sha256-")
                .contains("connection")
                .endsWith("; nothing was saved\n");
        assertThat(directory.resolve("app.tar")).doesNotExist();
        assertThat(skiff.run("save", "-o", path("app.tar"), reference).status()).isZero();
    }
}
