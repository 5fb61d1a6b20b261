package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;

/**
 * A stream over another one that sees every byte on its way. Unlike with {@link java.io.FilterInputStream} nothing goes past
 * {@link #read(byte[], int, int)}: not a single byte, not what is skipped. Closing it closes the other.
 */
abstract class BulkInput extends InputStream {
    final InputStream in;

    BulkInput(InputStream in) {
        this.in = in;
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] bytes, int offset, int length) throws IOException;

    @Override
    public void close() throws IOException {
        in.close();
    }
}
