package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EdDSAParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * How keys of a kind sign. It follows from the key alone, never from what a signature says of itself.
 *
 * <p>cosign 2.6 signs with the hash that fits the curve, and older ones with SHA-256 whatever the curve, so both count for P-384 and
 * P-521. It signs with Ed25519ph and verifies Ed25519: both count, and Skiff signs with what cosign verifies.
 */
public enum KeyAlgorithm {
    /** ECDSA with the curve P-256: what cosign makes. */
    ECDSA_P256("ECDSA P-256", "secp256r1", new Scheme("SHA256withECDSA")),
    /** ECDSA with the curve P-384. */
    ECDSA_P384("ECDSA P-384", "secp384r1", new Scheme("SHA384withECDSA"), new Scheme("SHA256withECDSA")),
    /** ECDSA with the curve P-521. */
    ECDSA_P521("ECDSA P-521", "secp521r1", new Scheme("SHA512withECDSA"), new Scheme("SHA256withECDSA")),
    /** RSA (PKCS #1 v1.5, as cosign) with 2048 to 8192 bits. */
    RSA("RSA", "", new Scheme("SHA256withRSA")),
    /** Ed25519. */
    ED25519("Ed25519", "", new Scheme("Ed25519"), new Scheme("Ed25519", new EdDSAParameterSpec(true)));

    private record Scheme(String name, Optional<AlgorithmParameterSpec> parameters) {
        Scheme(String name) {
            this(name, Optional.empty());
        }

        Scheme(String name, AlgorithmParameterSpec parameters) {
            this(name, Optional.of(parameters));
        }
    }

    /** P-256, P-384 and P-521. */
    private static final Set<String> CURVES = Set.of("1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35");

    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final BigInteger MIN_RSA_EXPONENT = BigInteger.valueOf(65_537);

    private final String title;
    private final String curve;
    private final List<Scheme> schemes;

    KeyAlgorithm(String title, String curve, Scheme... schemes) {
        this.title = title;
        this.curve = curve;
        this.schemes = List.of(schemes);
    }

    /**
     * The JDK's name for what reads keys of an algorithm.
     *
     * @param what the key, for messages
     * @throws OciException if there is none, or a curve is described and not named
     */
    static String factory(AlgorithmIdentifier algorithm, String what) {
        String oid = algorithm.getAlgorithm().getId();
        return switch (oid) {
            case "1.2.840.10045.2.1" -> {
                if (!(algorithm.getParameters() instanceof ASN1ObjectIdentifier named
                        && CURVES.contains(named.getId()))) {
                    throw unsupported(what, "ECDSA with another curve");
                }
                yield "EC";
            }
            case "1.2.840.113549.1.1.1" -> "RSA";
            case "1.3.101.112" -> "Ed25519";
            default -> throw unsupported(what, oid);
        };
    }

    /**
     * The algorithm of a key.
     *
     * @param what the key, for messages
     * @throws OciException if it is of no such kind, too weak, or no point of its curve
     */
    static KeyAlgorithm of(PublicKey key, String what) {
        return switch (key) {
            case ECPublicKey ec -> ofCurve(ec, what);
            case RSAPublicKey rsa -> ofRsa(rsa, what);
            case EdECPublicKey ed when ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName()) -> ED25519;
            default -> throw unsupported(what, key.getAlgorithm());
        };
    }

    private static OciException unsupported(String what, String algorithm) {
        return new OciException(
                Problem.UNSUPPORTED,
                what + " is of the kind " + algorithm + ", and only ECDSA with P-256, P-384 or P-521, RSA and Ed25519"
                        + " are supported");
    }

    private static KeyAlgorithm ofRsa(RSAPublicKey key, String what) {
        int bits = key.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    what + " is an RSA key of " + bits + " bits, and from " + MIN_RSA_BITS + " to " + MAX_RSA_BITS
                            + " are supported");
        }
        BigInteger exponent = key.getPublicExponent();
        if (exponent.compareTo(MIN_RSA_EXPONENT) < 0 || exponent.bitLength() > 64 || !exponent.testBit(0)) {
            throw new OciException(Problem.UNSUPPORTED, what + " is an RSA key with an exponent that is not safe");
        }
        return RSA;
    }

    private static KeyAlgorithm ofCurve(ECPublicKey key, String what) {
        for (KeyAlgorithm algorithm : values()) {
            if (!algorithm.curve.isEmpty() && sameCurve(key.getParams(), algorithm.parameters())) {
                if (!isOnCurve(key.getW(), key.getParams())) {
                    throw new OciException(Problem.INVALID, what + " is no key: its point is not on the curve");
                }
                return algorithm;
            }
        }
        throw unsupported(what, "ECDSA with another curve");
    }

    /** The parameters of its curve. */
    ECParameterSpec parameters() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(curve));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + curve, e);
        }
    }

    private static boolean sameCurve(ECParameterSpec one, ECParameterSpec other) {
        return one.getCurve().getField().equals(other.getCurve().getField())
                && one.getCurve().getA().equals(other.getCurve().getA())
                && one.getCurve().getB().equals(other.getCurve().getB())
                && one.getGenerator().equals(other.getGenerator())
                && one.getOrder().equals(other.getOrder())
                && one.getCofactor() == other.getCofactor();
    }

    private static boolean isOnCurve(ECPoint point, ECParameterSpec parameters) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        BigInteger p = ((ECFieldFp) parameters.getCurve().getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || x.compareTo(p) >= 0 || y.signum() < 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x)
                .add(parameters.getCurve().getA())
                .multiply(x)
                .add(parameters.getCurve().getB())
                .mod(p);
        return y.multiply(y).mod(p).equals(right);
    }

    /**
     * Signs a message.
     *
     * @throws GeneralSecurityException if the key's numbers make no sense
     */
    byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(schemes.getFirst().name());
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    /** Whether a signature is one of a message. Of the encodings of an ECDSA signature only the DER form is one. */
    boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        if (!curve.isEmpty() && !EcdsaSignature.isStrict(signature, parameters().getOrder())) {
            return false;
        }
        return schemes.stream().anyMatch(scheme -> verifies(scheme, key, message, signature));
    }

    private static boolean verifies(Scheme scheme, PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(scheme.name());
            if (scheme.parameters().isPresent()) {
                verifier.setParameter(scheme.parameters().orElseThrow());
            }
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException | InvalidKeyException e) {
            // A signature of another length, or values out of range: not a signature of this key.
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + scheme.name(), e);
        }
    }

    /** Its name for people. */
    @Override
    public String toString() {
        return title;
    }
}
