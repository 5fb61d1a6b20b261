package dev.skiff.oci.testing;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** How bodies of HTTP/1.1 are framed (RFC 9112, section 6): by a length, in chunks, or by the connection's end. */
final class HttpBody {
    private HttpBody() {}

    /** The body that follows a request's head, without its framing. */
    static InputStream ofRequest(HttpHead head, InputStream in) {
        return head.isChunked() ? new Chunks(in) : new Exactly(in, head.length().orElse(0L));
    }

    /** The body that follows the head of a response to such a request. */
    static InputStream ofResponse(HttpHead head, String method, InputStream in) {
        if (isEmpty(head, method)) {
            return InputStream.nullInputStream();
        }
        if (head.isChunked()) {
            return new Chunks(in);
        }
        return head.length().<InputStream>map(length -> new Exactly(in, length)).orElse(in);
    }

    /** Whether a response has no body whatever its head says. */
    static boolean isEmpty(HttpHead head, String method) {
        return method.equals("HEAD") || head.status() == 204 || head.status() == 304;
    }

    /** Writes one chunk; an empty one ends the body. */
    static void writeChunk(OutputStream out, byte[] bytes, int count) throws IOException {
        out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes, 0, count);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** As many bytes, or an exception. */
    private static class Exactly extends FilterInputStream {
        private long left;

        Exactly(InputStream in, long length) {
            super(in);
            left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = in.read(into, offset, (int) Math.min(left, length));
            if (count < 0) {
                throw new EOFException("an HTTP message ends " + left + " bytes early");
            }
            left -= count;
            return count;
        }
    }

    /** What the chunks hold. */
    private static final class Chunks extends FilterInputStream {
        private InputStream chunk = nullInputStream();
        private boolean first = true;
        private boolean ended;

        Chunks(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            while (!ended) {
                int count = chunk.read(into, offset, length);
                if (count >= 0) {
                    return count;
                }
                if (!first) {
                    line();
                }
                first = false;
                long size = Long.parseLong(line().replaceFirst(";.*", "").strip(), 16);
                if (size == 0) {
                    ended = true;
                    // Trailers, to the empty line.
                    while (!line().isEmpty()) {}
                } else {
                    chunk = new Exactly(in, size);
                }
            }
            return -1;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException("an HTTP message ends within its chunks");
                }
                line.append((char) c);
            }
            return line.toString().strip();
        }
    }
}
