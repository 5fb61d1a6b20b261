package dev.skiff.containerd;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http2.hpack.HPackDecoder;

/** Headers of HTTP/2, which come in one frame or several; one block after the other. Not thread-safe. */
final class HeaderBlock {
    /** Bytes that headers may have, compressed or not. */
    static final int MAX = 64 << 10;

    private final HPackDecoder decoder;
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
    private boolean open;

    /**
     * Has none yet.
     *
     * @param table bytes that the peer may have remembered
     */
    HeaderBlock(int table) {
        decoder = new HPackDecoder(table, StandardCharsets.US_ASCII);
        decoder.setMaxListSize(MAX);
    }

    /** Whether more of it must come before anything else. */
    boolean isOpen() {
        return open;
    }

    /** Takes the content of a frame. */
    void add(ByteBuffer part, boolean isLast) throws ProtocolException {
        if (parts.size() + part.remaining() > MAX) {
            throw new ProtocolException("headers have more than " + MAX + " bytes");
        }
        parts.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
        open = !isLast;
    }

    /** The fields of a block that is whole, by their names in lower case; of equal names the last counts. */
    Map<String, String> fields() throws ProtocolException {
        Map<String, String> fields = new HashMap<>();
        try {
            decoder.decodeHeaders(ByteBuffer.wrap(parts.toByteArray()))
                    .forEach(header -> fields.put(header.getName(), header.getValue()));
        } catch (HttpException | RuntimeException e) {
            throw new ProtocolException("headers cannot be read: " + e);
        }
        parts.reset();
        return fields;
    }
}
