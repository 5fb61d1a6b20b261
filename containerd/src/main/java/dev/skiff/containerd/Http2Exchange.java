package dev.skiff.containerd;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hc.core5.http2.H2Error;
import org.apache.hc.core5.http2.H2StreamResetException;
import org.apache.hc.core5.http2.config.H2Param;
import org.apache.hc.core5.http2.config.H2Setting;
import org.apache.hc.core5.http2.frame.DefaultFrameFactory;
import org.apache.hc.core5.http2.frame.FrameFactory;
import org.apache.hc.core5.http2.frame.FrameFlag;
import org.apache.hc.core5.http2.frame.FrameType;
import org.apache.hc.core5.http2.frame.RawFrame;
import org.apache.hc.core5.http2.hpack.HPackEncoder;
import org.apache.hc.core5.http2.impl.io.FrameInputBuffer;
import org.apache.hc.core5.http2.impl.io.FrameOutputBuffer;
import org.apache.hc.core5.util.ByteArrayBuffer;

/**
 * One request and its answer in HTTP/2 (RFC 9113), alone on a connection: frames are read only while the answer is awaited or the peer
 * must make room for the request. Not thread-safe.
 */
final class Http2Exchange {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final FrameFactory FRAMES = DefaultFrameFactory.INSTANCE;
    private static final int CONNECTION = 0;
    private static final int STREAM = 1;
    /** What both sides start with: section 6.5.2. */
    private static final int MAX_FRAME = 16 << 10;

    private static final int HEADER_TABLE = 4 << 10;
    private static final int WINDOW = 65_535;

    private static final int PRIORITY_BYTES = 5;
    private static final int PING_BYTES = 8;
    private static final int SETTING_BYTES = 6;

    /**
     * What came back besides data.
     *
     * @param head the first headers, {@code :status} among them
     * @param trailers the last headers; the same if there were no others
     */
    record Answer(Map<String, String> head, Map<String, String> trailers) {}

    private final InputStream input;
    private final OutputStream output;
    private final Consumer<ByteBuffer> data;
    private final FrameInputBuffer in = new FrameInputBuffer(MAX_FRAME);
    private final FrameOutputBuffer out = new FrameOutputBuffer(MAX_FRAME);
    private final HeaderBlock block = new HeaderBlock(HEADER_TABLE);

    private long connectionWindow = WINDOW;
    private long streamWindow = WINDOW;
    private long initialWindow = WINDOW;
    private int unacknowledged;
    private boolean ending;
    private boolean ended;
    private Optional<Map<String, String>> head = Optional.empty();
    private Map<String, String> trailers = Map.of();

    /**
     * Prepares for a connection that was just made.
     *
     * @param data gets the parts of the answer's body
     */
    Http2Exchange(InputStream input, OutputStream output, Consumer<ByteBuffer> data) {
        this.input = input;
        this.output = new BufferedOutputStream(output, MAX_FRAME * 2);
        this.data = data;
    }

