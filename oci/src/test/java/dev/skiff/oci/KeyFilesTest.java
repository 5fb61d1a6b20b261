package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class KeyFilesTest {
    private static final SigningKey KEY = SigningKey.generate();
    private static final byte[] ENCRYPTED = KEY.encryptedPem(password("secret"));

    @TempDir
    private Path folder;

    @Test
    void writesAPrivateKeyForItsOwnerAlone() throws IOException {
        writePair(KEY);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("a.key"))))
                .isEqualTo("rw-------");
        assertThat(KeyFiles.privateKey(file("a.key"), password("secret")).publicKey())
                .isEqualTo(KeyFiles.publicKey(file("a.pub")))
                .isEqualTo(KEY.publicKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.key", "a.pub"})
    void neverOverwritesAKey(String existing) throws IOException {
        Files.writeString(file(existing), "mine");

        assertRefused(() -> writePair(KEY), Problem.STORAGE, existing + " exists already");

        assertThat(file(existing)).hasContent("mine");
        assertThat(folder)
                .isDirectoryContaining("glob:**" + existing)
                .isDirectoryNotContaining(path -> !path.endsWith(existing));
    }

    @Test
    void leavesNoPrivateKeyWithoutItsPublicOne() {
        assertRefused(
                () -> KeyFiles.writePair(KEY, file("a.key"), file("missing/a.pub"), password("secret")),
                Problem.STORAGE,
                "missing/a.pub cannot be written");

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void saysThatAPasswordIsWrong() {
        assertRefused(
                () -> SigningKey.parse(ENCRYPTED, "the key k", password("other")),
                Problem.INVALID,
                "the password is wrong");
        assertRefused(
                () -> SigningKey.parse(ENCRYPTED, "the key k", KeyPassword.none()),
                Problem.INVALID,
                "set COSIGN_PASSWORD");
    }

    @Test
    void anEmptyPasswordIsAPassword() {
        byte[] pem = KEY.encryptedPem(password(""));

        assertThat(SigningKey.parse(pem, "the key k", password("")).publicKey()).isEqualTo(KEY.publicKey());
    }

    @Test
    void readsTheOlderNameOfCosignsForm() {
        String pem = new String(ENCRYPTED, UTF_8).replace("SIGSTORE", "COSIGN");

        assertThat(SigningKey.parse(pem.getBytes(UTF_8), "the key k", password("secret"))
                        .publicKey())
                .isEqualTo(KEY.publicKey());
    }

    @Test
    void doesNotTakeOneHalfForTheOther() {
        assertRefused(
                () -> SigningKey.parse(KEY.publicKey().pem(), "the key k", KeyPassword.none()),
                Problem.INVALID,
                "the key k is a public key, and a private one is wanted");
        assertRefused(
                () -> VerificationKey.parse(ENCRYPTED, "the key k"),
                Problem.INVALID,
                "the key k is a private key, and a public one is wanted");
    }

    @ParameterizedTest
    @CsvSource({
        "'', holds no key",
        "'-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----', is of the kind CERTIFICATE",
        "'-----BEGIN PUBLIC KEY-----\nAA==', has no end",
        "'-----BEGIN PUBLIC KEY-----\nAA==\n-----END PRIVATE KEY-----', ends with the line",
        "'-----BEGIN PUBLIC KEY-----\n$$$$\n-----END PUBLIC KEY-----', no base64",
        "'-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----', is damaged",
    })
    void saysWhatIsWrongWithAPublicKey(String pem, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> VerificationKey.parse(pem.getBytes(UTF_8), "the key k"))
                .withMessageStartingWith("the key k")
                .withMessageContaining(reason);
    }

    @Test
    void aFileWithTwoKeysIsRefused() {
        String pem = new String(KEY.publicKey().pem(), UTF_8);

        assertRefused(
                () -> VerificationKey.parse((pem + pem).getBytes(UTF_8), "the key k"), Problem.INVALID, "holds 2 keys");
    }

    @ParameterizedTest
    @CsvSource({
        "1073741824, 8, 1, too much work",
        "4194304, 1, 1, too much work",
        "65536, 8, 9, too much work",
        "2, 1073741824, 1, too much work",
        "2, 1, 1073741824, too much work",
        "9223372036854775807, 1, 1, no parameters",
        "4611686018427387904, 4611686018427387904, 4611686018427387904, too much work",
        "3, 8, 1, no parameters",
        "0, 8, 1, no parameters",
        "65536, 0, 1, no parameters",
        "-65536, 8, 1, negative",
    })
    void aKeyThatCostsTooMuchIsNotOpened(long cost, long blockSize, long parallel, String reason) {
        String json = new String(Pem.blocks(ENCRYPTED, "k").getFirst().bytes(), UTF_8)
                .replace(
                        "\"N\":65536,\"r\":8,\"p\":1",
                        "\"N\":%d,\"r\":%d,\"p\":%d".formatted(cost, blockSize, parallel));
        byte[] pem = Pem.write(SigningKey.LABEL, json.getBytes(UTF_8));

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> SigningKey.parse(pem, "the key k", password("x")))
                .withMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ecparam -name prime256v1 -genkey",
                "ecparam -name secp384r1 -genkey -noout",
                "genrsa -traditional 2048",
                "genpkey -algorithm ed25519",
                "genpkey -algorithm RSA -aes-256-cbc -pass pass:secret",
                "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes128 -pass pass:secret",
            })
    void readsWhatOpensslWrites(String command) throws Exception {
        OpenSsl openssl = OpenSsl.in(folder);
        Path file = openssl.write("in.pem", command.split(" "));
        Path publicFile = openssl.write("in.pub", "pkey", "-in", "in.pem", "-passin", "pass:secret", "-pubout");

        SigningKey key = KeyFiles.privateKey(file, password("secret"));

        assertThat(key.publicKey()).isEqualTo(KeyFiles.publicKey(publicFile));
        assertThat(key.publicKey().pem()).isEqualTo(Files.readAllBytes(publicFile));
    }

    @ParameterizedTest
    @CsvSource({
        "genrsa 1024, is an RSA key of 1024 bits",
        "genpkey -algorithm ed448, is of the kind",
        "genpkey -algorithm x25519, is of the kind",
        "ecparam -name secp256k1 -genkey, is of the kind",
        "ecparam -name prime256v1 -genkey -param_enc explicit, is of the kind",
        "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048, is of the kind",
        "genrsa -traditional -aes128 -passout pass:secret 2048, old openssl",
    })
    void refusesOtherKeysOfOpenssl(String command, String reason) throws Exception {
        OpenSsl openssl = OpenSsl.in(folder);
        Path file = openssl.write("in.pem", command.split(" "));
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> KeyFiles.privateKey(file, password("secret")))
                .withMessageContaining(reason);
        if (!command.contains("aes")) {
            Path publicFile = openssl.write("in.pub", "pkey", "-in", "in.pem", "-pubout");
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> KeyFiles.publicKey(publicFile))
                    .withMessageContaining(reason);
        }
    }

    @Test
    @Tag("slow")
    void refusesEncryptedKeysOfOpensslThatCostTooMuchOrAreOpenedWithAnotherPassword() throws Exception {
        OpenSsl openssl = OpenSsl.in(folder);
        openssl.write("plain.pem", "genpkey", "-algorithm", "ed25519");
        String[] start = "pkcs8 -topk8 -in plain.pem -passout pass:secret".split(" ");
        Path costly = openssl.write("a.pem", with(start, "-iter", "6000000"));
        Path scrypt = openssl.write("b.pem", with(start, "-scrypt"));
        Path good = openssl.write("c.pem", start);

        assertRefused(() -> KeyFiles.privateKey(costly, password("secret")), Problem.TOO_LARGE, "6000000 rounds");
        assertRefused(() -> KeyFiles.privateKey(scrypt, password("secret")), Problem.UNSUPPORTED, "PBKDF2");
        assertRefused(() -> KeyFiles.privateKey(good, password("other")), Problem.INVALID, "the password is wrong");
    }

    @Test
    void aPointThatIsNotOnTheCurveIsNoKey() {
        byte[] der = Base64.getMimeDecoder()
                .decode(new String(KEY.publicKey().pem(), UTF_8).replaceAll("-----[^-]*-----", ""));
        der[der.length - 1] ^= 1;

        assertThatExceptionOfType(OciException.class).isThrownBy(() -> VerificationKey.ofDer(der, "the key k"));
    }

    @Test
    void saysWhichFileIsMissing() {
        assertRefused(() -> KeyFiles.publicKey(file("none.pub")), Problem.STORAGE, "there is no key file");
        assertRefused(() -> KeyFiles.publicKey(folder), Problem.STORAGE, "cannot be read");
    }

    @Test
    void neverShowsAPrivateKey() {
        assertThat(KEY.toString()).startsWith("the private key of the new key (ECDSA P-256, ");
    }

    private static String[] with(String[] start, String... more) {
        return Stream.concat(Stream.of(start), Stream.of(more)).toArray(String[]::new);
    }

    private void writePair(SigningKey key) {
        KeyFiles.writePair(key, file("a.key"), file("a.pub"), password("secret"));
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private static KeyPassword password(String text) {
        return KeyPassword.of(text.toCharArray());
    }

    private static void assertRefused(ThrowingCallable action, Problem problem, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(action)
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(problem));
    }
}
