package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.wasm.internal.binary.Op;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FuelTest {
    private static final long PLENTY = 1L << 40;

    @Test
    void theSameRunUsesTheSameFuelEachTimeAndOnBothKindsOfMemory() {
        Set<Long> used = new LinkedHashSet<>();
        for (MemoryKind kind : MemoryKind.values()) {
            for (int run = 0; run < 20; run++) {
                used.add(fuelUsed(kind, "mixed", 500));
            }
        }
        assertThat(used).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void hotCodeUsesAsMuchFuelAsColdCode(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withFuel(PLENTY))) {
            Set<Long> used = new LinkedHashSet<>();
            for (int run = 0; run < 5_000; run++) {
                long before = guest.store().fuelLeft().orElseThrow();
                guest.run("mixed", 50);
                used.add(before - guest.store().fuelLeft().orElseThrow());
            }
            assertThat(used).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void fuelIsProportionalToWork(MemoryKind kind) {
        long one = fuelUsed(kind, "loop", 1_000);
        long two = fuelUsed(kind, "loop", 2_000);
        long three = fuelUsed(kind, "loop", 3_000);
        assertThat(three - two).isEqualTo(two - one).isBetween(1_000L, 20_000L);
    }

    @ParameterizedTest
    @EnumSource
    void exactlyEnoughFuelIsEnough(MemoryKind kind) {
        for (String program : new String[] {"loop", "mixed", "recursive", "straight"}) {
            long needed = fuelUsed(kind, program, 100);
            try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withFuel(needed))) {
                guest.run(program, 100);
                assertThat(guest.store().fuelLeft()).as(program).hasValue(0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneUnitLessIsATrap(MemoryKind kind) {
        for (String program : new String[] {"loop", "mixed", "recursive", "straight"}) {
            long needed = fuelUsed(kind, program, 100);
            try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withFuel(needed - 1))) {
                assertThatExceptionOfType(Trap.class)
                        .as(program)
                        .isThrownBy(() -> guest.run(program, 100))
                        .extracting(Trap::code)
                        .isEqualTo(TrapCode.OUT_OF_FUEL);
            }
        }
    }

    @Test
    void aGuestStopsAtTheSamePlaceOnBothKindsOfMemory() {
        for (long fuel = 1; fuel < 400; fuel += 7) {
            assertThat(countWhenOutOfFuel(MemoryKind.HEAP, fuel))
                    .as("count after %d units", fuel)
                    .isEqualTo(countWhenOutOfFuel(MemoryKind.OFF_HEAP, fuel));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGuestOutOfFuelGoesOnAfterMoreIsAdded(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withFuel(10))) {
            assertThatExceptionOfType(Trap.class).isThrownBy(() -> guest.run("loop", 1_000));

            guest.store().addFuel(PLENTY);

            assertThat(guest.call("loop", 1_000)).isEqualTo(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndlessGuestWithoutALimitOfFuelHasNoFuelToShow(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, programs())) {
            guest.store().addFuel(5);
            assertThat(guest.store().fuelLeft()).isEmpty();
            assertThat(guest.call("loop", 1_000)).isEqualTo(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theStartFunctionUsesFuelToo(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder start = module.func("");
        start.loop("").br(0).end();
        module.start(start);
        assertThatExceptionOfType(Trap.class)
                .isThrownBy(() -> Guest.start(kind, module, Limits.DEFAULT.withFuel(100_000)))
                .extracting(Trap::code)
                .isEqualTo(TrapCode.OUT_OF_FUEL);
    }

    @ParameterizedTest
    @EnumSource
    void aHostFunctionSeesTheFuelThatIsLeft(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int left = module.importFunc("host", "left", "-> i64");
        module.func("-> i64 i64").export("twice").call(left).call(left);
        Linker linker = new Linker().func("host", "left", Signature.of("-> i64"), (caller, args) ->
                new Object[] {caller.store().fuelLeft().orElseThrow()});
        try (Guest guest = Guest.start(kind, module, Limits.DEFAULT.withFuel(1_000), linker)) {
            Object[] seen = guest.instance().call("twice");
            assertThat((Long) seen[0]).isBetween(900L, 1_000L);
            assertThat((Long) seen[1]).isLessThanOrEqualTo((Long) seen[0]);
            assertThat(guest.store().fuelLeft().orElseThrow()).isLessThanOrEqualTo((Long) seen[1]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bulkInstructionsCostFuelByTheirLength(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(16));
        module.func("i32").export("fill").i32(0).i32(7).get(0).op(Op.MEMORY_FILL, 0);
        long small;
        long large;
        try (Guest guest = Guest.start(kind, module, Limits.DEFAULT.withFuel(PLENTY))) {
            guest.run("fill", 16);
            small = PLENTY - guest.store().fuelLeft().orElseThrow();
            guest.run("fill", 1 << 20);
            large = PLENTY - guest.store().fuelLeft().orElseThrow() - small;
        }
        assertThat(large).isGreaterThan(small * 10);
    }

    private static long fuelUsed(MemoryKind kind, String program, int n) {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withFuel(PLENTY))) {
            guest.run(program, n);
            return PLENTY - guest.store().fuelLeft().orElseThrow();
        }
    }

    private static Object countWhenOutOfFuel(MemoryKind kind, long fuel) {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withFuel(fuel))) {
            assertThatExceptionOfType(Trap.class).isThrownBy(() -> guest.run("loop", 1_000_000));
            return guest.instance().global("count").orElseThrow().get();
        }
    }

    /** Programs that take a number and give one: a loop, a recursion, straight code, and one of everything. */
    private static ModuleBuilder programs() {
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        int count = module.global("i32", true, code -> code.i32(0));
        module.exportGlobal("count", count);
        FuncBuilder loop = module.func("i32 -> i32").export("loop");
        loop.loop("").globalGet(count).i32(1).op(Op.I32_ADD).globalSet(count);
        loop.get(0).i32(1).op(Op.I32_SUB).tee(0).brIf(0).end().get(0);

        FuncBuilder recursive = module.func("i32 -> i32").export("recursive");
        recursive.get(0).op(Op.I32_EQZ).when("-> i32").i32(1).otherwise();
        recursive
                .get(0)
                .i32(1)
                .op(Op.I32_SUB)
                .call(recursive)
                .get(0)
                .op(Op.I32_MUL)
                .end();

        FuncBuilder straight = module.func("i32 -> i32").export("straight");
        straight.get(0);
        for (int i = 0; i < 300; i++) {
            straight.i32(i).op(Op.I32_XOR);
        }

        FuncBuilder mixed = module.func("i32 -> i32").export("mixed");
        int i = mixed.local("i32");
        mixed.loop("").block("").block("").block("");
        mixed.get(i).i32(3).op(Op.I32_REM_U).brTable(0, 1, 2).end();
        mixed.get(i).i32(4).op(Op.I32_MUL).get(i).mem(Op.I32_STORE, 0).br(1).end();
        mixed.get(i).i32(10).op(Op.I32_REM_U).call(recursive).op(Op.DROP).end();
        mixed.get(i).i32(1).op(Op.I32_ADD).tee(i).get(0).op(Op.I32_LT_U).brIf(0).end();
        mixed.i32(40).mem(Op.I32_LOAD, 0);
        return module;
    }
}
