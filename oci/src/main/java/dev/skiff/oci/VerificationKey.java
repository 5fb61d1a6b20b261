package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** A public key. Keys are equal if they are the same key, wherever they came from. Immutable, and safe for use by threads at once. */
public final class VerificationKey {
    private static final String LABEL = "PUBLIC KEY";

    private final String name;
    private final PublicKey key;
    private final KeyAlgorithm algorithm;
    private final byte[] der;

    private VerificationKey(String name, byte[] der) {
        this.name = name;
        this.der = der;
        this.key = decode(der, name);
        this.algorithm = KeyAlgorithm.of(key, name);
    }

    /**
     * Reads the PEM text of one public key ({@code PUBLIC KEY}).
     *
     * @param name what messages call it, as {@code the key release.pub}
     * @throws OciException if it is damaged, of an unknown kind, too weak, or a private key
     */
    public static VerificationKey parse(byte[] pem, String name) {
        List<Pem.Block> blocks = Pem.blocks(pem, name);
        if (blocks.size() > 1) {
            throw new OciException(
                    Problem.INVALID, name + " holds " + blocks.size() + " keys or certificates, and one is wanted");
        }
        Pem.Block block = blocks.getFirst();
        if (!block.label().equals(LABEL)) {
            throw wrongKind(block.label(), name);
        }
        return ofDer(block.bytes(), name);
    }

    /** Reads a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7). */
    static VerificationKey ofDer(byte[] der, String name) {
        return new VerificationKey(name, der.clone());
    }

    private static OciException wrongKind(String label, String name) {
        if (label.endsWith("PRIVATE KEY")) {
            return new OciException(
                    Problem.INVALID,
                    name + " is a private key, and a public one is wanted here: private keys stay with who signs");
        }
        return new OciException(
                Problem.UNSUPPORTED, name + " is of the kind " + label + ", and a public key says " + LABEL);
    }

    private static PublicKey decode(byte[] der, String name) {
        try {
            String factory = KeyAlgorithm.factory(
                    Der.read(der, SubjectPublicKeyInfo::getInstance).getAlgorithm(), name);
            PublicKey key = KeyFactory.getInstance(factory).generatePublic(new X509EncodedKeySpec(der));
            // One key has one fingerprint, so it must have one encoding.
            if (!Arrays.equals(key.getEncoded(), der)) {
                throw damaged(name, null);
            }
            return key;
        } catch (IOException | GeneralSecurityException e) {
            throw damaged(name, e);
        }
    }

    private static OciException damaged(String name, Exception cause) {
        return new OciException(
                Problem.CORRUPT, name + " is damaged: it is no public key in DER (SubjectPublicKeyInfo)", cause);
    }

    /** Whether a signature is this key's of a message. */
    public boolean verifies(byte[] message, byte[] signature) {
        return algorithm.verifies(key, message, signature);
    }

    /** What messages call it. */
    public String name() {
        return name;
    }

    /** How it signs. */
    public KeyAlgorithm algorithm() {
        return algorithm;
    }

    /** The SHA-256 digest of its DER form, which names a key wherever it is kept. */
    public Digest fingerprint() {
        return Digest.ofBytes(der);
    }

    /** How a bundle hints at its key: the fingerprint in base64. */
    String hint() {
        return Base64.getEncoder()
                .encodeToString(HexFormat.of().parseHex(fingerprint().hex()));
    }

    /** The text of a file with it. */
    public byte[] pem() {
        return Pem.write(LABEL, der);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerificationKey that && Arrays.equals(der, that.der);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(der);
    }

    /** For people: its name, kind and the first digits of its fingerprint. */
    @Override
    public String toString() {
        return name + " (" + algorithm + ", " + fingerprint().abbreviated() + ")";
    }
}
