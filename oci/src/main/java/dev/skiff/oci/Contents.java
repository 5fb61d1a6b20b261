package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;

/** Checks bytes against what names them. */
public final class Contents {
    private Contents() {}

    /**
     * Checks that bytes have a digest.
     *
     * @param what the bytes, for messages
     * @return the bytes
     * @throws OciException if they have another
     */
    public static byte[] check(byte[] bytes, Digest digest, String what) {
        Digest actual = digest.ofSame(bytes);
        if (!actual.equals(digest)) {
            throw new OciException(Problem.CORRUPT, what + " has the digest " + actual + " and not " + digest);
        }
        return bytes;
    }
}
