package dev.skiff.oci;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Tells whether bytes are an ECDSA signature in DER (RFC 3279, section 2.2.3) and nothing else. Java's own reader has been lenient
 * with encodings and values; this one decides before it is asked.
 */
final class EcdsaSignature {
    private final byte[] bytes;
    private int position;

    private EcdsaSignature(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether it is a sequence of two minimal integers from 1 to the order of the curve less 1, with nothing behind. */
    static boolean isStrict(byte[] signature, BigInteger order) {
        EcdsaSignature reader = new EcdsaSignature(signature);
        if (reader.header(0x30) != signature.length - reader.position) {
            return false;
        }
        return reader.integer(order) && reader.integer(order) && reader.position == signature.length;
    }

    private boolean integer(BigInteger order) {
        int length = header(0x02);
        if (length < 1 || length > bytes.length - position) {
            return false;
        }
        byte[] digits = Arrays.copyOfRange(bytes, position, position + length);
        position += length;
        boolean minimal = length == 1 || digits[0] != 0 || digits[1] < 0;
        BigInteger value = new BigInteger(digits);
        return minimal && value.signum() > 0 && value.compareTo(order) < 0;
    }

    /** The length that a header says, or -1 if there is no header of that tag in its shortest form. */
    private int header(int tag) {
        if (bytes.length - position < 2 || bytes[position] != tag) {
            return -1;
        }
        int length = bytes[position + 1] & 0xff;
        position += 2;
        if (length < 0x80) {
            return length;
        }
        // Only the sequence of a P-521 signature is that long, and never longer than one byte can say.
        if (length != 0x81 || position >= bytes.length || (bytes[position] & 0xff) < 0x80) {
            return -1;
        }
        return bytes[position++] & 0xff;
    }
}