    /**
     * Sends a request and reads the answer to its end; once.
     *
     * @param headers those of HTTP/2, such as {@code :method}, before the others
     * @param body not empty
     * @throws H2StreamResetException if the peer breaks it off
     * @throws ProtocolException if the peer does not speak HTTP/2 as it should
     * @throws IOException if the connection fails
     */
    Answer run(Map<String, String> headers, byte[] body) throws IOException {
        output.write(PREFACE);
        send(FRAMES.createSettings(
                new H2Setting(H2Param.ENABLE_PUSH, 0), new H2Setting(H2Param.MAX_HEADER_LIST_SIZE, HeaderBlock.MAX)));
        HPackEncoder encoder = new HPackEncoder(HEADER_TABLE, StandardCharsets.US_ASCII);
        ByteArrayBuffer encoded = new ByteArrayBuffer(256);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            encoder.encodeHeader(encoded, header.getKey(), header.getValue(), false);
        }
        send(FRAMES.createHeaders(STREAM, ByteBuffer.wrap(encoded.array(), 0, encoded.length()), true, false));
        send(body);
        while (!ended) {
            receive();
        }
        return new Answer(head.orElse(trailers), trailers);
    }

    /** An answer can come before the request was read to its end. */
    private void send(byte[] body) throws IOException {
        int sent = 0;
        while (sent < body.length && !ended) {
            int room = (int) Math.min(MAX_FRAME, Math.min(connectionWindow, streamWindow));
            int part = Math.min(room, body.length - sent);
            if (part <= 0) {
                receive();
                continue;
            }
            send(FRAMES.createData(STREAM, ByteBuffer.wrap(body, sent, part), sent + part == body.length));
            sent += part;
            connectionWindow -= part;
            streamWindow -= part;
        }
    }

    private void send(RawFrame frame) throws IOException {
        out.write(frame, output);
    }

    private void receive() throws IOException {
        output.flush();
        RawFrame frame = in.read(input);
        FrameType type = FrameType.valueOf(frame.getType());
        if (block.isOpen() != (type == FrameType.CONTINUATION)) {
            throw new ProtocolException("there is a frame " + type + (block.isOpen() ? " within headers" : ""));
        }
        switch (type) {
            case DATA -> data(frame);
            case HEADERS -> headers(frame);
            case CONTINUATION -> part(frame, content(frame));
            case SETTINGS -> settings(frame);
            case PING -> ping(frame);
            case WINDOW_UPDATE -> window(frame);
            case GOAWAY -> goAway(frame);
            case RST_STREAM -> {
                int code = content(frame, Integer.BYTES).getInt();
                throw new H2StreamResetException(code, String.valueOf(H2Error.getByCode(code)));
            }
            case PUSH_PROMISE -> throw new ProtocolException("there is a frame PUSH_PROMISE");
            case PRIORITY, PRIORITY_UPDATE -> {}
            // Unknown ones are left out: section 4.1.
            case null -> {}
        }
    }

    private static ByteBuffer content(RawFrame frame) {
        return Optional.ofNullable(frame.getPayloadContent()).orElse(ByteBuffer.allocate(0));
    }

    private static ByteBuffer content(RawFrame frame, int atLeast, int atMost) throws ProtocolException {
        ByteBuffer content = content(frame);
        if (content.remaining() < atLeast || content.remaining() > atMost) {
            throw new ProtocolException("a frame " + FrameType.valueOf(frame.getType()) + " has " + content.remaining()
                    + " bytes, which it must not have");
        }
        return content;
    }

    private static ByteBuffer content(RawFrame frame, int exactly) throws ProtocolException {
        return content(frame, exactly, exactly);
    }

    private static void checkStream(RawFrame frame) throws ProtocolException {
        if (frame.getStreamId() != STREAM) {
            throw new ProtocolException("there is a frame of stream " + frame.getStreamId());
        }
    }

    private void data(RawFrame frame) throws IOException {
        checkStream(frame);
        if (head.isEmpty()) {
            throw new ProtocolException("there is data before headers");
        }
        data.accept(content(frame));
        ended = frame.isFlagSet(FrameFlag.END_STREAM);
        // What comes takes of both windows alike, padding too.
        unacknowledged += frame.getLength();
        if (!ended && unacknowledged > WINDOW / 2) {
            send(FRAMES.createWindowUpdate(CONNECTION, unacknowledged));
            send(FRAMES.createWindowUpdate(STREAM, unacknowledged));
            unacknowledged = 0;
        }
    }

    private void headers(RawFrame frame) throws IOException {
        checkStream(frame);
        ending = frame.isFlagSet(FrameFlag.END_STREAM);
        boolean prioritized = frame.isFlagSet(FrameFlag.PRIORITY);
        ByteBuffer content = content(frame, prioritized ? PRIORITY_BYTES : 0, MAX_FRAME);
        if (prioritized) {
            content.position(content.position() + PRIORITY_BYTES);
        }
        part(frame, content);
    }

    private void part(RawFrame frame, ByteBuffer content) throws IOException {
        checkStream(frame);
        block.add(content, frame.isFlagSet(FrameFlag.END_HEADERS));
        if (block.isOpen()) {
            return;
        }
        Map<String, String> fields = block.fields();
        boolean informational = fields.getOrDefault(":status", "").startsWith("1");
        if (!ending && head.isPresent()) {
            throw new ProtocolException("there are headers within data");
        }
        if (!informational) {
            head = head.or(() -> Optional.of(fields));
            trailers = fields;
        }
        ended = ending;
    }

    private void settings(RawFrame frame) throws IOException {
        if (frame.isFlagSet(FrameFlag.ACK)) {
            return;
        }
        ByteBuffer content = content(frame);
        while (content.remaining() >= SETTING_BYTES) {
            int code = Short.toUnsignedInt(content.getShort());
            long value = Integer.toUnsignedLong(content.getInt());
            if (code == H2Param.INITIAL_WINDOW_SIZE.getCode()) {
                streamWindow = checked(streamWindow + value - initialWindow);
                initialWindow = value;
            }
        }
        send(FRAMES.createSettingsAck());
    }

    private void ping(RawFrame frame) throws IOException {
        if (!frame.isFlagSet(FrameFlag.ACK)) {
            send(FRAMES.createPingAck(content(frame, PING_BYTES)));
        }
    }

    private void window(RawFrame frame) throws IOException {
        int more = content(frame, Integer.BYTES).getInt() & Integer.MAX_VALUE;
        if (frame.getStreamId() == CONNECTION) {
            connectionWindow = checked(connectionWindow + more);
        } else {
            checkStream(frame);
            streamWindow = checked(streamWindow + more);
        }
    }

    private static long checked(long window) throws ProtocolException {
        if (window > Integer.MAX_VALUE) {
            throw new ProtocolException("a window has more than 2^31 - 1 bytes");
        }
        return window;
    }

    /** With this stream's number the answer still comes. */
    private static void goAway(RawFrame frame) throws IOException {
        ByteBuffer content = content(frame, 2 * Integer.BYTES, MAX_FRAME);
        int last = content.getInt() & Integer.MAX_VALUE;
        int code = content.getInt();
        if (last < STREAM) {
            throw new IOException("it takes no calls: " + H2Error.getByCode(code));
        }
    }
}
