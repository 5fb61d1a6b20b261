package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.skiff.wasi.Throttle.Allowance;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Guests that may not read and write as fast as they can. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ThrottleTest {
    private static final long SECOND = 1_000_000_000;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private Probe guest(Limits limits) {
        WasiConfig config = WasiConfig.builder()
                .stdout(new StandardOutput.Stream(output))
                .directory(PreopenedDirectory.root(folder, false))
                .build();
        return new Probe(config, limits, MemoryKind.OFF_HEAP);
    }

    @Test
    void whatIsTakenAheadIsPaidBackInTime() {
        Allowance allowance = new Allowance(100, 7);
        assertThat(allowance.nanosInDebt(7)).isNotPositive();

        allowance.take(60);

        // A tenth of a second's is for free.
        assertThat(allowance.nanosInDebt(7)).isCloseTo(SECOND / 2, within(10L));
        assertThat(allowance.nanosInDebt(7 + SECOND / 4)).isCloseTo(SECOND / 4, within(10L));
        assertThat(allowance.nanosInDebt(7 + SECOND / 2)).isCloseTo(0, within(10L));
    }

    @Test
    void whatIsNotWantedForLongIsLost() {
        Allowance allowance = new Allowance(100, 0);
        allowance.nanosInDebt(50 * SECOND);

        allowance.take(20);

        assertThat(allowance.nanosInDebt(50 * SECOND)).isCloseTo(SECOND / 10, within(10L));
    }

    @Test
    void callsWaitForTheirTurn() {
        try (Probe guest = guest(Limits.DEFAULT.withIoOperationsPerSecond(100))) {
            long start = System.nanoTime();
            for (int i = 0; i < 40; i++) {
                assertThat(i % 2 == 0 ? guest.write(1, "x").errno() : guest.path("path_create_directory", 3, "d" + i))
                        .isEqualTo(Errno.SUCCESS);
            }
            assertThat(System.nanoTime() - start).isGreaterThan((40 - 11) * SECOND / 100);
        }
    }

    @Test
    void whatAsksOnlyTheHostDoesNotWait() {
        Limits limits = Limits.DEFAULT.withIoOperationsPerSecond(1).withTimeout(Duration.ofSeconds(20));
        try (Probe guest = guest(limits)) {
            int result = guest.reserve(64);
            for (int i = 0; i < 100; i++) {
                assertThat(guest.call("clock_time_get", 1, 1, result)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.call("fd_fdstat_get", 1, result)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.call("random_get", result, 8)).isEqualTo(Errno.SUCCESS);
            }
        }
    }

    @Test
    void bytesAreMovedAsFastAsIsAllowed() {
        try (Probe guest = guest(Limits.DEFAULT.withIoBytesPerSecond(100_000))) {
            long start = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                assertThat(guest.write(1, "x".repeat(5_000)).value()).isEqualTo(5_000);
            }
            assertThat(System.nanoTime() - start).isGreaterThan((50_000 - 10_000 - 5_000) * SECOND / 100_000);
            assertThat(output.size()).isEqualTo(50_000);
        }
    }

    @Test
    void aCallMovesNoMoreThanASecondAllows() {
        try (Probe guest = guest(Limits.DEFAULT.withIoBytesPerSecond(10_000))) {
            assertThat(guest.write(1, "x".repeat(30_000)).value()).isEqualTo(10_000);
        }
        try (Probe guest = guest(Limits.DEFAULT.withIoBytesPerSecond(1))) {
            assertThat(guest.write(1, "x".repeat(30_000)).value()).isEqualTo(4_096);
        }
    }

    @Test
    void whoWaitsForItsTurnIsEndedByItsDeadline() {
        Limits limits = Limits.DEFAULT.withIoBytesPerSecond(1).withTimeout(Duration.ofMillis(300));
        try (Probe guest = guest(limits)) {
            guest.write(1, "x".repeat(4_000));

            assertThatExceptionOfType(Trap.class)
                    .isThrownBy(() -> guest.write(1, "x"))
                    .matches(trap -> trap.code() == TrapCode.DEADLINE_EXCEEDED);
        }
    }

    @Test
    void whoWaitsForItsTurnCanBeInterrupted() {
        try (Probe guest = guest(Limits.DEFAULT.withIoBytesPerSecond(1))) {
            guest.write(1, "x".repeat(4_000));
            Thread.ofVirtual().start(guest.store::interrupt);

            assertThatExceptionOfType(Trap.class)
                    .isThrownBy(() -> guest.write(1, "x"))
                    .matches(trap -> trap.code() == TrapCode.INTERRUPTED);
        }
    }

    @Test
    void aSignalDoesNotMakeTheTurnCome() throws InterruptedException {
        try (Probe guest = guest(Limits.DEFAULT.withIoBytesPerSecond(10_000))) {
            List<Integer> handled = new ArrayList<>();
            guest.handle(handled::add);
            guest.write(1, "x".repeat(5_000));
            long start = System.nanoTime();
            Thread sender = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 10; i++) {
                    guest.wasi.signals().raise(15);
                }
            });

            assertThat(guest.write(1, "x").errno()).isEqualTo(Errno.SUCCESS);

            assertThat(System.nanoTime() - start).isGreaterThan((5_000 - 2_000) * SECOND / 10_000);
            sender.join();
            guest.call("fd_fdstat_get", 1, guest.reserve(24));
            assertThat(handled).contains(15);
        }
    }
}
