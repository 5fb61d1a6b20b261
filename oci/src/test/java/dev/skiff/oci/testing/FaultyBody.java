package dev.skiff.oci.testing;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Bodies that are not what they were. */
final class FaultyBody {
    private FaultyBody() {}

    /** The connection is to end now. */
    static final class Cut extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Nothing is to happen any more. */
    static final class Stall extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** The first bytes of a body; the others are not read. */
    static InputStream first(InputStream body, long count) {
        return new Limited(body, count);
    }

    /** Bytes of 0 without an end. */
    static InputStream zeros() {
        return new InputStream() {
            @Override
            public int read() {
                return 0;
            }
        };
    }

    private static final class Limited extends FilterInputStream {
        private long left;

        Limited(InputStream body, long count) {
            super(body);
            left = count;
        }

        @Override
        public int read() throws IOException {
            return left-- <= 0 ? -1 : in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int count = in.read(into, offset, (int) Math.min(left, length));
            left -= count;
            return count;
        }
    }

    /** Ends with an exception after some bytes, even where the body has no more than those. */
    static final class Breaking extends FilterInputStream {
        private final IOException end;
        private long left;

        Breaking(InputStream body, long after, IOException end) {
            super(body);
            left = after;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                throw end;
            }
            int count = in.read(into, offset, (int) Math.min(left, length));
            left -= Math.max(0, count);
            return count;
        }
    }

    /** Inverts one byte. */
    static final class Corrupting extends FilterInputStream {
        private long until;

        Corrupting(InputStream body, long offset) {
            super(body);
            until = offset;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = in.read(into, offset, length);
            if (until >= 0 && until < count) {
                into[offset + (int) until] ^= (byte) 0xff;
            }
            until -= Math.max(0, count);
            return count;
        }
    }
}
