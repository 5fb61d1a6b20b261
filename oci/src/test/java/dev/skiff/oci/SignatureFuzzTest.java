package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.generators.SCrypt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged input of every reader of signatures and keys: it is read or refused with an {@link OciException}, in bounded time. */
@Tag("slow")
class SignatureFuzzTest {
    private static final int ROUNDS = 4_000;
    private static final Duration LONGEST = Duration.ofSeconds(8);
    private static final SigningKey KEY = SigningKey.generate();
    private static final SignatureSubject SUBJECT = MemorySource.artifact("ghcr.io/acme/app");
    private static final KeyPassword PASSWORD = KeyPassword.of("x".toCharArray());

    /** Keys that openssl made for this test alone. */
    private static final String PLAIN =
            "MHcCAQEEIPnovHaIqvf++y+f0iPJrWNYZVAqbP4IyPdV1F5JqUGGoAoGCCqGSM49AwEHoUQDQgAEzbShIi5u4vKy5VaKBLIq"
                    + "hH5aH9oZpzq3dZx7n4Qjrk/G0xghEI85aClE/gQnbnN2b0l4Zx29t2TtAUWT5RQNBQ==";

    private static final String SEC1 =
            "MHcCAQEEIPnovHaIqvf++y+f0iPJrWNYZVAqbP4IyPdV1F5JqUGGoAoGCCqGSM49AwEHoUQDQgAEzbShIi5u4vKy5VaKBLIq"
                    + "hH5aH9oZpzq3dZx7n4Qjrk/G0xghEI85aClE/gQnbnN2b0l4Zx29t2TtAUWT5RQNBQ==";

    private static final String PBES2 =
            "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhCyOb26MqGuAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQME"
                    + "ASoEEIuCnC5w4Dsi+x6L8VwXmqAEgZDL2bqelZLc96OOll2mn+RKvLvXMSn2y6yvro5wp013cw/V1HpBKCT8iX8YJ6DEQQ/8"
                    + "Cjohp86HJ2odfyzryArXZSIhWOhZnR7qBDqBB3ms5uICmB3njZX6U+KEEvgqvc1Riy46XOuh7AtpX88eW20VwKF8Kw6rPSAv"
                    + "Vlrg0B6YeZ4i6ZdYHaUh1ryUUKdfNbw=";

    /** A reader of bytes, and bytes that it reads well. */
    private record Target(String name, byte[] good, Reader reader) {
        @Override
        public String toString() {
            return name;
        }
    }

    private interface Reader {
        void read(byte[] bytes);
    }

    static Stream<Target> targets() {
        SignatureChecker checker = new SignatureChecker(List.of(KEY.publicKey()), Map.of(), Optional.empty());
        byte[] payload = new SimpleSigning("ghcr.io/acme/app", SUBJECT.digest(), Map.of("a", "1")).toBytes();
        byte[] publicDer = Pem.blocks(KEY.publicKey().pem(), "k").getFirst().bytes();
        byte[] cheap = cheapKey();
        return Stream.of(
                new Target("public key", KEY.publicKey().pem(), bytes -> VerificationKey.parse(bytes, "k")),
                new Target("public key in DER", publicDer, bytes -> VerificationKey.ofDer(bytes, "k")),
                privateKey("PRIVATE KEY", plainKey()),
                privateKey("EC PRIVATE KEY", sec1()),
                privateKey("RSA PRIVATE KEY", pkcs1()),
                privateKey("ENCRYPTED PRIVATE KEY", pbes2()),
                privateKey(SigningKey.LABEL, cheap),
                new Target(
                        "private key in PEM",
                        Pem.write("PRIVATE KEY", plainKey()),
                        bytes -> SigningKey.parse(bytes, "k", PASSWORD)),
                new Target("payload", payload, SimpleSigning::parse),
                new Target(
                        "signature",
                        KEY.sign(payload),
                        bytes -> checker.check(
                                new SignatureCandidate.Simple(
                                        "here", payload, Base64.getEncoder().encodeToString(bytes)),
                                SUBJECT)),
                new Target(
                        "bundle",
                        SigstoreBundle.write(KEY, SUBJECT.digest(), Map.of("a", "1")),
                        bytes -> checker.check(new SignatureCandidate.Bundle("here", bytes), SUBJECT)),
                new Target(
                        "manifest",
                        new ArtifactSigner(KEY)
                                .tagged(SUBJECT, Map.of(), Optional.empty())
                                .manifest(),
                        bytes -> {
                            SignatureManifest.layers(bytes, "m");
                            new ArtifactSigner(KEY).tagged(SUBJECT, Map.of(), Optional.of(bytes));
                        }),
                new Target("policy", policy(), bytes -> SignaturePolicy.parse(bytes, Path.of("/none/policy.toml"))));
    }

