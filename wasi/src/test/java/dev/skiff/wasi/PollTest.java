package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class PollTest {
    private static final int CLOCK = 0;
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final long MILLI = 1_000_000;

    @TempDir
    Path dir;

    private Descriptors.Pipe pipe;

    @BeforeEach
    void openPipe() {
        pipe = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
    }

    @AfterEach
    void closePipe() {
        HostDirectory.closeQuietly(pipe.reader());
        HostDirectory.closeQuietly(pipe.writer());
    }

    private void send(String text) {
        HostSide.write(pipe.writer(), text);
    }

    private Probe guest(Limits limits) {
        WasiConfig config = WasiConfig.builder()
                .stdin(new StandardInput.HostDescriptor(pipe.reader()))
                .directory(dir, "/")
                .build();
        return new Probe(config, limits, MemoryKind.OFF_HEAP);
    }

    private record Event(long userdata, Errno errno, int type, long bytes, int flags) {}

    private static void clock(Probe guest, int at, int id, long timeout, int flags) {
        guest.memory.putLong(at, 100 + id);
        guest.memory.putByte(at + 8L, CLOCK);
        guest.memory.putInt(at + 16L, id);
        guest.memory.putLong(at + 24L, timeout);
        guest.memory.putShort(at + 40L, flags);
    }

    private static void fd(Probe guest, int at, int type, int fd) {
        guest.memory.putLong(at, fd);
        guest.memory.putByte(at + 8L, type);
        guest.memory.putInt(at + 16L, fd);
    }

    private static List<Event> poll(Probe guest, int subscriptions, int count) {
        int out = guest.reserve(32 * count);
        int result = guest.reserve(4);
        assertThat(guest.call("poll_oneoff", subscriptions, out, count, result)).isEqualTo(Errno.SUCCESS);
        Event[] events = new Event[guest.memory.getInt(result)];
        for (int i = 0; i < events.length; i++) {
            long at = out + 32L * i;
            events[i] = new Event(
                    guest.memory.getLong(at),
                    Errno.values()[guest.memory.getShort(at + 8)],
                    guest.memory.getByte(at + 10),
                    guest.memory.getLong(at + 16),
                    guest.memory.getShort(at + 24));
        }
        return List.of(events);
    }

    private static long millisOf(Runnable action) {
        long start = System.nanoTime();
        action.run();
        return (System.nanoTime() - start) / MILLI;
    }

    @Test
    void sleepingTakesTheTimeAndNoProcessor() {
        try (Probe guest = guest(Limits.DEFAULT)) {
            int at = guest.reserve(48);
            clock(guest, at, GuestClocks.MONOTONIC, 200 * MILLI, 0);
            long cpu = dev.skiff.linux.Clocks.time(dev.skiff.linux.Clocks.THREAD_CPU);
            long millis = millisOf(
                    () -> assertThat(poll(guest, at, 1)).containsExactly(new Event(101, Errno.SUCCESS, CLOCK, 0, 0)));
            assertThat(millis).isBetween(200L, 1_000L);
            assertThat(dev.skiff.linux.Clocks.time(dev.skiff.linux.Clocks.THREAD_CPU) - cpu)
                    .isLessThan(100 * MILLI);
        }
    }

    @Test
    void absoluteTimesAreWaitedFor() {
        try (Probe guest = guest(Limits.DEFAULT)) {
            int at = guest.reserve(96);
            int now = guest.reserve(8);
            guest.call("clock_time_get", GuestClocks.MONOTONIC, 0, now);
            long until = guest.memory.getLong(now) + 60 * MILLI;
            clock(guest, at, GuestClocks.MONOTONIC, until, 1);
            guest.call("clock_time_get", GuestClocks.REALTIME, 0, now);
            clock(guest, at + 48, GuestClocks.REALTIME, guest.memory.getLong(now) + 5_000 * MILLI, 1);
            long wall = guest.memory.getLong(now);
            assertThat(poll(guest, at, 2)).hasSize(1);
            guest.call("clock_time_get", GuestClocks.MONOTONIC, 0, now);
            assertThat(guest.memory.getLong(now)).isGreaterThanOrEqualTo(until);
            guest.memory.putLong(now, wall);
            clock(guest, at, GuestClocks.REALTIME, guest.memory.getLong(now) + 50 * MILLI, 1);
            assertThat(poll(guest, at, 1)).hasSize(1);
            assertThat(Instant.now().toEpochMilli() * MILLI).isGreaterThan(guest.memory.getLong(now) + 49 * MILLI);
            clock(guest, at, GuestClocks.REALTIME, 1, 1);
            assertThat(millisOf(() -> assertThat(poll(guest, at, 1)).hasSize(1)))
                    .isLessThan(1_000);
        }
    }

    @Test
    void aPipeWakesThePoll() throws Exception {
        try (Probe guest = guest(Limits.DEFAULT)) {
            int at = guest.reserve(96);
            clock(guest, at, GuestClocks.MONOTONIC, 20_000 * MILLI, 0);
            fd(guest, at + 48, READ, 0);
            Thread sender = HostSide.later(() -> send("abc"));
            assertThat(poll(guest, at, 2)).containsExactly(new Event(0, Errno.SUCCESS, READ, 3, 0));
            sender.join();
            assertThat(guest.read(0, 10).fd()).isEqualTo(3);
            Descriptors.close(pipe.writer());
            assertThat(poll(guest, at, 2)).containsExactly(new Event(0, Errno.SUCCESS, READ, 0, 1));
            assertThat(guest.read(0, 10).fd()).isZero();
        }
    }

    @Test
    void filesAreAlwaysReadyAndErrorsAreEvents() {
        try (Probe guest = guest(Limits.DEFAULT)) {
            int file = guest.open(3, "f", OFlags.CREAT, Rights.FILE).fd();
            guest.write(file, "12345");
            guest.call("fd_seek", file, 1, 0, guest.reserve(8));
            int at = guest.reserve(48 * 6);
            fd(guest, at, READ, file);
            fd(guest, at + 48, WRITE, file);
            fd(guest, at + 96, READ, 77);
            fd(guest, at + 144, WRITE, 1);
            clock(guest, at + 192, 9, 0, 0);
            fd(guest, at + 240, READ, 0);
            assertThat(poll(guest, at, 6))
                    .containsExactly(
                            new Event(file, Errno.SUCCESS, READ, 4, 0),
                            new Event(file, Errno.SUCCESS, WRITE, 0, 0),
                            new Event(77, Errno.EBADF, READ, 0, 0),
                            new Event(1, Errno.SUCCESS, WRITE, 0, 0),
                            new Event(109, Errno.EINVAL, CLOCK, 0, 0));
        }
    }

    @Test
    void senselessPollsAreRefused() {
        try (Probe guest = guest(Limits.DEFAULT)) {
            assertThat(guest.call("poll_oneoff", 0, 0, 0, 0)).isEqualTo(Errno.EINVAL);
            assertThat(guest.call("poll_oneoff", 0, 0, -1, 0)).isEqualTo(Errno.EINVAL);
            int at = guest.reserve(48);
            guest.memory.putByte(at + 8L, 3);
            assertThat(guest.call("poll_oneoff", at, guest.reserve(32), 1, guest.reserve(4)))
                    .isEqualTo(Errno.EINVAL);
        }
    }

    enum Wait {
        POLL_FOR_LONG,
        POLL_FOR_INPUT,
        READ_INPUT,
        READ_INPUT_ON_AN_OLD_KERNEL,
        READ_STREAM
    }

    private Probe waiting(Wait wait, Limits limits) {
        if (wait != Wait.READ_STREAM) {
            Probe guest = guest(limits);
            if (wait == Wait.READ_INPUT_ON_AN_OLD_KERNEL) {
                ((HostFile) guest.wasi.fds().get(0).handle()).lookBeforeLeaping();
            }
            return guest;
        }
        InputStream never = new PipedInputStream(); // Never connected in time, so reads of it wait.
        try {
            ((PipedInputStream) never).connect(new PipedOutputStream());
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
        WasiConfig config =
                WasiConfig.builder().stdin(new StandardInput.Stream(never)).build();
        return new Probe(config, limits, MemoryKind.HEAP);
    }

    private static void start(Probe guest, Wait wait) {
        int at = guest.reserve(48);
        switch (wait) {
            case POLL_FOR_LONG -> {
                clock(guest, at, GuestClocks.MONOTONIC, Long.MAX_VALUE, 0);
                poll(guest, at, 1);
            }
            case POLL_FOR_INPUT -> {
                fd(guest, at, READ, 0);
                poll(guest, at, 1);
            }
            case READ_INPUT, READ_INPUT_ON_AN_OLD_KERNEL, READ_STREAM -> guest.read(0, 10);
        }
    }

    @ParameterizedTest
    @EnumSource(Wait.class)
    void anInterruptionEndsTheWait(Wait wait) throws Exception {
        try (Probe guest = waiting(wait, Limits.DEFAULT)) {
            long[] interrupted = new long[1];
            Thread interrupter = HostSide.after(Duration.ofMillis(150), () -> {
                interrupted[0] = System.nanoTime();
                guest.store.interrupt();
            });
            assertThatThrownBy(() -> start(guest, wait))
                    .isInstanceOfSatisfying(
                            Trap.class, trap -> assertThat(trap.code()).isEqualTo(TrapCode.INTERRUPTED));
            long end = System.nanoTime();
            interrupter.join();
            assertThat(end - interrupted[0]).isBetween(0L, 100 * MILLI);
            assertThatThrownBy(() -> start(guest, wait)).isInstanceOf(Trap.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Wait.class)
    void theDeadlineEndsTheWait(Wait wait) {
        try (Probe guest = waiting(wait, Limits.DEFAULT.withTimeout(Duration.ofSeconds(3_600)))) {
            guest.store.setTimeout(Duration.ofMillis(150));
            long millis = millisOf(() -> assertThatThrownBy(() -> start(guest, wait))
                    .isInstanceOfSatisfying(
                            Trap.class, trap -> assertThat(trap.code()).isEqualTo(TrapCode.DEADLINE_EXCEEDED)));
            assertThat(millis).isBetween(140L, 1_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFullPipeHoldsTheWriterUpUntilItIsInterrupted(boolean oldKernel) throws Exception {
        WasiConfig config = WasiConfig.builder()
                .stdout(new StandardOutput.HostDescriptor(pipe.writer()))
                .build();
        try (Probe guest = new Probe(config)) {
            if (oldKernel) {
                ((HostFile) guest.wasi.fds().get(1).handle()).lookBeforeLeaping();
            }
            Thread interrupter = HostSide.after(Duration.ofMillis(200), guest.store::interrupt);
            assertThatThrownBy(() -> {
                        while (true) {
                            assertThat(guest.write(1, "x".repeat(10_000)).fd()).isPositive();
                        }
                    })
                    .isInstanceOf(Trap.class);
            interrupter.join();
            // The pipe is shared with the host and was not made non-blocking.
            assertThat(Descriptors.flags(pipe.writer()) & OpenFlags.NONBLOCK).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nonblockingStreamsAnswerEagain(boolean oldKernel) {
        try (Probe guest = guest(Limits.DEFAULT)) {
            if (oldKernel) {
                ((HostFile) guest.wasi.fds().get(0).handle()).lookBeforeLeaping();
            }
            assertThat(guest.call("fd_fdstat_set_flags", 0, FdFlags.NONBLOCK)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.read(0, 10).errno()).isEqualTo(Errno.EAGAIN);
            send("x");
            assertThat(guest.read(0, 10).fd()).isEqualTo(1);
        }
    }
}
