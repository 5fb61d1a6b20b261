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
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
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

    /** Curves by the names that PKCS #8 gives them; keys without a named curve are not for us. */
    private static final Map<String, KeyAlgorithm> CURVES = Map.of(
            "1.2.840.10045.3.1.7", KeyAlgorithm.ECDSA_P256,
            "1.3.132.0.34", KeyAlgorithm.ECDSA_P384,
            "1.3.132.0.35", KeyAlgorithm.ECDSA_P521);

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
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(pkcs8);
            AlgorithmIdentifier algorithm = info.getPrivateKeyAlgorithm();
            String oid = algorithm.getAlgorithm().getId();
            String factory = VerificationKey.factory(oid).orElseThrow(() -> KeyAlgorithm.unsupported(name, oid));
            if (factory.equals("EC")
                    && !(algorithm.getParameters() instanceof ASN1ObjectIdentifier curve
                            && CURVES.containsKey(curve.getId()))) {
                throw KeyAlgorithm.unsupported(name, "ECDSA with another curve");
            }
            PrivateKey key = KeyFactory.getInstance(factory).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            byte[] publicDer = publicInfo(PrivateKeyFactory.createKey(info)).getEncoded("DER");
            return proven(new SigningKey(key, VerificationKey.ofDer(publicDer, name)), name);
        } catch (IOException
                | GeneralSecurityException
                | IllegalArgumentException
                | IllegalStateException
                | ArithmeticException
                | ClassCastException e) {
            throw new OciException(Problem.CORRUPT, name + " is damaged: it is no private key in PKCS #8", e);
        }
    }

    /** A key whose halves do not fit, as of a damaged file, must not sign: its signatures can give it away. */
    private static SigningKey proven(SigningKey key, String name) {
        byte[] message = {1};
        if (!key.publicKey.verifies(message, key.sign(message))) {
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
        return publicKey.algorithm().sign(key, message);
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
