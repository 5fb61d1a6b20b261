package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.TrustDecision.Accepted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies in files: what they say, and what they must not. */
class SignaturePolicyTest {
    private static final SigningKey KEY = SigningKey.generate();

    @TempDir
    private Path folder;

    @BeforeEach
    void writeKey() throws IOException {
        Files.createDirectory(folder.resolve("keys"));
        Files.write(folder.resolve("keys/a.pub"), KEY.publicKey().pem());
        Files.write(folder.resolve("keys/a.key"), Pem.write(SigningKey.LABEL, "{}".getBytes(UTF_8)));
    }

    @Test
    void theMostSpecificRuleDecidesWhereverItStands() throws IOException {
        SignaturePolicy policy = load("""
                [[rule]]
                repository = "**"
                require = "reject"
                [[rule]]
                repository = "ghcr.io/acme/app"
                require = "signed"
                keys = ["keys/a.pub"]
                [[rule]]
                repository = "ghcr.io/acme/*"
                require = "reject"
                [[rule]]
                repository = "ghcr.io/**"
                require = "accept"
                """);

        assertThat(policy.rule("ghcr.io/acme/app").title()).contains("the rule for ghcr.io/acme/app (", ", line 4)");
        assertThat(policy.rule("ghcr.io/acme/x").title()).contains("ghcr.io/acme/*", "line 8");
        assertThat(policy.rule("ghcr.io/acme/x/y").title()).contains("ghcr.io/**", "line 11");
        assertThat(policy.rule("quay.io/x").title()).contains("**", "line 1");
    }

    @Test
    void readsKeysFromTheFolderOfThePolicy() throws IOException {
        SignaturePolicy policy = load("[default]\nrequire = 'signed'\nkeys = ['keys/a.pub']");
        SignatureSubject subject = MemorySource.artifact("ghcr.io/acme/app");
        MemorySource source =
                new MemorySource().push(new ArtifactSigner(KEY).tagged(subject, Map.of(), Optional.empty()));

        assertThat(policy.decide(subject, source))
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> assertThat(accepted.keys())
                                .singleElement()
                                .satisfies(key -> assertThat(key.name()).endsWith("keys/a.pub")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'default = ' | line 1, column 11 | Unexpected",
                "'defualt = 1' | line 1, column 1 | a policy has no member defualt; known are default, rule",
                "'default = 1' | line 1, column 1 | default must be a table",
                "'[default]' | line 1, column 1 | there is no require",
                "'[default]\nrequire = \"maybe\"' | line 2, column 1 | must be \"accept\", \"reject\" or \"signed\"",
                "'[default]\nrequire = true' | line 2, column 1 | require must be a string",
                "'[default]\nrequire = \"accept\"\nkeys = []' | line 3, column 1 | has no member keys; known are require",
                "'[default]\nrequire = \"accept\"\nrequire = \"reject\"' | line 3, column 1 | require previously defined",
                "'[default]\nrequire = \"signed\"' | line 1, column 1 | says no keys",
                "'[default]\nrequire = \"signed\"\nkeys = []' | line 1, column 1 | says no keys",
                "'[default]\nrequire = \"signed\"\nkeys = [1]' | line 3, column 9 | keys must be an array of strings",
                "'[default]\nrequire = \"signed\"\nkeys = [\"x.pub\"]' | line 3, column 9 | there is no key file",
                "'[default]\nrequire = \"signed\"\nkeys = [\"keys/a.key\"]' | line 3, column 9 | is a private key",
                "'[default]\nrequire = \"signed\"\nkeys = [\"-----BEGIN X\"]' | line 3, column 9 | holds no key",
                "'[default]\nrequire = \"signed\"\nkeys = [\"\\u0000\"]' | line 3, column 9 | is no path",
                "'[default]\nrequire = \"signed\"\nkeys = [\"keys/a.pub\"]\nthreshold = 1' | line 4, column 1 | a string",
                "'[default]\nrequire = \"signed\"\nkeys = [\"keys/a.pub\"]\nthreshold = \"2\"' | line 4, column 1 | any",
                "'[default]\nrequire = \"signed\"\nkeys = [\"keys/a.pub\"]\nannotations = { a = 1 }' | line 4, column 17 | a must be",
                "'[default]\nrequire = \"signed\"\nkeys = [\"keys/a.pub\"]\nsigned-as = \"x\"' | line 4, column 1 | names no repository",
                "'rule = 1' | line 1, column 1 | rule must be an array of tables",
                "'rule = [1]' | line 1, column 9 | rule must be an array of tables",
                "'[[rule]]\nrequire = \"accept\"' | line 1, column 1 | the rule says no repository",
                "'[[rule]]\nrepository = \"x\"\nrequire = \"accept\"' | line 2, column 1 | the pattern x names no repository",
                "'[[rule]]\nrepository = \"a.b/c\"\nrequire = \"accept\"\n[[rule]]\nrepository = \"A.b/c\"\nrequire = \"reject\"' | line 5, column 1 | there is another rule for a.b/c",
            })
    void saysWhatIsWrongAndWhere(String text, String place, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> load(text))
                .withMessageContaining("policy.toml, " + place + ": ")
                .withMessageContaining(reason);
    }

    @Test
    void aPolicyThatCannotBeReadIsAnError() throws IOException {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> SignaturePolicy.load(folder.resolve("none.toml")))
                .withMessageContaining("there is no policy file")
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.STORAGE));
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> SignaturePolicy.load(folder))
                .withMessageContaining("cannot be read");
        Path binary = Files.write(folder.resolve("binary.toml"), new byte[] {(byte) 0xff});
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> SignaturePolicy.load(binary))
                .withMessageContaining("is no text in UTF-8");
    }

    private SignaturePolicy load(String text) throws IOException {
        return SignaturePolicy.load(Files.writeString(folder.resolve("policy.toml"), text));
    }
}
