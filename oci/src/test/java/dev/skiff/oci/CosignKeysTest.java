package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of the real cosign and ours, each used by the other. */
@Tag("slow")
class CosignKeysTest {
    private static final byte[] TEXT = "some bytes to sign".getBytes(UTF_8);

    @TempDir
    private Path folder;

    private Cosign cosign;

    @BeforeEach
    void writeText() throws IOException {
        cosign = Cosign.in(folder);
        Files.write(folder.resolve("text"), TEXT);
    }

    @Test
    void signsWithAKeyThatCosignMade() throws IOException {
        cosign.run("generate-key-pair");

        SigningKey key = KeyFiles.privateKey(folder.resolve("cosign.key"), Cosign.password());

        assertThat(key.publicKey()).isEqualTo(KeyFiles.publicKey(folder.resolve("cosign.pub")));
        assertThat(key.publicKey().algorithm()).isEqualTo(KeyAlgorithm.ECDSA_P256);
        verifyWithCosign(key, "cosign.pub");
    }

    @Test
    void makesAKeyThatCosignSignsWith() throws IOException {
        SigningKey key = SigningKey.generate();
        KeyFiles.writePair(key, folder.resolve("ours.key"), folder.resolve("ours.pub"), Cosign.password());

        assertThat(key.publicKey().verifies(TEXT, signWithCosign("ours.key"))).isTrue();
        verifyWithCosign(key, "ours.pub");
        assertThat(KeyFiles.privateKey(folder.resolve("ours.key"), Cosign.password())
                        .publicKey())
                .isEqualTo(key.publicKey());
    }

    @ParameterizedTest
    @CsvSource({"P-256,ECDSA_P256", "P-384,ECDSA_P384", "P-521,ECDSA_P521"})
    void readsKeysOfEveryCurve(String curve, KeyAlgorithm algorithm) throws Exception {
        Path file = OpenSsl.in(folder)
                .write("in.pem", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve);
        SigningKey key = imported(file);

        assertThat(key.publicKey().algorithm()).isEqualTo(algorithm);
        assertThat(key.publicKey().verifies(TEXT, signWithCosign("in.key"))).isTrue();
    }

    /** Its sign-blob fails for Ed25519, see {@link #verifiesEd25519AsCosignDoes()}. */
    @ParameterizedTest
    @ValueSource(strings = {"2048", "3072"})
    void readsRsaKeys(String bits) throws Exception {
        Path file = OpenSsl.in(folder)
                .write("in.pem", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:" + bits);
        SigningKey key = imported(file);

        assertThat(key.publicKey().verifies(TEXT, signWithCosign("in.key"))).isTrue();
        verifyWithCosign(key, "in.pub");
    }

    @Test
    void verifiesEd25519AsCosignDoes() throws Exception {
        SigningKey key = imported(OpenSsl.in(folder).write("in.pem", "genpkey", "-algorithm", "ed25519"));

        verifyWithCosign(key, "in.pub");
    }

    /** The plain key and what cosign makes of it are the same. */
    private SigningKey imported(Path file) {
        cosign.run("import-key-pair", "--key", file.toString(), "--output-key-prefix", "in", "--yes");
        SigningKey key = KeyFiles.privateKey(folder.resolve("in.key"), Cosign.password());
        assertThat(key.publicKey())
                .isEqualTo(KeyFiles.publicKey(folder.resolve("in.pub")))
                .isEqualTo(KeyFiles.privateKey(file, KeyPassword.none()).publicKey());
        return key;
    }

    private byte[] signWithCosign(String keyFile) throws IOException {
        cosign.run("sign-blob", "--key", keyFile, "--tlog-upload=false", "--yes", "--output-signature", "sig", "text");
        return Base64.getDecoder()
                .decode(Files.readString(folder.resolve("sig")).strip());
    }

    private void verifyWithCosign(SigningKey key, String publicFile) throws IOException {
        Files.writeString(folder.resolve("our.sig"), Base64.getEncoder().encodeToString(key.sign(TEXT)));
        assertThat(cosign.run(
                        "verify-blob",
                        "--key",
                        publicFile,
                        "--insecure-ignore-tlog=true",
                        "--signature",
                        "our.sig",
                        "text"))
                .contains("Verified OK");
    }
}