    private static Target privateKey(String label, byte[] body) {
        return new Target(label, body, bytes -> SigningKey.parse(Pem.write(label, bytes), "k", PASSWORD));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void isReadOrRefused(Target target) {
        Random random = new Random(4711);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mutated(target.good(), random);
            long start = System.nanoTime();
            try {
                target.reader().read(bytes);
            } catch (OciException e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException | Error e) {
                fail(
                        "round " + round + " of " + target + ": "
                                + Base64.getEncoder().encodeToString(bytes),
                        e);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as(() -> Base64.getEncoder().encodeToString(bytes))
                    .isLessThan(LONGEST);
        }
    }

    /** A JSON library took the first for UTF-32 and threw an exception of its own; the last is an overlong zero. */
    @ParameterizedTest
    @ValueSource(strings = {"0000fffe00000000", "7b000000", "fffe7b00", "7b22c080223a317d"})
    void anotherEncodingIsRefused(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> SimpleSigning.parse(bytes))
                .withMessageContaining("is no JSON text");
    }

    private static byte[] mutated(byte[] good, Random random) {
        byte[] bytes = good.clone();
        for (int i = random.nextInt(1, 5); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes = switch (random.nextInt(6)) {
                case 0 -> Arrays.copyOf(bytes, at);
                case 1 -> spliced(bytes, at, at, bytes[random.nextInt(bytes.length)]);
                case 2 -> spliced(bytes, at, Math.min(bytes.length, at + random.nextInt(1, 9)));
                case 3 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, random.nextInt(at, bytes.length)));
                case 4 ->
                    spliced(bytes, at, at + 1, (byte)
                            "0123456789{}[]\":,.-+eE\n=/* \0\u007f".charAt(random.nextInt(29)));
                default -> spliced(bytes, at, at + 1, (byte) random.nextInt());
            };
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte... between) {
        byte[] result = Arrays.copyOf(bytes, from + between.length + bytes.length - to);
        System.arraycopy(between, 0, result, from, between.length);
        System.arraycopy(bytes, to, result, from + between.length, bytes.length - to);
        return result;
    }

    /** A policy with everything that one can say. */
    private static byte[] policy() {
        return """
                [default]
                require = "reject"
                [[rule]]
                repository = "ghcr.io/acme/**"
                require = "signed"
                keys = ['''
                %s''']
                threshold = "all"
                annotations = { stage = "production" }
                signed-as = "ghcr.io/*/app"
                """.formatted(new String(KEY.publicKey().pem(), UTF_8)).getBytes(UTF_8);
    }

    /** A key in cosign's form that takes little work to open. */
    private static byte[] cheapKey() {
        byte[] key = SCrypt.generate("x".getBytes(UTF_8), new byte[8], 2, 8, 1, 32);
        byte[] box = SecretBox.seal(key, new byte[24], plainKey());
        return """
                {"kdf":{"name":"scrypt","params":{"N":2,"r":8,"p":1},"salt":"%s"},\
                "cipher":{"name":"nacl/secretbox","nonce":"%s"},"ciphertext":"%s"}""".formatted(base64(new byte[8]), base64(new byte[24]), base64(box))
                .getBytes(UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] plainKey() {
        return Base64.getDecoder().decode(PLAIN);
    }

    private static byte[] sec1() {
        return Base64.getDecoder().decode(SEC1);
    }

    private static byte[] pkcs1() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
            return PrivateKeyInfo.getInstance(pkcs8)
                    .parsePrivateKey()
                    .toASN1Primitive()
                    .getEncoded();
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] pbes2() {
        return Base64.getDecoder().decode(PBES2);
    }
}
