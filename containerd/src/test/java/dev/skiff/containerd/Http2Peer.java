package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.http2.frame.DefaultFrameFactory;
import org.apache.hc.core5.http2.frame.FrameFactory;
import org.apache.hc.core5.http2.frame.FrameFlag;
import org.apache.hc.core5.http2.frame.FrameType;
import org.apache.hc.core5.http2.frame.RawFrame;
import org.apache.hc.core5.http2.hpack.HPackEncoder;
import org.apache.hc.core5.http2.impl.io.FrameInputBuffer;
import org.apache.hc.core5.http2.impl.io.FrameOutputBuffer;
import org.apache.hc.core5.util.ByteArrayBuffer;

/** The server's side of a connection of HTTP/2, which does what a test tells it, for a call on its first stream. Not thread-safe. */
final class Http2Peer {
    private static final FrameFactory FRAMES = DefaultFrameFactory.INSTANCE;

    private final SocketChannel channel;
    private final FrameInputBuffer in = new FrameInputBuffer(16 << 10);
    private final FrameOutputBuffer out = new FrameOutputBuffer(16 << 10);
    private final HPackEncoder encoder = new HPackEncoder(4096, StandardCharsets.US_ASCII);

    Http2Peer(SocketChannel channel) {
        this.channel = channel;
    }

    void preface() throws IOException {
        byte[] preface = Channels.newInputStream(channel).readNBytes(24);
        assertThat(new String(preface, StandardCharsets.US_ASCII)).startsWith("PRI * HTTP/2.0");
        assertThat(read().isType(FrameType.SETTINGS)).isTrue();
    }

    RawFrame read() throws IOException {
        return in.read(Channels.newInputStream(channel));
    }

    /** The next frame of a type, and none of what comes before it. */
    RawFrame read(FrameType type) throws IOException {
        RawFrame frame = read();
        while (!frame.isType(type)) {
            frame = read();
        }
        return frame;
    }

    /** The client has the say when the connection ends. */
    void readToEnd() {
        try {
            while (true) {
                read();
            }
        } catch (IOException e) {
            // It ended.
        }
    }

    /** What is no frame. */
    void sendRaw(byte[] bytes) throws IOException {
        Channels.newOutputStream(channel).write(bytes);
    }

    void send(RawFrame frame) throws IOException {
        out.write(frame, Channels.newOutputStream(channel));
    }

    ByteBuffer encoded(String... fields) throws IOException {
        ByteArrayBuffer bytes = new ByteArrayBuffer(64);
        for (int i = 0; i < fields.length; i += 2) {
            encoder.encodeHeader(bytes, fields[i], fields[i + 1], false);
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    void head() throws IOException {
        send(FRAMES.createHeaders(1, encoded(":status", "200", "content-type", "application/grpc"), true, false));
    }

    void data(byte[] bytes) throws IOException {
        send(FRAMES.createData(1, ByteBuffer.wrap(bytes), false));
    }

    /** Not with the library's, which has a padding of its own. */
    void padded(byte[] bytes, int offset, int length, int padding) throws IOException {
        int size = 1 + length + padding;
        ByteBuffer frame = ByteBuffer.allocate(9 + size)
                .putInt(size << 8 | FrameType.DATA.getValue())
                .put((byte) FrameFlag.PADDED.getValue())
                .putInt(1)
                .put((byte) padding)
                .put(bytes, offset, length)
                .rewind();
        sendRaw(frame.array());
    }

    void trailers(String... fields) throws IOException {
        send(FRAMES.createHeaders(1, encoded(fields), true, true));
    }

    void answer(String text) throws IOException {
        head();
        data(message(text));
        trailers("grpc-status", "0");
    }

    /** A message of one field, framed. */
    static byte[] message(String text) {
        return GrpcMessages.framed(new ProtoWriter().text(1, text).toBytes());
    }
}
