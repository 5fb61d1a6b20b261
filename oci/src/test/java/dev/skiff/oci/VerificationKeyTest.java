package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no signature of a key, although it looks like one. */
@Tag("slow")
class VerificationKeyTest {
    private static final byte[] TEXT = "some bytes to sign".getBytes(UTF_8);
    private static final SigningKey KEY = SigningKey.generate();

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1", "Ed25519", "RSA"})
    void aChangedSignatureOrTextIsRefused(String kind) throws Exception {
        SigningKey key = generate(kind);
        byte[] signature = key.sign(TEXT);
        assertThat(key.publicKey().verifies(TEXT, signature)).isTrue();

        for (int i = 0; i < signature.length; i++) {
            assertThat(key.publicKey().verifies(TEXT, flipped(signature, i))).isFalse();
        }
        for (int i = 0; i < TEXT.length; i++) {
            assertThat(key.publicKey().verifies(flipped(TEXT, i), signature)).isFalse();
        }
        for (int length = 0; length < signature.length; length += 7) {
            assertThat(key.publicKey().verifies(TEXT, Arrays.copyOf(signature, length)))
                    .isFalse();
        }
        assertThat(key.publicKey().verifies(TEXT, Arrays.copyOf(signature, signature.length + 1)))
                .isFalse();
        assertThat(generate(kind).publicKey().verifies(TEXT, signature)).isFalse();
    }

    @Test
    void aSignatureByAKeyOfAnotherCurveIsRefused() throws Exception {
        assertThat(KEY.publicKey().verifies(TEXT, generate("secp384r1").sign(TEXT)))
                .isFalse();
        assertThat(KEY.publicKey().verifies(TEXT, generate("Ed25519").sign(TEXT)))
                .isFalse();
        assertThat(generate("Ed25519").publicKey().verifies(TEXT, KEY.sign(TEXT)))
                .isFalse();
        assertThat(generate("RSA").publicKey().verifies(TEXT, KEY.sign(TEXT))).isFalse();
    }

    /** Zeros once passed for a signature of everything (CVE-2022-21449). */
    @Test
    void numbersOutOfRangeAreNoSignature() throws Exception {
        BigInteger order = KeyAlgorithm.ECDSA_P256.parameters().getOrder();
        BigInteger[] numbers = numbers(KEY.sign(TEXT));
        for (BigInteger wrong : new BigInteger[] {
            BigInteger.ZERO, order, BigInteger.ONE.negate(), order.add(numbers[0]), order.add(numbers[1])
        }) {
            assertThat(KEY.publicKey().verifies(TEXT, encoded(wrong, numbers[1])))
                    .isFalse();
            assertThat(KEY.publicKey().verifies(TEXT, encoded(numbers[0], wrong)))
                    .isFalse();
            assertThat(KEY.publicKey().verifies(TEXT, encoded(wrong, wrong))).isFalse();
        }
    }

    /** The other solution of the same equation is a signature too, as for cosign: keys are counted, never signatures. */
    @Test
    void aSignatureHasOneEncoding() throws Exception {
        BigInteger[] numbers = numbers(KEY.sign(TEXT));
        byte[] good = encoded(numbers[0], numbers[1]);
        assertThat(KEY.publicKey().verifies(TEXT, good)).isTrue();

        byte[] longForm = new byte[good.length + 1];
        longForm[0] = 0x30;
        longForm[1] = (byte) 0x81;
        longForm[2] = good[1];
        System.arraycopy(good, 2, longForm, 3, good.length - 2);
        assertThat(KEY.publicKey().verifies(TEXT, longForm)).isFalse();

        byte[] padded = new byte[good.length + 1];
        padded[0] = 0x30;
        padded[1] = (byte) (good[1] + 1);
        padded[2] = 0x02;
        padded[3] = (byte) (good[3] + 1);
        System.arraycopy(good, 4, padded, 5, good.length - 4);
        assertThat(KEY.publicKey().verifies(TEXT, padded)).isFalse();

        byte[] behind = Arrays.copyOf(good, good.length + 2);
        behind[1] += 2;
        behind[good.length] = 0x05;
        assertThat(KEY.publicKey().verifies(TEXT, behind)).isFalse();

        byte[] raw = new byte[64];
        for (int i = 0; i < 2; i++) {
            byte[] digits = numbers[i].toByteArray();
            int start = Math.max(0, digits.length - 32);
            System.arraycopy(digits, start, raw, 32 * (i + 1) - (digits.length - start), digits.length - start);
        }
        assertThat(KEY.publicKey().verifies(TEXT, raw)).isFalse();
    }

    @Test
    void aKeyIsTheSameWhateverItIsCalled() {
        VerificationKey renamed = VerificationKey.parse(KEY.publicKey().pem(), "the key k");

        assertThat(renamed).isEqualTo(KEY.publicKey()).hasSameHashCodeAs(KEY.publicKey());
        assertThat(renamed.fingerprint()).isEqualTo(KEY.publicKey().fingerprint());
        assertThat(renamed)
                .hasToString("the key k (ECDSA P-256, " + renamed.fingerprint().abbreviated() + ")");
        assertThat(renamed).isNotEqualTo(SigningKey.generate().publicKey());
    }

    private static SigningKey generate(String kind) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind.startsWith("secp") ? "EC" : kind);
        if (kind.startsWith("secp")) {
            generator.initialize(new ECGenParameterSpec(kind));
        } else if (kind.equals("RSA")) {
            generator.initialize(2048);
        }
        byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
        return SigningKey.parse(Pem.write("PRIVATE KEY", pkcs8), "the key k", KeyPassword.none());
    }

    private static byte[] flipped(byte[] bytes, int index) {
        byte[] changed = bytes.clone();
        changed[index] ^= (byte) (1 << index % 8);
        return changed;
    }

    private static BigInteger[] numbers(byte[] signature) {
        ASN1Sequence sequence = ASN1Sequence.getInstance(signature);
        return new BigInteger[] {
            ASN1Integer.getInstance(sequence.getObjectAt(0)).getValue(),
            ASN1Integer.getInstance(sequence.getObjectAt(1)).getValue()
        };
    }

    private static byte[] encoded(BigInteger r, BigInteger s) throws Exception {
        ASN1EncodableVector items = new ASN1EncodableVector();
        items.add(new ASN1Integer(r));
        items.add(new ASN1Integer(s));
        return new DERSequence(items).getEncoded("DER");
    }
}
