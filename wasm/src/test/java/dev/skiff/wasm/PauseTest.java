package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Guests that are paused wait without using the processor; every test waits for what should happen, however long it takes. */
class PauseTest {
    private static final int ROUNDS = 200;

    private final AtomicLong calls = new AtomicLong();

    @ParameterizedTest
    @MethodSource("endlessPrograms")
    void aPausedGuestUsesNoProcessorAndGoesOnAfterwards(String program, Limits limits) throws Exception {
        try (Guest guest = start(MemoryKind.HEAP, limits);
                Run run = Run.of(guest, program)) {
            run.awaitWork();

            guest.store().pause();
            guest.store().pause();

            run.awaitRest();
            assertThat(guest.store().paused()).isTrue();

            guest.store().resume();
            guest.store().resume();

            run.awaitWork();
            assertThat(guest.store().paused()).isFalse();
        }
    }

    static Stream<Arguments> endlessPrograms() {
        return Stream.of("loop", "loop that calls", "loop that calls the host")
                .flatMap(program -> Stream.of(
                                Limits.DEFAULT,
                                Limits.DEFAULT.withFuel(1L << 60),
                                Limits.DEFAULT.withCpuQuota(0.9),
                                Limits.DEFAULT.withTimeout(Duration.ofHours(1)))
                        .map(limits -> Arguments.of(program, limits)));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsCalledInAPausedStoreWaits(MemoryKind kind) throws Exception {
        Module module = Guest.compile(kind, BusyPrograms.module());
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            store.pause();
            Instance instance = host().instantiate(store, module);
            try (Run run = Run.of(store, () -> instance.call("count", 1_000))) {
                run.awaitHold();

                store.resume();

                run.awaitEnd();
                assertThat(run.failure).isNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPausedGuestCanBeInterrupted(MemoryKind kind) throws Exception {
        try (Guest guest = start(kind, Limits.DEFAULT);
                Run run = Run.of(guest, "loop")) {
            guest.store().pause();
            run.awaitHold();

            guest.store().interrupt();

            run.assertEndsWith(TrapCode.INTERRUPTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingTheStoreEndsAPausedGuest(MemoryKind kind) throws Exception {
        try (Guest guest = start(kind, Limits.DEFAULT);
                Run run = Run.of(guest, "loop")) {
            guest.store().pause();
            run.awaitHold();

            guest.store().close();

            run.assertEndsWith(TrapCode.INTERRUPTED);
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> guest.call("count", 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPausedGuestEndsAtItsDeadline(MemoryKind kind) throws Exception {
        try (Guest guest = start(kind, Limits.DEFAULT.withTimeout(Duration.ofMillis(50)))) {
            guest.store().pause();
            try (Run run = Run.of(guest, "loop")) {
                run.assertEndsWith(TrapCode.DEADLINE_EXCEEDED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPausedGuestOnAVirtualThreadGoesOn(MemoryKind kind) throws Exception {
        try (Guest guest = start(kind, Limits.DEFAULT)) {
            guest.store().pause();
            Thread thread = Thread.ofVirtual().start(() -> guest.run("loop that calls the host"));
            awaitHold(thread);
            assertThat(calls).hasValue(0);

            guest.store().resume();

            awaitCalls(1);
            guest.store().interrupt();
            thread.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGuestInAHostFunctionWaitsWhenItReturns(MemoryKind kind) throws Exception {
        ModuleBuilder module = new ModuleBuilder();
        int blocked = module.importFunc("host", "blocked", "");
        int nothing = module.importFunc("host", "nothing", "");
        module.func("").export("both").call(blocked).call(nothing);
        CountDownLatch inHost = new CountDownLatch(1);
        CountDownLatch leaveHost = new CountDownLatch(1);
        Linker linker = host().func("host", "blocked", Signature.of(""), (caller, args) -> {
            inHost.countDown();
            await(leaveHost);
            return new Object[0];
        });
        try (Guest guest = Guest.start(kind, module, linker);
                Run run = Run.of(guest, "both")) {
            inHost.await();
            guest.store().pause();

            leaveHost.countDown();

            run.awaitHold();
            assertThat(calls).hasValue(0);
            guest.store().resume();
            run.awaitEnd();
            assertThat(calls).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noWakeUpIsLost(MemoryKind kind) throws Exception {
        try (Guest guest = start(kind, Limits.DEFAULT);
                Run _ = Run.of(guest, "loop that calls the host")) {
            for (int i = 0; i < ROUNDS; i++) {
                guest.store().pause();
                if (i % 2 == 0) {
                    Thread.onSpinWait();
                }
                guest.store().resume();
                awaitCalls(calls.get() + 2);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyThreadsMayPauseAndResumeAtATime(MemoryKind kind) throws Exception {
        try (Guest guest = start(
                        kind, Limits.DEFAULT.withTimeout(Duration.ofHours(1)).withCpuQuota(0.9));
                Run run = Run.of(guest, "loop that calls the host")) {
            List<Thread> threads = new ArrayList<>();
            for (int seed = 0; seed < 4; seed++) {
                Random random = new Random(seed);
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < ROUNDS * 20; i++) {
                        if (random.nextBoolean()) {
                            guest.store().pause();
                        } else {
                            guest.store().resume();
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }

            guest.store().resume();
            awaitCalls(calls.get() + 2);
            guest.store().pause();
            run.awaitRest();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptOfTheThreadNeitherEndsAPauseNorIsLost(MemoryKind kind) throws Exception {
        try (Guest guest = start(kind, Limits.DEFAULT)) {
            guest.store().pause();
            try (Run run = Run.of(guest, "loop")) {
                run.awaitHold();

                run.thread.interrupt();
                while (run.thread.isInterrupted()) {
                    Thread.sleep(1);
                }

                run.awaitRest();
                guest.store().interrupt();
                run.awaitEnd();
                assertThat(run.interruptedAtItsEnd).isTrue();
            }
        }
    }

    private Guest start(MemoryKind kind, Limits limits) {
        return Guest.start(kind, BusyPrograms.module(), limits, host());
    }

    private Linker host() {
        return new Linker().func("host", "nothing", Signature.of(""), (caller, args) -> {
            calls.incrementAndGet();
            return new Object[0];
        });
    }

    private void awaitCalls(long atLeast) throws InterruptedException {
        while (calls.get() < atLeast) {
            Thread.sleep(0, 100_000);
        }
    }

    private static void awaitHold(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
