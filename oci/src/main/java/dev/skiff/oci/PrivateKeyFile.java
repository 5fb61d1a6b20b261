package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidParameterSpecException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Brings the forms in which people keep private keys to one: PKCS #8 (RFC 5958) without a password. */
final class PrivateKeyFile {
    /** Some seconds of work; openssl takes 2048 and recommendations are below a million. */
    private static final int MAX_ITERATIONS = 5_000_000;

    private PrivateKeyFile() {}

    /**
     * The key in PKCS #8.
     *
     * @param what the key, for messages
     * @throws OciException if there is none, or a public one, of an unknown form, damaged, or the password is wrong
     */
    static byte[] pkcs8(byte[] pem, String what, KeyPassword password) {
        List<Pem.Block> blocks = Pem.blocks(pem, what).stream()
                // openssl writes the curve in a block of its own before the key, which names it too.
                .filter(block -> !block.label().equals("EC PARAMETERS"))
                .toList();
        if (blocks.size() != 1) {
            throw new OciException(Problem.INVALID, what + " holds " + blocks.size() + " keys, and one is wanted");
        }
        byte[] bytes = blocks.getFirst().bytes();
        String label = blocks.getFirst().label();
        try {
            return switch (label) {
                case SigningKey.LABEL, "ENCRYPTED COSIGN PRIVATE KEY" -> EncryptedKey.decrypt(bytes, what, password);
                case "PRIVATE KEY" -> bytes;
                case "ENCRYPTED PRIVATE KEY" -> decrypt(bytes, what, password);
                case "EC PRIVATE KEY" -> ofSec1(bytes, what);
                case "RSA PRIVATE KEY" -> ofPkcs1(bytes);
                case "PUBLIC KEY" ->
                    throw new OciException(
                            Problem.INVALID, what + " is a public key, and a private one is wanted here to sign with");
                default ->
                    throw new OciException(
                            Problem.UNSUPPORTED, what + " is of the kind " + label + ", which is no private key known");
            };
        } catch (IOException e) {
            throw damaged(what, e);
        }
    }

    private static byte[] ofSec1(byte[] der, String what) throws IOException {
        return Der.read(der, PrivateKeyFile::wrapped)
                .orElseThrow(() -> new OciException(
                        Problem.UNSUPPORTED,
                        what + " does not say its curve; write it anew with: openssl pkcs8 -topk8"));
    }

    private static Optional<byte[]> wrapped(ASN1Primitive value) throws IOException {
        ECPrivateKey key = ECPrivateKey.getInstance(value);
        ASN1Object curve = key.getParametersObject();
        if (curve == null) {
            return Optional.empty();
        }
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve);
        return Optional.of(new PrivateKeyInfo(algorithm, key).getEncoded());
    }

    private static byte[] ofPkcs1(byte[] der) throws IOException {
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
        return Der.read(der, value -> new PrivateKeyInfo(algorithm, RSAPrivateKey.getInstance(value)).getEncoded());
    }

    private static byte[] decrypt(byte[] der, String what, KeyPassword password) throws IOException {
        EncryptedPrivateKeyInfo info = encrypted(der, what);
        byte[] secret = password.bytes(what);
        CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(secret));
        char[] chars = new char[text.remaining()];
        text.get(chars);
        PBEKeySpec spec = new PBEKeySpec(chars);
        try {
            SecretKeyFactory factory =
                    SecretKeyFactory.getInstance(info.getAlgParameters().toString());
            return info.getKeySpec(factory.generateSecret(spec)).getEncoded();
        } catch (NoSuchAlgorithmException e) {
            throw unsupported(what, e);
        } catch (GeneralSecurityException e) {
            throw new OciException(
                    Problem.INVALID, what + " does not open: the password is wrong, or the file was changed", e);
        } finally {
            spec.clearPassword();
            Arrays.fill(chars, '\0');
            Arrays.fill(text.array(), '\0');
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static EncryptedPrivateKeyInfo encrypted(byte[] der, String what) throws IOException {
        // The JDK reads only what it can decrypt; this tells damaged files from unknown ways.
        Der.read(der, org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo::getInstance);
        EncryptedPrivateKeyInfo info;
        try {
            info = new EncryptedPrivateKeyInfo(der);
        } catch (IOException e) {
            throw unsupported(what, e);
        }
        AlgorithmParameters parameters = info.getAlgParameters();
        if (parameters == null || !parameters.getAlgorithm().equals("PBES2")) {
            throw unsupported(what, null);
        }
        try {
            int iterations = parameters.getParameterSpec(PBEParameterSpec.class).getIterationCount();
            if (iterations > MAX_ITERATIONS) {
                throw new OciException(
                        Problem.TOO_LARGE,
                        what + " asks for too much work to check its password: " + iterations + " rounds, and at most "
                                + MAX_ITERATIONS + " are done");
            }
            return info;
        } catch (InvalidParameterSpecException e) {
            throw damaged(what, e);
        }
    }

    private static OciException unsupported(String what, Exception cause) {
        return new OciException(
                Problem.UNSUPPORTED,
                what + " is encrypted in a way that is not supported; PBES2 with PBKDF2 and AES is, as written by:"
                        + " openssl pkcs8 -topk8 -v2 aes256",
                cause);
    }

    private static OciException damaged(String what, Exception cause) {
        return new OciException(Problem.CORRUPT, what + " is damaged: it is no private key in DER", cause);
    }
}
