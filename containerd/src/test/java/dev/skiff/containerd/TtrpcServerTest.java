package dev.skiff.containerd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.RpcException.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The protocol that containerd speaks, over a real socket. */
@Timeout(30)
class TtrpcServerTest {
    private final CountDownLatch free = new CountDownLatch(1);

    @TempDir
    private Path directory;

    private Path socket;
    private TtrpcServer server;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("s");
        server = TtrpcServer.start(socket, Map.of("test.Echo", () -> this::echo));
    }

    @AfterEach
    void stop() throws IOException {
        free.countDown();
        server.close();
    }

    private Optional<ProtoWriter> echo(String method, ProtoMessage request, Map<String, String> metadata) {
        return switch (method) {
            case "Echo" -> Optional.of(new ProtoWriter().text(1, request.text(1) + metadata.getOrDefault("more", "")));
            case "Wait" -> {
                try {
                    free.await();
                } catch (InterruptedException e) {
                    throw new RpcException(Code.UNAVAILABLE, "interrupted", e);
                }
                yield Optional.of(new ProtoWriter().text(1, "free"));
            }
            case "Fail" -> throw new RpcException(Code.NOT_FOUND, "there is no " + request.text(1));
            case "Break" -> throw new IllegalStateException("a bug");
            default -> Optional.empty();
        };
    }

    /** One connection. */
    private final class Client implements AutoCloseable {
        private final SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        private final OutputStream out = Channels.newOutputStream(channel);
        private final DataInputStream in = new DataInputStream(Channels.newInputStream(channel));

        Client() throws IOException {}

        void send(int stream, String service, String method, String text) throws IOException {
            byte[] request = new ProtoWriter()
                    .text(1, service)
                    .text(2, method)
                    .bytes(3, new ProtoWriter().text(1, text).toBytes())
                    .number(4, 5_000_000_000L)
                    .message(5, new ProtoWriter().text(1, "more").text(2, "!"))
                    .toBytes();
            new Frame(stream, Frame.REQUEST, 0, request).write(out);
        }

        Frame receive() throws IOException {
            return Frame.read(in).orElseThrow();
        }

        /** The answer's text, or its code and message. */
        String call(String service, String method, String text) throws IOException {
            send(1, service, method, text);
            return text(receive());
        }

        static String text(Frame frame) {
            ProtoMessage response = ProtoMessage.parse(frame.payload());
            ProtoMessage status = response.message(1);
            return status.number(1) == 0 ? response.message(2).text(1) : status.number(1) + " " + status.text(2);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void callsAreAnsweredOrRefusedWithACode() throws IOException {
        try (Client client = new Client()) {
            assertThat(client.call("test.Echo", "Echo", "ahoy")).isEqualTo("ahoy!");
            assertThat(client.call("test.Echo", "Fail", "wind")).isEqualTo("5 there is no wind");
            assertThat(client.call("test.Echo", "Swim", "")).isEqualTo("12 test.Echo/Swim is not implemented");
            assertThat(client.call("test.Other", "Echo", "")).isEqualTo("12 test.Other/Echo is not implemented");
            assertThat(client.call("test.Echo", "Break", "")).startsWith("13 internal error: ");
            assertThat(client.call("test.Echo", "Echo", "still there")).isEqualTo("still there!");
        }
    }

    @Test
    void callsAreCountedByMethodsThatThereAre() throws IOException {
        try (Client client = new Client()) {
            client.call("test.Echo", "Echo", "ahoy");
            client.call("test.Echo", "Echo", "ahoy");
            client.call("test.Echo", "Fail", "wind");
            client.call("test.Echo", "Break", "");
            for (int i = 0; i < 10; i++) {
                client.call("test.Echo", "Swim" + i, "");
                client.call("test.Other" + i, "Echo", "");
            }
            new Frame(1, Frame.REQUEST, 0, new byte[] {-1, -1, -1}).write(client.out);
            client.receive();

            assertThat(server.calls())
                    .isEqualTo(Map.of(
                            new CallCounts.Answer("Echo", "OK"), 2L,
                            new CallCounts.Answer("Fail", "NOT_FOUND"), 1L,
                            new CallCounts.Answer("Break", "INTERNAL"), 1L,
                            new CallCounts.Answer(CallCounts.UNKNOWN, "UNIMPLEMENTED"), 20L,
                            new CallCounts.Answer(CallCounts.UNKNOWN, "INVALID_ARGUMENT"), 1L));
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void oneThatWaitsHoldsNoOtherUp() throws IOException {
        try (Client client = new Client()) {
            Set<Integer> waiting = new HashSet<>();
            for (int stream = 1; stream < 200; stream += 2) {
                client.send(stream, "test.Echo", "Wait", "");
                waiting.add(stream);
            }
            client.send(201, "test.Echo", "Echo", "quick");
            Frame first = client.receive();
            assertThat(first.stream()).isEqualTo(201);
            assertThat(Client.text(first)).isEqualTo("quick!");

            free.countDown();

            for (int i = 0; i < 100; i++) {
                assertThat(waiting.remove(client.receive().stream())).isTrue();
            }
        }
    }

    @Test
    void whatIsNoMessageEndsItsConnectionAndNoOther() throws IOException {
        try (Client good = new Client();
                Client bad = new Client()) {
            bad.out.write(new byte[] {127, 1, 2, 3, 0, 0, 0, 1, 1, 0, 1, 1});
            assertThat(bad.in.read()).isNegative();

            assertThat(good.call("test.Echo", "Echo", "on")).isEqualTo("on!");
        }
    }

    @Test
    void whatIsNoRequestIsRefused() throws IOException {
        try (Client client = new Client()) {
            new Frame(1, Frame.REQUEST, 0, new byte[] {-1, -1, -1}).write(client.out);
            assertThat(Client.text(client.receive())).startsWith("3 a message is no protocol buffer");
            new Frame(3, 77, 0, new byte[] {1}).write(client.out);
            assertThat(client.call("test.Echo", "Echo", "on")).isEqualTo("on!");
        }
    }

    @Test
    void onlyItsOwnerCanConnect() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Property
    void aFrameIsReadAsItWasWritten(@ForAll int stream, @ForAll byte type, @ForAll byte flags, @ForAll byte[] payload)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Frame(stream, type & 0xff, flags & 0xff, payload).write(out);

        Frame read = Frame.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray())))
                .orElseThrow();

        assertThat(read.stream()).isEqualTo(stream);
        assertThat(read.type()).isEqualTo(type & 0xff);
        assertThat(read.flags()).isEqualTo(flags & 0xff);
        assertThat(read.payload()).isEqualTo(payload);
    }

    @Test
    void aFrameThatIsCutOffOrTooLongIsNoFrame() throws IOException {
        byte[] whole = {0, 0, 0, 2, 0, 0, 0, 1, 1, 0, 'h', 'i'};
        for (int length = 1; length < whole.length; length++) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(whole, 0, length));
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> Frame.read(in));
        }
        for (int first : new int[] {1, 127, 128, 255}) {
            byte[] huge = whole.clone();
            huge[0] = (byte) first;
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> Frame.read(new DataInputStream(new ByteArrayInputStream(huge))))
                    .withMessageContaining("more than");
        }
        assertThat(Frame.read(new DataInputStream(new ByteArrayInputStream(new byte[0]))))
                .isEmpty();
    }

    @Property(tries = 2000)
    void anyBytesAreAMessageOrRefused(@ForAll byte[] bytes) {
        try {
            ProtoMessage message = ProtoMessage.parse(bytes);
            message.texts(1);
            message.number(2);
        } catch (RpcException e) {
            assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT);
        }
        assertThat(new String(new ProtoWriter().text(1, "x").toBytes(), UTF_8)).isEqualTo("\n\001x");
    }
}
