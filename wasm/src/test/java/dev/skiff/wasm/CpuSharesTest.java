package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Scheduling;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights of guests that want the same processors. */
class CpuSharesTest {
    private static final long ENOUGH_NANOS = 2_000_000_000;

    @ParameterizedTest
    @CsvSource({"2, 10", "102, 10", "128, 9", "512, 3", "820, 1", "1000, 0", "1024, 0"})
    void aWeightOfAThreadIsANicenessOfTheKernel(int shares, int niceness) {
        try (Store store = new Store(Engine.create(), Limits.DEFAULT.withCpuShares(shares))) {
            assertThat(store.runOnGuestThread(CpuSharesTest::niceness)).isEqualTo(niceness);
            assertThat(niceness()).as("of others").isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"2048, -3", "262144, -10"})
    void aGuestMayHaveMoreWeightThanOthers(int shares, int niceness) {
        assumeTrue(mayHaveMore(), "this process may not give threads more weight");
        try (Store store = new Store(Engine.create(), Limits.DEFAULT.withCpuShares(shares))) {
            assertThat(store.runOnGuestThread(CpuSharesTest::niceness)).isEqualTo(niceness);
        }
    }

    @Test
    void itIsChangedWhileAGuestRuns() {
        try (Store store = new Store(Engine.create(), Limits.DEFAULT)) {
            List<Integer> seen = store.runOnGuestThread(() -> {
                int first = niceness();
                store.changeCpuShares(512);
                return List.of(first, niceness());
            });

            assertThat(seen).containsExactly(0, 3);
            assertThat(store.limits().cpuShares()).isEqualTo(512);
            assertThat(store.runOnGuestThread(CpuSharesTest::niceness)).isEqualTo(3);
        }
    }

    @Test
    void aWeightThatWasLessCanBeMoreAgain() {
        assumeTrue(mayHaveMore(), "this process may not give threads more weight");
        try (Store store = new Store(Engine.create(), Limits.DEFAULT.withCpuShares(512))) {
            assertThat(store.<Integer>runOnGuestThread(() -> {
                        store.changeCpuShares(1024);
                        return niceness();
                    }))
                    .isZero();
        }
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        try (Store store = new Store(Engine.create(), Limits.DEFAULT)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.changeCpuShares(1))
                    .withMessage("cpuShares must be 2 to 262144");
            assertThatIllegalArgumentException().isThrownBy(() -> Limits.DEFAULT.withCpuShares(262_145));
        }
    }

    @Test
    void guestsShareProcessorsByTheirWeights() throws InterruptedException {
        List<Busy> heavy = new ArrayList<>();
        List<Busy> light = new ArrayList<>();
        try {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                heavy.add(Busy.start(1024));
                light.add(Busy.start(128));
            }
            long heavyBefore = cpu(heavy);
            long lightBefore = cpu(light);
            while (cpu(heavy) - heavyBefore < ENOUGH_NANOS * heavy.size()) {
                Thread.sleep(10);
            }
            // An eighth, were there nothing else to do; without weights as much.
            assertThat(cpu(light) - lightBefore).isLessThan((cpu(heavy) - heavyBefore) / 3);
        } finally {
            heavy.forEach(Busy::close);
            light.forEach(Busy::close);
        }
    }

    private static long cpu(List<Busy> guests) {
        return guests.stream().mapToLong(Busy::cpuNanos).sum();
    }

    /** A guest that computes until it is closed. */
    private record Busy(Guest guest, CompletableFuture<Thread> thread, Thread caller) implements AutoCloseable {
        static Busy start(int shares) {
            ModuleBuilder module = new ModuleBuilder();
            module.func("").export("loop").loop("").br(0).end();
            Guest guest = Guest.start(MemoryKind.HEAP, module, Limits.DEFAULT.withCpuShares(shares));
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            Thread caller = Thread.ofPlatform().start(() -> {
                try {
                    guest.store().runOnGuestThread(() -> {
                        thread.complete(Thread.currentThread());
                        guest.run("loop");
                        return null;
                    });
                } catch (Trap interrupted) {
                    // It would not end otherwise.
                }
            });
            thread.join();
            return new Busy(guest, thread, caller);
        }

        long cpuNanos() {
            return ManagementFactory.getThreadMXBean()
                    .getThreadCpuTime(thread.join().threadId());
        }

        @Override
        public void close() {
            guest.close();
            try {
                caller.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static int niceness() {
        return Scheduling.niceness(Scheduling.THIS_THREAD);
    }

    /** As root may, or whoever has the capability CAP_SYS_NICE. */
    private static boolean mayHaveMore() {
        try (Store store = new Store(Engine.create(), Limits.DEFAULT)) {
            return store.runOnGuestThread(() -> {
                try {
                    Scheduling.setNiceness(Scheduling.THIS_THREAD, -1);
                    return true;
                } catch (LinuxException e) {
                    return false;
                }
            });
        }
    }
}
