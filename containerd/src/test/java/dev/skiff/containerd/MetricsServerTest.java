package dev.skiff.containerd;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The responder, over real sockets. */
@Timeout(60)
class MetricsServerTest {
    private static final String GOOD = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final byte[] PAGE = "up 1\n".getBytes(ISO_8859_1);

    private static MetricsServer patient;
    private static InetSocketAddress address;

    @BeforeAll
    @BeforeContainer
    static void start() throws IOException {
        ServerSocketChannel channel = listen();
        address = (InetSocketAddress) channel.getLocalAddress();
        patient = MetricsServer.start(channel, () -> PAGE, Duration.ofSeconds(30));
    }

    @AfterAll
    @AfterContainer
    static void stop() throws IOException {
        patient.close();
    }

    private static ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static String ask(String request) throws IOException {
        return ask(address, request.getBytes(ISO_8859_1));
    }

    /** What is answered to bytes that are all that comes. */
    private static String ask(InetSocketAddress to, byte[] request) throws IOException {
        try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                GOOD,
                "GET /metrics HTTP/1.0\r\n\r\n",
                "GET /metrics?name=up HTTP/1.1\r\nHost:\r\n\r\n",
                "GET http://localhost:9464/metrics HTTP/1.1\r\nhost: x\r\nAccept: */*;q=0.1\r\n\r\n"
            })
    void whoAsksIsAnswered(String request) throws IOException {
        assertThat(ask(request))
                .isEqualTo("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                        + "Content-Length: 5\r\nConnection: close\r\n\r\nup 1\n");
    }

    @Test
    void otherPathsAndMethodsAreRefused() throws IOException {
        assertThat(ask(GOOD.replace("/metrics", "/"))).startsWith("HTTP/1.1 404 Not Found\r\n");
        assertThat(ask(GOOD.replace("/metrics", "/metrics/../etc/passwd"))).startsWith("HTTP/1.1 404 ");
        assertThat(ask(GOOD.replace("GET", "POST"))).startsWith("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n\r\n",
                "\r\n\r\n",
                "GET /metrics\r\n\r\n",
                "GET /metrics HTTP/2.0\r\nHost: x\r\n\r\n",
                "GET  /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET metrics HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /metrics HTTP/1.1\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: x\nnext: y\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n"
            })
    void whatIsNoRequestIsRefused(String request) throws IOException {
        assertThat(ask(request)).startsWith("HTTP/1.1 400 Bad Request\r\n");
    }

    @Test
    void aHeadThatIsTooLongIsRefusedHoweverLongItIs() throws IOException {
        String start = GOOD.substring(0, GOOD.length() - 4);
        String most = start + "x".repeat(MetricsServer.MAX_HEAD - GOOD.length()) + "\r\n\r\n";

        assertThat(ask(most)).startsWith("HTTP/1.1 200 ");
        assertThat(ask(start + "x" + most.substring(start.length()))).startsWith("HTTP/1.1 431 ");
        assertThat(ask(start + "x".repeat(40_000))).startsWith("HTTP/1.1 431 ");
    }

    @Test
    void aRequestMayComeInPieces() throws IOException, InterruptedException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setTcpNoDelay(true);
            for (byte each : GOOD.getBytes(ISO_8859_1)) {
                socket.getOutputStream().write(each);
                Thread.sleep(1);
            }
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Property(tries = 300)
    void anyBytesAreAnsweredOrTheConnectionIsClosed(@ForAll @Size(max = 200) byte[] bytes) throws IOException {
        String answer = ask(address, bytes);

        assertThat(answer).matches("(?s)|HTTP/1\\.1 (400|404|405) .*");
    }

    @Property
    void anyHeadIsReadOrRefused(@ForAll byte[] bytes, @ForAll String text) {
        HttpRequest.parse(bytes);
        HttpRequest.parse((text + "\r\n\r\n").getBytes(ISO_8859_1));
        assertThat(HttpRequest.parse(GOOD.getBytes(ISO_8859_1))).contains(new HttpRequest("GET", "/metrics"));
    }

    @Test
    void whoIsSlowIsCutOffAndOthersAreServed() throws IOException {
        ServerSocketChannel channel = listen();
        InetSocketAddress to = (InetSocketAddress) channel.getLocalAddress();
        List<Socket> slow = new ArrayList<>();
        try (MetricsServer server = MetricsServer.start(channel, () -> PAGE, Duration.ofMillis(300))) {
            for (int i = 0; i < 40; i++) {
                Socket socket = new Socket(to.getAddress(), to.getPort());
                socket.getOutputStream().write("GET /met".getBytes(ISO_8859_1));
                slow.add(socket);
            }
            assertThat(ask(to, GOOD.getBytes(ISO_8859_1))).startsWith("HTTP/1.1 200 ");
            for (Socket socket : slow) {
                assertThat(isClosed(socket)).isTrue();
            }
            assertThat(server).isNotNull();
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Whether nothing comes, and it ends. */
    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void whoReadsNothingIsCutOffAndOthersAreServed() throws IOException {
        byte[] large = new byte[64 << 20];
        ServerSocketChannel channel = listen();
        InetSocketAddress to = (InetSocketAddress) channel.getLocalAddress();
        List<Socket> slow = new ArrayList<>();
        try (MetricsServer server = MetricsServer.start(channel, () -> large, Duration.ofMillis(300))) {
            for (int i = 0; i < 10; i++) {
                Socket socket = new Socket(to.getAddress(), to.getPort());
                socket.getOutputStream().write(GOOD.getBytes(ISO_8859_1));
                slow.add(socket);
            }
            assertThat(ask(to, "?\r\n\r\n".getBytes(ISO_8859_1))).startsWith("HTTP/1.1 400 ");
            assertThat(server).isNotNull();
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void aPageThatCannotBeMadeIsSaid() throws IOException {
        ServerSocketChannel channel = listen();
        InetSocketAddress to = (InetSocketAddress) channel.getLocalAddress();
        try (MetricsServer server = MetricsServer.start(
                channel,
                () -> {
                    throw new IllegalStateException("a bug");
                },
                Duration.ofSeconds(30))) {
            assertThat(ask(to, GOOD.getBytes(ISO_8859_1))).startsWith("HTTP/1.1 500 ");
            assertThat(ask(to, GOOD.getBytes(ISO_8859_1))).startsWith("HTTP/1.1 500 ");
            assertThat(server).isNotNull();
        }
    }

    @Test
    void aSocketInTheFileSystemIsItsOwnersOnly(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("metrics.sock");
        Files.writeString(path, "left by another");
        try (MetricsServer server = MetricsServer.start(LocalSocket.listen(path), () -> PAGE, Duration.ofSeconds(30))) {
            assertThat(server).isNotNull();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(ByteBuffer.wrap(GOOD.getBytes(ISO_8859_1)));
                ByteBuffer answer = ByteBuffer.allocate(1000);
                while (client.read(answer) >= 0) {
                    assertThat(answer.hasRemaining()).isTrue();
                }
                assertThat(new String(answer.array(), ISO_8859_1)).startsWith("HTTP/1.1 200 OK");
            }
        }
        assertThat(directory.toFile().list()).containsExactly("metrics.sock");
    }
}
