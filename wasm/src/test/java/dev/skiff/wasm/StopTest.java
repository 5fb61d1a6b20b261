package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.wasm.internal.binary.Op;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Guests that would run for ever are stopped; the default timeout of tests guards against those that are not. */
class StopTest {
    @ParameterizedTest
    @MethodSource("endlessPrograms")
    void anEndlessGuestEndsAtItsDeadline(MemoryKind kind, String program) {
        Limits limits = Limits.DEFAULT.withTimeout(Duration.ofMillis(100));
        try (Guest guest = Guest.start(kind, endless(), limits, host())) {
            assertStops(guest, program, TrapCode.DEADLINE_EXCEEDED);
        }
    }

    @ParameterizedTest
    @MethodSource("endlessPrograms")
    void anEndlessGuestEndsWhenAnotherThreadInterruptsIt(MemoryKind kind, String program) throws Exception {
        try (Guest guest = Guest.start(kind, endless(), host())) {
            Thread interrupter = Thread.ofPlatform().start(() -> {
                pause(50);
                guest.store().interrupt();
            });

            assertStops(guest, program, TrapCode.INTERRUPTED);

            interrupter.join();
            assertThat(guest.store().interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("endlessPrograms")
    void anEndlessGuestEndsWhenItsFuelIsUsedUp(MemoryKind kind, String program) {
        try (Guest guest = Guest.start(kind, endless(), Limits.DEFAULT.withFuel(200_000), host())) {
            assertStops(guest, program, TrapCode.OUT_OF_FUEL);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedStoreRunsNoMoreGuests(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, endless(), host())) {
            guest.store().interrupt();
            guest.store().interrupt();

            assertStops(guest, "loop", TrapCode.INTERRUPTED);
            assertStops(guest, "recursion by tail calls", TrapCode.INTERRUPTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNewTimeoutLetsAGuestRunAgain(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, endless(), Limits.DEFAULT.withTimeout(Duration.ZERO), host())) {
            assertStops(guest, "loop", TrapCode.DEADLINE_EXCEEDED);
            assertThat(guest.store().timeLeft()).get().matches(left -> left.isNegative() || left.isZero());

            guest.store().setTimeout(Duration.ofMinutes(1));

            assertThat(guest.call("count", 1_000)).isEqualTo(1_000);
            assertThat(guest.store().timeLeft()).get().matches(Duration::isPositive);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theStartFunctionIsStoppedToo(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder start = module.func("");
        start.loop("").br(0).end();
        module.start(start);
        assertThatExceptionOfType(Trap.class)
                .isThrownBy(() -> Guest.start(kind, module, Limits.DEFAULT.withTimeout(Duration.ofMillis(50))))
                .extracting(Trap::code)
                .isEqualTo(TrapCode.DEADLINE_EXCEEDED);
    }

    @ParameterizedTest
    @EnumSource
    void interruptingEndsAHostFunctionThatWaits(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        module.func("").export("wait").call(module.importFunc("host", "wait", ""));
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch woken = new CountDownLatch(1);
        Linker linker = new Linker().func("host", "wait", Signature.of(""), (caller, args) -> {
            try (Store.Registration _ = caller.store().onInterrupt(woken::countDown)) {
                waiting.countDown();
                await(woken);
            }
            caller.store().checkpoint();
            return new Object[0];
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            Thread.ofPlatform().start(() -> {
                await(waiting);
                guest.store().interrupt();
            });
            assertStops(guest, "wait", TrapCode.INTERRUPTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anActionRegisteredAfterTheInterruptRunsAtOnce(MemoryKind kind) {
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            AtomicInteger runs = new AtomicInteger();
            store.interrupt();
            store.onInterrupt(runs::incrementAndGet);
            assertThat(runs).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptingRunsEveryActionThatIsStillRegistered(MemoryKind kind) {
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            AtomicInteger staying = new AtomicInteger();
            AtomicInteger leaving = new AtomicInteger();
            store.onInterrupt(staying::incrementAndGet);
            Runnable twice = leaving::incrementAndGet;
            Store.Registration first = store.onInterrupt(twice);
            store.onInterrupt(twice);
            first.close();
            first.close();

            store.interrupt();

            assertThat(staying).hasValue(1);
            assertThat(leaving).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGuestOverItsShareOfTheProcessorIsParkedButFinishes(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, endless(), Limits.DEFAULT.withCpuQuota(0.2), host())) {
            assertThat(guest.call("count", 50_000_000)).isEqualTo(50_000_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aParkedGuestCanBeInterrupted(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, endless(), Limits.DEFAULT.withCpuQuota(0.001), host())) {
            Thread.ofPlatform().start(() -> {
                pause(100);
                guest.store().interrupt();
            });
            assertStops(guest, "loop", TrapCode.INTERRUPTED);
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void busyGuestsOnVirtualThreadsLetOtherVirtualThreadsRun(MemoryKind kind) throws Exception {
        List<Guest> guests = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors() * 2; i++) {
            Guest guest = Guest.start(kind, endless(), host());
            guests.add(guest);
            threads.add(Thread.ofVirtual().start(() -> assertStops(guest, "loop", TrapCode.INTERRUPTED)));
        }
        pause(50);

        Thread last = Thread.ofVirtual()
                .start(() -> guests.forEach(guest -> guest.store().interrupt()));

        last.join();
        for (Thread thread : threads) {
            thread.join();
        }
        guests.forEach(Guest::close);
    }

    static Stream<Arguments> endlessPrograms() {
        return Stream.of(MemoryKind.values())
                .flatMap(kind -> Stream.of(
                                "loop",
                                "loop by br_if",
                                "loop by br_table",
                                "loop that calls",
                                "loop that calls the host",
                                "loop that fills memory",
                                "nested loops",
                                "loop in try_table",
                                "state machine",
                                "state machine that calls",
                                "state machine with a loop",
                                "loop of exceptions",
                                "recursion by tail calls",
                                "recursion by indirect tail calls")
                        .map(program -> Arguments.of(kind, program)));
    }

    private static void assertStops(Guest guest, String program, TrapCode code) {
        assertThatExceptionOfType(Trap.class)
                .isThrownBy(() -> guest.run(program))
                .extracting(Trap::code)
                .isEqualTo(code);
    }

    private static Linker host() {
        return new Linker().func("host", "nothing", Signature.of(""), (caller, args) -> new Object[0]);
    }

    private static ModuleBuilder endless() {
        ModuleBuilder module = BusyPrograms.module();
        module.memory(ModuleBuilder.from(16));
        int table = module.table("funcref", ModuleBuilder.from(1));
        int tag = module.tag("i32");

        module.func("").export("loop by br_if").loop("").i32(1).brIf(0).end();
        module.func("")
                .export("loop by br_table")
                .loop("")
                .i32(5)
                .brTable(0, 0, 0)
                .end();
        FuncBuilder empty = module.func("");
        module.func("")
                .export("loop that fills memory")
                .loop("")
                .i32(0)
                .i32(1)
                .i32(1 << 20)
                .op(Op.MEMORY_FILL, 0)
                .br(0)
                .end();
        module.func("")
                .export("nested loops")
                .loop("")
                .loop("")
                .i32(0)
                .brIf(0)
                .end()
                .br(0)
                .end();
        for (String name : List.of("state machine", "state machine that calls", "state machine with a loop")) {
            FuncBuilder machine = module.func("").export(name);
            int state = machine.local("i32");
            machine.loop("")
                    .block("")
                    .block("")
                    .block("")
                    .get(state)
                    .brTable(0, 1, 2)
                    .end();
            machine.i32(2).set(state).br(2).end();
            machine.i32(0).op(Op.DROP).end();
            if (name.endsWith("calls")) {
                machine.call(empty);
            } else if (name.endsWith("loop")) {
                machine.loop("").i32(0).brIf(0).end();
            }
            machine.i32(1).set(state).br(0).end();
        }
        module.func("")
                .export("loop in try_table")
                .block("")
                .tryTable("", Catch.all(0))
                .loop("")
                .br(0)
                .end()
                .end()
                .end();
        module.func("")
                .export("loop of exceptions")
                .loop("")
                .block("-> i32")
                .tryTable("-> i32", Catch.tag(tag, 0))
                .i32(7)
                .throwing(tag)
                .end()
                .end()
                .op(Op.DROP)
                .br(0)
                .end();
        FuncBuilder tail = module.func("").export("recursion by tail calls");
        tail.returnCall(tail);
        FuncBuilder indirect = module.func("").export("recursion by indirect tail calls");
        indirect.i32(0).returnCallIndirect("", table);
        module.elements(table, 0, indirect);
        return module;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
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
