package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name that content has because of its bytes (OCI image specification, section "Digests").
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex the hash in lower-case hexadecimal digits
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
    private static final HexFormat HEX = HexFormat.of();

    /** Checks the parts. */
    public Digest {
        int length = switch (algorithm) {
            case "sha256" -> 64;
            case "sha512" -> 128;
            default ->
                throw new OciException(
                        Problem.UNSUPPORTED, "the digest algorithm " + algorithm + " is not one of sha256 and sha512");
        };
        if (hex.length() != length || !isHexadecimal(hex)) {
            throw new OciException(
                    Problem.INVALID,
                    "a " + algorithm + " digest has " + length + " digits of 0-9 and a-f, and " + hex + " has not");
        }
    }

    private static boolean isHexadecimal(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads {@code algorithm:hex}.
     *
     * @throws OciException if it is no digest, or of an algorithm that is not supported
     */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new OciException(Problem.INVALID, text + " is no digest: that is sha256: and 64 digits");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The SHA-256 digest of some bytes. */
    public static Digest ofBytes(byte[] bytes) {
        return new Digest("sha256", HEX.formatHex(hasher("SHA-256").digest(bytes)));
    }

    /** The digest of what went through a hasher of this one's algorithm. */
    Digest finish(MessageDigest hasher) {
        return new Digest(algorithm, HEX.formatHex(hasher.digest()));
    }

    /** The digest of some bytes, of this one's algorithm. */
    Digest ofSame(byte[] bytes) {
        return new Digest(algorithm, HEX.formatHex(hasher().digest(bytes)));
    }

    /** A hasher of its algorithm. */
    MessageDigest hasher() {
        return hasher(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    }

    private static MessageDigest hasher(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has " + name, e);
        }
    }

    /** The first digits, for people. */
    public String abbreviated() {
        return hex.substring(0, 12);
    }

    /** Written out, as a record's own costs a start milliseconds: see decision 7. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Digest digest && digest.hex.equals(hex) && digest.algorithm.equals(algorithm);
    }

    @Override
    public int hashCode() {
        return hex.hashCode();
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
