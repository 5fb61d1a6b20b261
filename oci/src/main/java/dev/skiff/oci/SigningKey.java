package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** A private key. Its text never shows it. Immutable, and safe for use by threads at once. */
public final class SigningKey {
    static final String LABEL = "ENCRYPTED SIGSTORE PRIVATE KEY";

    private final PrivateKey key;
    private final VerificationKey publicKey;

    private SigningKey(PrivateKey key, VerificationKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    /**
     * Reads the PEM text of a private key: cosign's encrypted forms, PKCS #8 plain or encrypted (PBES2), SEC 1 or PKCS #1.
     *
     * @param name what messages call it, as {@code the key cosign.key}
     * @param password asked if the key is encrypted
     * @throws OciException if it is damaged, of an unknown kind, too weak, a public key, or the password is wrong
     */
    public static SigningKey parse(byte[] pem, String name, KeyPassword password) {
        byte[] pkcs8 = PrivateKeyFile.pkcs8(pem, name, password);
        try {
            return ofPkcs8(pkcs8, name);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    /** A new key of the kind that cosign makes: ECDSA with P-256. */
    public static SigningKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return ofPkcs8(generator.generateKeyPair().getPrivate().getEncoded(), "the new key");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has P-256", e);
        }
    }

    private static SigningKey ofPkcs8(byte[] pkcs8, String name) {
        try {
            PrivateKeyInfo info = Der.read(pkcs8, PrivateKeyInfo::getInstance);
            String factory = KeyAlgorithm.factory(info.getPrivateKeyAlgorithm(), name);
            PrivateKey key = KeyFactory.getInstance(factory).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            byte[] publicDer = Der.read(
                    pkcs8,
                    value -> publicInfo(PrivateKeyFactory.createKey(PrivateKeyInfo.getInstance(value)))
                            .getEncoded("DER"));
            return proven(new SigningKey(key, VerificationKey.ofDer(publicDer, name)), name);
        } catch (IOException | GeneralSecurityException e) {
            throw new OciException(Problem.CORRUPT, name + " is damaged: it is no private key in PKCS #8", e);
        }
    }

    /** A key whose halves do not fit, as of a damaged file, must not sign: its signatures can give it away. */
    private static SigningKey proven(SigningKey key, String name) throws GeneralSecurityException {
        byte[] message = {1};
        byte[] signature = key.publicKey.algorithm().sign(key.key, message);
        if (!key.publicKey.verifies(message, signature)) {
            throw new OciException(Problem.CORRUPT, name + " is damaged: its parts do not fit each other");
        }
        return key;
    }

    private static SubjectPublicKeyInfo publicInfo(AsymmetricKeyParameter key) throws IOException {
        return SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(
                switch (key) {
                    case ECPrivateKeyParameters ec ->
                        new ECPublicKeyParameters(
                                new FixedPointCombMultiplier()
                                        .multiply(ec.getParameters().getG(), ec.getD())
                                        .normalize(),
                                ec.getParameters());
                    case RSAPrivateCrtKeyParameters rsa ->
                        new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent());
                    case Ed25519PrivateKeyParameters ed -> ed.generatePublicKey();
                    default -> throw new IllegalArgumentException("a private key of another kind");
                });
    }

    /** Its public half. */
    public VerificationKey publicKey() {
        return publicKey;
    }

    /** Signs a message. ECDSA signatures are never the same twice. */
    public byte[] sign(byte[] message) {
        try {
            return publicKey.algorithm().sign(key, message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that signed when it was read does not sign any more", e);
        }
    }

    /**
     * The text of a file with it in cosign's encrypted form.
     *
     * @param password any, also an empty one; it is asked once
     */
    public byte[] encryptedPem(KeyPassword password) {
        byte[] secret = password.bytes(publicKey.name());
        byte[] pkcs8 = key.getEncoded();
        try {
            return Pem.write(LABEL, EncryptedKey.encrypt(pkcs8, secret));
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    @Override
    public String toString() {
        return "the private key of " + publicKey;
    }
}
