package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.RpcException.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.hc.core5.http2.H2Error;
import org.apache.hc.core5.http2.config.H2Param;
import org.apache.hc.core5.http2.config.H2Setting;
import org.apache.hc.core5.http2.frame.DefaultFrameFactory;
import org.apache.hc.core5.http2.frame.FrameFactory;
import org.apache.hc.core5.http2.frame.FrameFlag;
import org.apache.hc.core5.http2.frame.FrameType;
import org.apache.hc.core5.http2.frame.RawFrame;
import org.apache.hc.core5.http2.hpack.HPackDecoder;
import org.apache.hc.core5.http2.hpack.HPackException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What servers of gRPC may do that containerd seldom does, by a server that does what it is told. */
@Timeout(30)
class GrpcClientTest {
    private static final FrameFactory FRAMES = DefaultFrameFactory.INSTANCE;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private ServerSocketChannel listener;
    private GrpcClient client;

    @BeforeEach
    void start() throws IOException {
        Path socket = directory.resolve("s");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        client = new GrpcClient(socket, Map.of("containerd-namespace", "ship"));
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
    }

    private interface Script {
        void run(Http2Peer peer) throws IOException;
    }

    /** Answers one connection. */
    private CompletableFuture<Void> serve(Script script) {
        return CompletableFuture.runAsync(() -> {
            try (SocketChannel channel = listener.accept()) {
                Http2Peer peer = new Http2Peer(channel);
                peer.preface();
                script.run(peer);
                peer.readToEnd();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private String call() {
        return client.call("test.Echo/Echo", new ProtoWriter().text(1, "ahoy"), PATIENCE)
                .text(1);
    }

    private void fails(Code code, String message) {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(this::call)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aCallNamesItsMethodAndSaysItsMetadata() {
        List<String> fields = new ArrayList<>();
        CompletableFuture<Void> server = serve(peer -> {
            RawFrame head = peer.read(FrameType.HEADERS);
            try {
                new HPackDecoder(4096, StandardCharsets.US_ASCII)
                        .decodeHeaders(head.getPayloadContent())
                        .forEach(field -> fields.add(field.getName() + "=" + field.getValue()));
            } catch (HPackException e) {
                throw new IOException(e);
            }
            RawFrame body = peer.read(FrameType.DATA);
            assertThat(body.isFlagSet(FrameFlag.END_STREAM)).isTrue();
            assertThat(body.getPayloadContent()).isEqualTo(ByteBuffer.wrap(Http2Peer.message("ahoy")));
            peer.answer("ahoy too");
        });

        assertThat(call()).isEqualTo("ahoy too");
        server.join();
        assertThat(fields)
                .contains(
                        ":method=POST",
                        ":path=/test.Echo/Echo",
                        "te=trailers",
                        "content-type=application/grpc",
                        "containerd-namespace=ship");
    }

    @Test
    void aFailureWithoutHeadersBeforeItIsRead() {
        serve(peer ->
                peer.trailers(":status", "200", "grpc-status", "9", "grpc-message", "caf%C3%A9 is 100% closed%2"));

        fails(Code.FAILED_PRECONDITION, "café is 100% closed%2");
    }

    @Test
    void aCodeThatNobodyKnowsIsUnknown() {
        serve(peer -> peer.trailers(":status", "200", "grpc-status", "99"));

        fails(Code.UNKNOWN, "test.Echo/Echo failed with the code 99");
    }

    @Test
    void whatIsNoGrpcHasNoStatus() {
        serve(peer -> peer.trailers(":status", "404"));

        fails(Code.UNKNOWN, "that of HTTP is 404");
    }

    @Test
    void pingsAndSettingsAreAcknowledged() {
        CompletableFuture<Void> server = serve(peer -> {
            peer.send(FRAMES.createSettings(new H2Setting(H2Param.MAX_CONCURRENT_STREAMS, 1)));
            assertThat(peer.read(FrameType.SETTINGS).isFlagSet(FrameFlag.ACK)).isTrue();
            peer.send(FRAMES.createPing(ByteBuffer.wrap("12345678".getBytes())));
            RawFrame pong = peer.read(FrameType.PING);
            assertThat(pong.isFlagSet(FrameFlag.ACK)).isTrue();
            assertThat(pong.getPayloadContent()).isEqualTo(ByteBuffer.wrap("12345678".getBytes()));
            peer.send(new RawFrame(0x99, 0, 0, ByteBuffer.wrap(new byte[3])));
            peer.answer("still there");
        });

        assertThat(call()).isEqualTo("still there");
        server.join();
    }

    @Test
    void aServerWithASmallWindowIsSentNoMoreThanItTakes() {
        byte[] text = new byte[100_000];
        CompletableFuture<Void> server = serve(peer -> {
            peer.send(FRAMES.createSettings(new H2Setting(H2Param.INITIAL_WINDOW_SIZE, 1000)));
            int received = 0;
            RawFrame part = peer.read(FrameType.DATA);
            // What was sent before the settings were read was sent by the windows that all start with.
            while (received + part.getLength() < 65_535) {
                received += part.getLength();
                part = peer.read(FrameType.DATA);
            }
            received += part.getLength();
            assertThat(received).isEqualTo(65_535);
            peer.send(FRAMES.createWindowUpdate(0, 100_000));
            peer.send(FRAMES.createWindowUpdate(1, 64_535 + 7));
            assertThat(peer.read(FrameType.DATA).getLength()).isEqualTo(7);
            peer.send(FRAMES.createWindowUpdate(1, 100_000));
            while (!part.isFlagSet(FrameFlag.END_STREAM)) {
                part = peer.read(FrameType.DATA);
            }
            peer.answer("all of it");
        });

        assertThat(client.call("test.Echo/Echo", new ProtoWriter().bytes(1, text), PATIENCE)
                        .text(1))
                .isEqualTo("all of it");
        server.join();
    }

    @Test
    void aServerIsGivenRoomForAsMuchAsWasRead() {
        int padding = 9;
        CompletableFuture<Void> server = serve(peer -> {
            peer.head();
            byte[] message = GrpcMessages.framed(
                    new ProtoWriter().bytes(1, new byte[200_000]).toBytes());
            long connection = 65_535;
            long stream = 65_535;
            for (int sent = 0; sent < message.length; ) {
                int part = Math.min(10_000, message.length - sent);
                while (connection < part + padding + 1 || stream < part + padding + 1) {
                    RawFrame update = peer.read(FrameType.WINDOW_UPDATE);
                    int more = update.getPayloadContent().getInt();
                    connection += update.getStreamId() == 0 ? more : 0;
                    stream += update.getStreamId() == 1 ? more : 0;
                }
                peer.padded(message, sent, part, padding);
                sent += part;
                connection -= part + padding + 1;
                stream -= part + padding + 1;
            }
            peer.trailers("grpc-status", "0");
        });

        ProtoMessage answer = client.call("test.Echo/Echo", new ProtoWriter(), PATIENCE);

        assertThat(answer.bytes(1)).hasSize(200_000);
        server.join();
    }

    @Test
    void headersMayComeInPieces() {
        serve(peer -> {
            ByteBuffer block = peer.encoded(":status", "200", "grpc-status", "5", "grpc-message", "in pieces");
            ByteBuffer first = block.slice(0, 3);
            ByteBuffer second = block.slice(3, 0);
            ByteBuffer third = block.slice(3, block.remaining() - 3);
            peer.send(FRAMES.createHeaders(1, copy(first), false, true));
            peer.send(FRAMES.createContinuation(1, copy(second), false));
            peer.send(FRAMES.createContinuation(1, copy(third), true));
        });

        fails(Code.NOT_FOUND, "in pieces");
    }

    private static ByteBuffer copy(ByteBuffer part) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        return ByteBuffer.wrap(bytes);
    }

    @Test
    void headersWithoutEndAreRefused() {
        serve(peer -> {
            peer.send(FRAMES.createHeaders(1, peer.encoded(":status", "200"), false, false));
            for (int i = 0; i < 10; i++) {
                peer.send(FRAMES.createContinuation(1, ByteBuffer.wrap(new byte[16 << 10]), false));
            }
        });

        fails(Code.INTERNAL, "headers have more than 65536 bytes");
    }

    @Test
    void messagesMayComeInPiecesAndTogether() {
        serve(peer -> {
            peer.head();
            byte[] one = Http2Peer.message("one");
            byte[] all = ByteBuffer.allocate(one.length * 2 + 5)
                    .put(one)
                    .put(Http2Peer.message(""))
                    .put(one)
                    .array();
            for (byte each : all) {
                peer.data(new byte[] {each});
            }
            peer.data(all);
            peer.data(new byte[0]);
            peer.trailers("grpc-status", "0");
        });
        List<String> texts = new ArrayList<>();

        client.stream("test.Echo/Echo", new ProtoWriter(), PATIENCE, answer -> texts.add(answer.text(1)));

        assertThat(texts).containsExactly("one", "", "one", "one", "", "one");
    }

    @Test
    void aMessageThatIsTooLargeIsNotReadAtAll() {
        serve(peer -> {
            peer.head();
            peer.data(ByteBuffer.allocate(5)
                    .put((byte) 0)
                    .putInt(GrpcClient.MAX_MESSAGE + 1)
                    .array());
        });

        fails(Code.RESOURCE_EXHAUSTED, "an answer has 16777217 bytes, more than 16777216");
    }

    @Test
    void aCompressedMessageIsRefused() {
        serve(peer -> {
            peer.head();
            peer.data(new byte[] {1, 0, 0, 0, 0});
        });

        fails(Code.INTERNAL, "compressed");
    }

    @Test
    void anAnswerThatEndsTooSoonIsNone() {
        serve(peer -> {
            peer.head();
            peer.data(new byte[] {0, 0, 0, 0, 9, 1});
            peer.trailers("grpc-status", "0");
        });

        fails(Code.INTERNAL, "ended within an answer");
    }

    @Test
    void noAnswerIsNotAnEmptyOne() {
        serve(peer -> {
            peer.head();
            peer.trailers("grpc-status", "0");
        });

        fails(Code.INTERNAL, "has no answer");
    }

    @Test
    void aSecondAnswerIsOneTooMany() {
        serve(peer -> {
            peer.head();
            peer.data(Http2Peer.message("one"));
            peer.data(Http2Peer.message("two"));
            peer.trailers("grpc-status", "0");
        });

        fails(Code.INTERNAL, "more than one answer");
    }

    @Test
    void aCallThatTheServerDidNotTakeCanBeTriedAgain() {
        serve(peer -> peer.send(FRAMES.createResetStream(1, H2Error.REFUSED_STREAM)));

        fails(Code.UNAVAILABLE, "REFUSED_STREAM");
    }

    @Test
    void aCallThatTheServerBreaksOffFails() {
        serve(peer -> {
            peer.head();
            peer.send(FRAMES.createResetStream(1, H2Error.INTERNAL_ERROR));
        });

        fails(Code.INTERNAL, "INTERNAL_ERROR");
    }

    @Test
    void aServerThatLeavesAnswersWhatItTook() {
        serve(peer -> {
            peer.send(FRAMES.createGoAway(1, H2Error.NO_ERROR, "closing"));
            peer.answer("the last");
        });

        assertThat(call()).isEqualTo("the last");
    }

    @Test
    void aServerThatLeftTakesNothing() {
        serve(peer -> peer.send(FRAMES.createGoAway(0, H2Error.NO_ERROR, "closing")));

        fails(Code.UNAVAILABLE, "it takes no calls: NO_ERROR");
    }

    @Test
    void aServerThatDiesIsUnavailable() {
        CompletableFuture.runAsync(() -> {
            try (SocketChannel channel = listener.accept()) {
                new Http2Peer(channel).preface();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        fails(Code.UNAVAILABLE, "cannot be called");
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() throws IOException {
        listener.close();

        fails(Code.UNAVAILABLE, "test.Echo/Echo of " + directory.resolve("s") + " cannot be called");
    }

    @Test
    void whatIsNoHttp2IsSaidToBeNone() {
        serve(peer -> peer.sendRaw("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes()));

        fails(Code.INTERNAL, "cannot be called");
    }

    @Test
    void aServerThatSaysNothingIsLeftWhenTheTimeIsOver() {
        CompletableFuture<Void> server = serve(peer -> peer.read(FrameType.HEADERS));

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> client.call("test.Echo/Echo", new ProtoWriter(), Duration.ofMillis(100)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.DEADLINE_EXCEEDED))
                .withMessageContaining("it takes too long");
        // It sees the end of the connection.
        server.join();
    }

    @Test
    void aThreadThatIsInterruptedGivesTheCallUp() {
        serve(peer -> peer.read(FrameType.HEADERS));
        Thread.currentThread().interrupt();

        fails(Code.CANCELLED, "given up");
        assertThat(Thread.interrupted()).isTrue();
    }
}
