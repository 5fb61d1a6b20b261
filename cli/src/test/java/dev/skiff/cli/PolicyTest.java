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

/** What a policy about signatures lets be pulled and run. */
@Tag("slow")
class PolicyTest {
    @TempDir
    private Path directory;

    private TestRegistry registry;
    private Skiff skiff;
    private String reference;
    private String policy;

    @BeforeEach
    void prepare() {
        registry = TestRegistry.start();
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY").with("COSIGN_PASSWORD", "secret");
        reference = registry.address() + "/app:v1";
        skiff.run("registry", "push", Guests.file("hello-c"), reference);
        skiff.run("keygen", directory.resolve("ada").toString());
        policy = skiff.file("policy.toml", """
                [default]
                require = "reject"

                [[rule]]
                repository = "%s/app"
                require = "signed"
                keys = ["ada.pub"]
                """.formatted(registry.address()));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private void sign() {
        Skiff.Result result = skiff.run("sign", "--key", directory + "/ada.key", reference);
        assertThat(result.status()).as(result.err()).isZero();
    }

    private void place(String file) throws IOException {
        Path target = directory.resolve(file);
        Files.createDirectories(target.getParent());
        Files.writeString(target, Files.readString(Path.of(policy)).replace("ada.pub", directory + "/ada.pub"));
    }

    private static final String UNSIGNED = "REGISTRY/app@sha256:... is not signed as the rule for REGISTRY/app"
            + " (policy.toml, line 4) asks: a signature by the key ada.pub (ECDSA P-256, ...) is missing; it has no signatures at all\n";

    @Test
    void whatIsNotSignedIsNeitherPulledNorRun() {
        assertThat(skiff.run("registry", "pull", "--policy", policy, reference).masked())
                .isEqualTo(new Skiff.Result(1, "", "skiff: " + UNSIGNED));
        assertThat(skiff.run("run", "--policy", policy, reference).masked())
                .isEqualTo(new Skiff.Result(126, "", "skiff: cannot run REGISTRY/app:v1: " + UNSIGNED));
        assertThat(skiff.run("verify", "--policy", policy, reference).masked())
                .isEqualTo(new Skiff.Result(1, "", "skiff: " + UNSIGNED));
        assertThat(skiff.run("images", "ls").out()).doesNotContain("app");
    }

    @Test
    void whatNoRuleIsForIsWhatTheDefaultSays() {
        String other = registry.address() + "/other:v1";
        skiff.run("registry", "copy", reference, other);

        assertThat(skiff.run("run", "--policy", policy, other).masked())
                .isEqualTo(new Skiff.Result(
                        126,
                        "",
                        "skiff: cannot run REGISTRY/other:v1: REGISTRY/other@sha256:... is rejected by the default"
                                + " (policy.toml, line 1)\n"));
    }

    @Test
    void thePolicyIsTheOneThatTheEnvironmentNamesOrThatOfTheUser() throws IOException {
        place("home/.config/skiff/policy.toml");
        assertThat(skiff.run("run", reference).status()).isEqualTo(126);
        place("xdg/skiff/policy.toml");
        skiff.with("XDG_CONFIG_HOME", directory.resolve("xdg").toString());
        assertThat(skiff.run("run", reference).err()).contains("(xdg/skiff/policy.toml, line 4)");
        skiff.with("SKIFF_POLICY", policy);
        assertThat(skiff.run("run", reference).err()).contains("(policy.toml, line 4)");
        String accept = skiff.file("accept.toml", "default.require = 'accept'\n");
        assertThat(skiff.run("run", "--policy", accept, reference).status()).isZero();
    }

    @Test
    void whatWasPulledBeforeThePolicyIsCheckedWhenItRuns() {
        assertThat(skiff.run("run", reference).status()).isZero();
        skiff.with("SKIFF_POLICY", policy);

        assertThat(skiff.run("run", reference).status()).isEqualTo(126);
        assertThat(skiff.run("inspect", reference).status()).isEqualTo(126);
        assertThat(skiff.run("compile", "--pull=never", reference).status()).isEqualTo(126);
        sign();
        assertThat(skiff.run("run", "--pull=never", reference).status()).isZero();
    }

    @Test
    void whatWasAcceptedRunsWithoutTheRegistry() {
        sign();
        skiff.with("SKIFF_POLICY", policy);
        assertThat(skiff.run("registry", "pull", reference).status()).isZero();

        registry.close();

        assertThat(skiff.run("run", reference, "x"))
                .isEqualTo(new Skiff.Result(0, "hello from C, arguments [x], GREETING not set\n", ""));
    }

    @Test
    void underAnotherRuleItIsCheckedAnew() {
        sign();
        skiff.run("run", "--policy", policy, reference);
        skiff.run("keygen", directory.resolve("eve").toString());
        String stricter = skiff.file("stricter.toml", """
                [default]
                require = "signed"
                keys = ["ada.pub", "eve.pub"]
                threshold = "all"
                """);

        assertThat(skiff.run("run", "--policy", stricter, reference).err())
                .contains("a signature by the key eve.pub (")
                .doesNotContain("ada.pub (");
        assertThat(skiff.run("run", "--policy", policy, reference).status()).isZero();
    }

    @Test
    void aPolicyThatIsBrokenStopsEverything() {
        skiff.run("registry", "pull", reference);
        String broken = skiff.file("broken.toml", "[default]\nrequire = \"sometimes\"\n");
        String sentence = "the policy broken.toml, line 2, column 1: require is \"sometimes\" and must be \"accept\","
                + " \"reject\" or \"signed\"\n";
        skiff.with("SKIFF_POLICY", broken);

        assertThat(skiff.run("registry", "pull", reference)).isEqualTo(new Skiff.Result(1, "", "skiff: " + sentence));
        assertThat(skiff.run("run", reference))
                .isEqualTo(new Skiff.Result(126, "", "skiff: cannot run REGISTRY/app:v1: " + sentence));
        assertThat(skiff.run("inspect", reference))
                .isEqualTo(new Skiff.Result(126, "", "skiff: cannot inspect REGISTRY/app:v1: " + sentence));
        assertThat(skiff.run("verify", reference)).isEqualTo(new Skiff.Result(1, "", "skiff: " + sentence));
        skiff.with("SKIFF_POLICY", directory.resolve("no.toml").toString());
        assertThat(skiff.run("run", reference))
                .isEqualTo(new Skiff.Result(
                        126, "", "skiff: cannot run REGISTRY/app:v1: there is no policy file no.toml\n"));
        assertThat(skiff.run("registry", "pull", "--policy", "/", reference))
                .isEqualTo(new Skiff.Result(1, "", "skiff: the policy file / cannot be read: Is a directory\n"));
    }
}
