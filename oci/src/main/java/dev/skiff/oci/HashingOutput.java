package dev.skiff.oci;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Counts and hashes what goes through it. Flushing and closing stop here: what is below belongs to somebody else. */
final class HashingOutput extends FilterOutputStream {
    /** Any digest of the algorithm can make hashers. */
    private static final Digest SHA256 = Digest.ofBytes(new byte[0]);

    private final MessageDigest hasher = SHA256.hasher();
    private long size;

    HashingOutput(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        hasher.update(bytes, offset, length);
        size += length;
    }

    @Override
    public void flush() {
        // See above.
    }

    @Override
    public void close() {
        // See above.
    }

    long size() {
        return size;
    }

    /** The digest of all of it; to be asked for once, at the end. */
    Digest digest() {
        return SHA256.finish(hasher);
    }
}
