package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Sockets;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Signals for guests that wait, or are about to. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SignalledWaitTest {
    private static final int TERM = 15;
    private static final int LISTENER = 3;
    private static final int CONNECTION = 4;
    private static final int ROUNDS = 300;

    private final List<Integer> handled = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(7);
    private Descriptors.Pipe pipe;
    private int listener;
    private Socket client;

    @BeforeEach
    void open() {
        pipe = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
        listener = Sockets.open(Sockets.INET, Sockets.STREAM | Sockets.CLOSE_ON_EXEC);
        Sockets.bind(listener, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        Sockets.listen(listener, 5);
    }

    @AfterEach
    void close() throws IOException {
        if (client != null) {
            client.close();
        }
        Descriptors.close(listener);
        HostDirectory.closeQuietly(pipe.reader());
        HostDirectory.closeQuietly(pipe.writer());
    }

    /** What a guest waits for; each is at its standard input or output, the listener or the connection. */
    private enum Wait {
        POLL_TIME,
        POLL_INPUT,
        READ,
        READ_ON_AN_OLD_KERNEL,
        WRITE,
        ACCEPT,
        RECEIVE,
        READ_SOCKET,
        SEND;

        Errno in(Probe guest) {
            int result = guest.reserve(8);
            return switch (this) {
                case POLL_TIME, POLL_INPUT -> {
                    int at = guest.reserve(48);
                    guest.memory.putLong(at, 0);
                    guest.memory.putLong(at + 8, this == POLL_TIME ? 0 : 1);
                    guest.memory.putLong(at + 16, this == POLL_TIME ? 1 : 0);
                    guest.memory.putLong(at + 24, Long.MAX_VALUE);
                    guest.memory.putLong(at + 40, 0);
                    yield guest.call("poll_oneoff", at, guest.reserve(32), 1, result);
                }
                case READ, READ_ON_AN_OLD_KERNEL -> guest.read(0, 10).errno();
                case READ_SOCKET -> guest.read(CONNECTION, 10).errno();
                case WRITE -> guest.write(1, "x".repeat(5_000)).errno();
                case ACCEPT -> guest.call("sock_accept", LISTENER, 0, result);
                case RECEIVE ->
                    guest.call("sock_recv", CONNECTION, guest.list(guest.reserve(10), 10), 1, 0, result, result + 4);
                case SEND -> guest.call("sock_send", CONNECTION, guest.list(1_024, 5_000), 1, 0, result);
            };
        }
    }

    private Probe guest(MemoryKind kind) {
        WasiConfig config = WasiConfig.builder()
                .stdin(new StandardInput.HostDescriptor(pipe.reader()))
                .stdout(new StandardOutput.HostDescriptor(pipe.writer()))
                .listener(listener)
                .build();
        Probe guest = new Probe(config, Limits.DEFAULT, kind);
        guest.handle(handled::add);
        return guest;
    }

    /** A guest that would wait. */
    private Probe guest(Wait wait) throws IOException {
        Probe guest = guest(MemoryKind.OFF_HEAP);
        switch (wait) {
            case READ_ON_AN_OLD_KERNEL -> ((HostFile) guest.wasi.fds().get(0).handle()).lookBeforeLeaping();
            case WRITE -> fill(guest, 1);
            case RECEIVE, READ_SOCKET, SEND -> {
                connect(guest);
                if (wait == Wait.SEND) {
                    fill(guest, CONNECTION);
                }
            }
            case POLL_TIME, POLL_INPUT, READ, ACCEPT -> {}
        }
        return guest;
    }

    private void connect(Probe guest) throws IOException {
        client = new Socket();
        // A size that is given does not grow.
        client.setReceiveBufferSize(4_096);
        client.connect(Sockets.localAddress(listener));
        assertThat(guest.call("sock_accept", LISTENER, 0, guest.reserve(4))).isEqualTo(Errno.SUCCESS);
    }

    private static void fill(Probe guest, int fd) {
        guest.call("fd_fdstat_set_flags", fd, FdFlags.NONBLOCK);
        // What a socket took is on its way for a while, and then there is room again.
        for (int refusals = 0; refusals < 10; refusals++) {
            while (guest.write(fd, "x".repeat(5_000)).errno() == Errno.SUCCESS) {
                refusals = 0;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        guest.call("fd_fdstat_set_flags", fd, 0);
    }

    private void send(String text) {
        HostSide.write(pipe.writer(), text);
    }

    /** Does something soon, at a moment that nobody knows. */
    private Thread soon(Runnable action) {
        return HostSide.after(Duration.ofNanos(random.nextLong(400_000)), action);
    }

    @ParameterizedTest
    @EnumSource(Wait.class)
    void aSignalEndsTheWaitAndIsHandledBeforeTheCallAnswers(Wait wait) throws Exception {
        try (Probe guest = guest(wait)) {
            for (int i = 1; i <= 3; i++) {
                Thread raiser = HostSide.later(() -> guest.wasi.signals().raise(TERM));
                assertThat(wait.in(guest)).isEqualTo(Errno.EINTR);
                assertThat(handled).hasSize(i).containsOnly(TERM);
                raiser.join();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Wait.class)
    void noSignalIsLostByAGuestThatLooksBeforeItWaits(Wait wait) throws Exception {
        try (Probe guest = guest(wait)) {
            for (int i = 1; i <= ROUNDS; i++) {
                Thread raiser = soon(() -> guest.wasi.signals().raise(TERM));
                while (handled.size() < i) {
                    assertThat(wait.in(guest)).isEqualTo(Errno.EINTR);
                }
                raiser.join();
            }
            assertThat(handled).hasSize(ROUNDS);
        }
    }

    @Test
    void noSignalAndNoConnectionIsLostInALoopThatServes() throws Exception {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            InetSocketAddress address = Sockets.localAddress(listener);
            int result = guest.reserve(4);
            int served = 0;
            for (int i = 1; i <= ROUNDS; i++) {
                Thread raiser = soon(() -> guest.wasi.signals().raise(TERM));
                Thread visitor = soon(() -> {
                    try (Socket visit = new Socket(address.getAddress(), address.getPort())) {
                        assertThat(visit.getInputStream().read()).isEqualTo('x');
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                while (handled.size() < i || served < i) {
                    Errno errno = guest.call("sock_accept", LISTENER, 0, result);
                    if (errno == Errno.SUCCESS) {
                        int fd = guest.memory.getInt(result);
                        assertThat(guest.write(fd, "x").fd()).isEqualTo(1);
                        assertThat(guest.call("fd_close", fd)).isEqualTo(Errno.SUCCESS);
                        served++;
                    } else {
                        assertThat(errno).isEqualTo(Errno.EINTR);
                    }
                }
                raiser.join();
                visitor.join();
            }
            assertThat(handled).hasSize(ROUNDS);
            assertThat(served).isEqualTo(ROUNDS);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void whatNeedsNoWaitIsDoneAlthoughTheCallBeganWithASignal(MemoryKind kind) throws Exception {
        try (Probe guest = guest(kind)) {
            connect(guest);
            send("abc");
            client.getOutputStream().write("def".getBytes(StandardCharsets.UTF_8));
            for (Wait wait : new Wait[] {Wait.POLL_INPUT, Wait.READ, Wait.WRITE, Wait.RECEIVE, Wait.SEND}) {
                guest.wasi.signals().raise(TERM);
                assertThat(wait.in(guest)).isEqualTo(Errno.SUCCESS);
            }
            assertThat(handled).hasSize(5);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void bytesThatWereReceivedAreTheAnswerAndNotTheSignal(MemoryKind kind) throws Exception {
        try (Probe guest = guest(kind)) {
            connect(guest);
            client.getOutputStream().write("ab".getBytes(StandardCharsets.UTF_8));
            int result = guest.reserve(8);
            int buffer = guest.reserve(8);
            Thread raiser = HostSide.later(() -> guest.wasi.signals().raise(TERM));

            assertThat(guest.call("sock_recv", CONNECTION, guest.list(buffer, 8), 1, 2, result, result + 4))
                    .isEqualTo(Errno.SUCCESS);

            assertThat(guest.memory.getInt(result)).isEqualTo(2);
            assertThat(guest.text(buffer, 2)).isEqualTo("ab");
            raiser.join();
            guest.call("sched_yield");
            assertThat(handled).containsExactly(TERM);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void aHandlerMayDoWhateverTheCallThatWaitedDid(MemoryKind kind) throws Exception {
        try (Probe guest = guest(kind)) {
            guest.handle(signal -> {
                handled.add(signal);
                guest.memory.grow(10);
                guest.write(1, "from the handler");
                assertThat(guest.read(0, 16).fd()).isEqualTo(16);
            });
            Thread raiser = HostSide.later(() -> guest.wasi.signals().raise(TERM));

            assertThat(guest.read(0, 10).errno()).isEqualTo(Errno.EINTR);

            assertThat(handled).containsExactly(TERM);
            raiser.join();
        }
    }

    @Test
    void aWaitInAHandlerDoesNotEndByASignal() throws Exception {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            guest.handle(signal -> {
                handled.add(signal);
                if (signal == TERM) {
                    assertThat(guest.read(0, 10).fd()).isEqualTo(2);
                }
            });
            guest.wasi.signals().raise(TERM);
            Thread raiser = HostSide.later(() -> {
                guest.wasi.signals().raise(2);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                send("ab");
            });

            guest.call("sched_yield");

            assertThat(handled).containsExactly(TERM, 2);
            raiser.join();
        }
    }

    @Test
    void whatAHandlerThrowsEndsTheGuestThatWaited() throws Exception {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            guest.handle(_ -> {
                throw new Trap(TrapCode.MEMORY_OUT_OF_BOUNDS);
            });
            Thread raiser = HostSide.later(() -> guest.wasi.signals().raise(TERM));
            assertThatThrownBy(() -> guest.read(0, 10)).isInstanceOf(Trap.class);
            raiser.join();
        }
    }

    @Test
    void anInterruptionEndsTheGuestAfterASignalToo() throws Exception {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            guest.handle(_ -> guest.read(0, 10));
            Thread killer = HostSide.later(() -> {
                guest.wasi.signals().raise(TERM);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                guest.store.interrupt();
            });
            assertThatThrownBy(() -> guest.read(0, 10))
                    .isInstanceOfSatisfying(
                            Trap.class, trap -> assertThat(trap.code()).isEqualTo(TrapCode.INTERRUPTED));
            killer.join();
        }
    }

    @Test
    void aGuestThatDoesNotKnowSignalsWaitsOn() throws Exception {
        WasiConfig config = WasiConfig.builder()
                .stdin(new StandardInput.HostDescriptor(pipe.reader()))
                .build();
        try (Probe guest = new Probe(config)) {
            Thread raiser = HostSide.later(() -> {
                guest.wasi.signals().raise(TERM);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                send("ab");
            });
            assertThat(guest.read(0, 10).fd()).isEqualTo(2);
            raiser.join();
        }
    }
}
