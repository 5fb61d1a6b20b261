package dev.skiff.containerd;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A message of ttrpc: ten bytes, of which all numbers are big-endian, and what they announce.
 *
 * @param stream the call it belongs to; odd for those of clients
 * @param type {@link #REQUEST}, {@link #RESPONSE}, or another one, which this service has no use for and passes over
 * @param flags of streaming calls; 0 where each side says one thing, as here
 * @param payload at most {@link #MAX_PAYLOAD} bytes
 */
@SuppressWarnings("ArrayRecordComponent")
record Frame(int stream, int type, int flags, byte[] payload) {
    static final int REQUEST = 1;
    static final int RESPONSE = 2;
    /** More is refused by both sides: 4 MiB. */
    static final int MAX_PAYLOAD = 4 << 20;

    private static final int HEADER = 10;

    /**
     * Reads the next one.
     *
     * @return empty at the end of the connection
     * @throws IOException if the connection breaks within one, or it is too long
     */
    static Optional<Frame> read(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int stream = in.readInt();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        if (length < 0 || length > MAX_PAYLOAD) {
            throw new IOException(
                    "a message of " + Integer.toUnsignedString(length) + " bytes, more than " + MAX_PAYLOAD);
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("the connection ended within a message");
        }
        return Optional.of(new Frame(stream, type, flags, payload));
    }

    /** Writes it in one piece. */
    void write(OutputStream out) throws IOException {
        out.write(ByteBuffer.allocate(HEADER + payload.length)
                .putInt(payload.length)
                .putInt(stream)
                .put((byte) type)
                .put((byte) flags)
                .put(payload)
                .array());
        out.flush();
    }
}
