package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Sockets;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SocketCallsTest {
    private static final int LISTENER = 3;

    private int listener;
    private InetSocketAddress address;

    @BeforeEach
    void listen() {
        listener = Sockets.open(Sockets.INET, Sockets.STREAM | Sockets.CLOSE_ON_EXEC);
        Sockets.bind(listener, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        Sockets.listen(listener, 5);
        address = Sockets.localAddress(listener);
    }

    @AfterEach
    void close() {
        Descriptors.close(listener);
    }

    private Probe guest(MemoryKind kind) {
        return new Probe(WasiConfig.builder().listener(listener).build(), Limits.DEFAULT, kind);
    }

    private static Probe.Answer accept(Probe guest) {
        int result = guest.reserve(4);
        return new Probe.Answer(guest.call("sock_accept", LISTENER, 0, result), guest.memory.getInt(result));
    }

    private static Probe.Answer receive(Probe guest, int fd, int length, int flags) {
        int result = guest.reserve(8);
        guest.lastRead = guest.reserve(length);
        Errno errno = guest.call("sock_recv", fd, guest.list(guest.lastRead, length), 1, flags, result, result + 4);
        return new Probe.Answer(errno, guest.memory.getInt(result));
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void aGuestServesAConnection(MemoryKind kind) throws IOException {
        try (Probe guest = guest(kind);
                Socket client = new Socket(address.getAddress(), address.getPort())) {
            int fd = accept(guest).fd();
            assertThat(fd).isEqualTo(4);
            client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(receive(guest, fd, 10, 1).fd()).isEqualTo(5);
            assertThat(receive(guest, fd, 2, 0).fd()).isEqualTo(2);
            assertThat(guest.text(guest.lastRead, 2)).isEqualTo("he");
            assertThat(guest.read(fd, 10).fd()).isEqualTo(3);
            assertThat(guest.text(guest.lastRead, 3)).isEqualTo("llo");

            int sent = guest.reserve(4);
            assertThat(guest.call("sock_send", fd, guest.list(guest.put("ab"), 2), 1, 0, sent))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(guest.write(fd, "cd").fd()).isEqualTo(2);
            assertThat(guest.call("sock_shutdown", fd, 2)).isEqualTo(Errno.SUCCESS);
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("abcd");
            client.shutdownOutput();
            assertThat(receive(guest, fd, 10, 0).fd()).isZero();
            assertThat(guest.write(fd, "x").errno()).isEqualTo(Errno.EPIPE);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void waitingForAllBytesWaits(MemoryKind kind) throws Exception {
        try (Probe guest = guest(kind);
                Socket client = new Socket(address.getAddress(), address.getPort())) {
            int fd = accept(guest).fd();
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    for (String part : new String[] {"ab", "cd", "ef"}) {
                        client.getOutputStream().write(part.getBytes(StandardCharsets.UTF_8));
                        Thread.sleep(50);
                    }
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(receive(guest, fd, 5, 2).fd()).isEqualTo(5);
            assertThat(guest.text(guest.lastRead, 5)).isEqualTo("abcde");
            sender.join();
        }
    }

    @Test
    void nonblockingSocketsAnswerEagain() throws IOException {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            assertThat(guest.call("fd_fdstat_set_flags", LISTENER, FdFlags.NONBLOCK))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(accept(guest).errno()).isEqualTo(Errno.EAGAIN);
            try (Socket client = new Socket(address.getAddress(), address.getPort())) {
                int fd = accept(guest).fd();
                guest.call("fd_fdstat_set_flags", fd, FdFlags.NONBLOCK);
                assertThat(receive(guest, fd, 1, 0).errno()).isEqualTo(Errno.EAGAIN);
                assertThat(client.isConnected()).isTrue();
            }
        }
    }

    @Test
    void callsOnTheWrongKindOfDescriptorAreRefused() {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            assertThat(guest.call("sock_shutdown", 99, 1)).isEqualTo(Errno.EBADF);
            assertThat(guest.call("sock_shutdown", 1, 1)).isEqualTo(Errno.ENOTSOCK);
            assertThat(guest.call("sock_shutdown", LISTENER, 1)).isEqualTo(Errno.ENOTCONN);
            assertThat(guest.call("sock_accept", 1, 0, guest.reserve(4))).isEqualTo(Errno.ENOTSOCK);
            assertThat(guest.call("sock_accept", LISTENER, 1, guest.reserve(4))).isEqualTo(Errno.EINVAL);
            assertThat(receive(guest, 0, 1, 0).errno()).isEqualTo(Errno.ENOTSOCK);
            assertThat(guest.read(LISTENER, 1).errno()).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.call("fd_seek", LISTENER, 0, 0, guest.reserve(8))).isEqualTo(Errno.ENOTCAPABLE);
        }
    }
}
