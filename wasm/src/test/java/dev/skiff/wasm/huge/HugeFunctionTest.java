package dev.skiff.wasm.huge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.wasm.FuncBuilder;
import dev.skiff.wasm.Guest;
import dev.skiff.wasm.HeapType;
import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.ModuleBuilder;
import dev.skiff.wasm.Signature;
import dev.skiff.wasm.internal.binary.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Data flow through functions of 100,000 instructions and more, which take many methods each. */
@Tag("slow")
class HugeFunctionTest {
    private static final Limits LARGE_STACK = Limits.DEFAULT.withStackBytes(256L << 20);

    @ParameterizedTest
    @EnumSource
    void straightCodeComputesAsALoopDoes(MemoryKind kind) {
        int steps = 20_000;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i64 -> i64").export("run");
        long expected = 12_345;
        code.get(0);
        for (int i = 0; i < steps; i++) {
            code.i64(6_364_136_223_846_793_005L)
                    .op(Op.I64_MUL)
                    .i64(i)
                    .op(Op.I64_ADD)
                    .i64(7)
                    .op(Op.I64_ROTL);
            expected = Long.rotateLeft(expected * 6_364_136_223_846_793_005L + i, 7);
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run", 12_345L)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyConstantOfTenThousandDifferentOnesIsRight(MemoryKind kind) {
        int constants = 10_000;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder longs = module.func("-> i64").export("longs");
        FuncBuilder doubles = module.func("-> i64").export("doubles");
        FuncBuilder ints = module.func("-> i32").export("ints");
        FuncBuilder floats = module.func("-> i32").export("floats");
        Random random = new Random(1);
        long sumOfLongs = 0;
        long sumOfDoubles = 0;
        int sumOfInts = 0;
        int sumOfFloats = 0;
        longs.i64(0);
        doubles.i64(0);
        ints.i32(0);
        floats.i32(0);
        for (int i = 0; i < constants; i++) {
            long value = random.nextLong() & ~(1L << 62);
            int bits = (int) value & ~(1 << 30);
            longs.i64(value).op(Op.I64_XOR).i64(1).op(Op.I64_ROTL);
            doubles.f64(Double.longBitsToDouble(value))
                    .op(Op.I64_REINTERPRET_F64)
                    .op(Op.I64_XOR)
                    .i64(1)
                    .op(Op.I64_ROTL);
            ints.i32((int) value).op(Op.I32_XOR).i32(1).op(Op.I32_ROTL);
            floats.f32(Float.intBitsToFloat(bits))
                    .op(Op.I32_REINTERPRET_F32)
                    .op(Op.I32_XOR)
                    .i32(1)
                    .op(Op.I32_ROTL);
            sumOfLongs = Long.rotateLeft(sumOfLongs ^ value, 1);
            sumOfDoubles = Long.rotateLeft(sumOfDoubles ^ value, 1);
            sumOfInts = Integer.rotateLeft(sumOfInts ^ (int) value, 1);
            sumOfFloats = Integer.rotateLeft(sumOfFloats ^ bits, 1);
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("longs")).isEqualTo(sumOfLongs);
            assertThat(guest.call("doubles")).isEqualTo(sumOfDoubles);
            assertThat(guest.call("ints")).isEqualTo(sumOfInts);
            assertThat(guest.call("floats")).isEqualTo(sumOfFloats);
        }
    }

    @ParameterizedTest
    @EnumSource
    void hundredsOfValuesStayOnTheOperandStack(MemoryKind kind) {
        int values = 600;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i64 f64").export("run");
        int wide = code.local("i64");
        int real = code.local("f64");
        for (int i = 0; i < values; i++) {
            switch (i % 4) {
                case 0 -> code.get(0).i32(i).op(Op.I32_ADD);
                case 1 -> code.i64(i * 1_000_000_007L);
                case 2 -> code.f32(i / 4f);
                default -> code.get(0).op(Op.F64_CONVERT_I32_S).f64(i).op(Op.F64_MUL);
            }
        }
        long expectedWide = 0;
        double expectedReal = 0;
        for (int i = values - 1; i >= 0; i--) {
            switch (i % 4) {
                case 0 -> {
                    code.op(Op.I64_EXTEND_I32_S)
                            .get(wide)
                            .i64(31)
                            .op(Op.I64_MUL)
                            .op(Op.I64_ADD)
                            .set(wide);
                    expectedWide = 5 + i + expectedWide * 31;
                }
                case 1 -> {
                    code.get(wide).op(Op.I64_XOR).set(wide);
                    expectedWide ^= i * 1_000_000_007L;
                }
                case 2 -> {
                    code.op(Op.F64_PROMOTE_F32)
                            .get(real)
                            .f64(0.5)
                            .op(Op.F64_MUL)
                            .op(Op.F64_ADD)
                            .set(real);
                    expectedReal = i / 4f + expectedReal * 0.5;
                }
                default -> {
                    code.get(real).op(Op.F64_SUB).set(real);
                    expectedReal = 5.0 * i - expectedReal;
                }
            }
        }
        code.get(wide).get(real);
        try (Guest guest = Guest.start(kind, module, LARGE_STACK)) {
            assertThat(guest.store().runOnGuestThread(() -> guest.instance().call("run", 5)))
                    .containsExactly(expectedWide, expectedReal);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachOfFiveHundredNestedBlocksCanBeLeft(MemoryKind kind) {
        int depth = 500;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 i64 -> i64").export("run");
        for (int i = 0; i < depth; i++) {
            code.get(1).i64(i).op(Op.I64_XOR).set(1).block("");
        }
        code.get(0).brTable(IntStream.range(0, depth).toArray());
        for (int i = 0; i < depth; i++) {
            code.end();
            for (int j = 0; j < 40; j++) {
                code.get(1)
                        .i64(i * 100L + j)
                        .op(Op.I64_ADD)
                        .i64(3)
                        .op(Op.I64_ROTL)
                        .set(1);
            }
        }
        code.get(1);
        try (Guest guest = Guest.start(kind, module)) {
            for (int leave : new int[] {0, 1, 7, 100, 250, 498, 499}) {
                long expected = 99;
                for (int i = 0; i < depth; i++) {
                    expected ^= i;
                }
                for (int i = leave; i < depth; i++) {
                    for (int j = 0; j < 40; j++) {
                        expected = Long.rotateLeft(expected + i * 100L + j, 3);
                    }
                }
                assertThat(guest.call("run", leave, 99L))
                        .as("leaving block %d", leave)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void blocksFiveHundredDeepCarryTheirResultsOut(MemoryKind kind) {
        int depth = 500;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i32 i64 f32 f64").export("run");
        code.i32(1).i64(2).f32(3).f64(4);
        for (int i = 0; i < depth; i++) {
            code.block("i32 i64 f32 f64 -> i32 i64 f32 f64");
            int real = code.local("f64");
            int single = code.local("f32");
            code.set(real).set(single).i64(3).op(Op.I64_MUL).get(single).get(real);
            code.get(0).i32(i).op(Op.I32_EQ).brIf(i);
            for (int j = 0; j < 30; j++) {
                code.f64(j).op(Op.F64_ADD);
            }
        }
        for (int i = 0; i < depth; i++) {
            code.end();
        }
        try (Guest guest = Guest.start(kind, module, LARGE_STACK)) {
            for (int leave : new int[] {0, 3, 250, 499, 1_000}) {
                long wide = 2;
                double real = 4;
                for (int i = 0; i < depth; i++) {
                    wide *= 3;
                    if (i == leave) {
                        break;
                    }
                    for (int j = 0; j < 30; j++) {
                        real += j;
                    }
                }
                assertThat(guest.instance().call("run", leave)).containsExactly(1, wide, 3f, real);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThousandArmsInALoopInterpretAProgram(MemoryKind kind) {
        assertInterpreter(kind, 1_000, 100, 20_000);
    }

    @ParameterizedTest
    @EnumSource
    void threeThousandArmsInALoopInterpretAProgram(MemoryKind kind) {
        assertInterpreter(kind, 3_000, 4, 50_000);
    }

    /** A loop around a br_table of so many arms, each of which changes the state and chooses the next. */
    private static void assertInterpreter(MemoryKind kind, int arms, int work, int steps) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 i64 i32 -> i64").export("run");
        int arm = 0;
        int state = 1;
        int left = 2;
        code.block("").loop("");
        code.get(left).op(Op.I32_EQZ).brIf(1).get(left).i32(1).op(Op.I32_SUB).set(left);
        for (int i = 0; i < arms; i++) {
            code.block("");
        }
        code.get(arm).brTable(IntStream.range(0, arms).toArray());
        for (int i = 0; i < arms; i++) {
            code.end();
            for (int j = 0; j < work / 4; j++) {
                code.get(state)
                        .i64(i + j)
                        .op(Op.I64_XOR)
                        .i64(i % 63 + 1)
                        .op(Op.I64_ROTL)
                        .set(state);
            }
            code.get(state)
                    .i64(arms)
                    .op(Op.I64_REM_U)
                    .op(Op.I32_WRAP_I64)
                    .set(arm)
                    .br(arms - 1 - i);
        }
        code.end().end().get(state);
        long expected = 42;
        int current = 3;
        for (int step = 0; step < steps; step++) {
            for (int j = 0; j < work / 4; j++) {
                expected = Long.rotateLeft(expected ^ (current + j), current % 63 + 1);
            }
            current = (int) Long.remainderUnsigned(expected, arms);
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run", 3, 42L, steps)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void moreConstantsThanAClassHoldsAreSpreadOverSeveral(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder large = module.func("-> i64").export("large");
        large.i64(0);
        long expected = 0;
        for (int i = 0; i < 100_000; i++) {
            large.i64(1_000_000_007L * i).op(Op.I64_XOR);
            expected ^= 1_000_000_007L * i;
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("large")).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tenThousandOperandsAreOnTheStackAtOnce(MemoryKind kind) {
        int count = 10_000;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i64 -> i64").export("run");
        long expected = 0;
        for (int i = 0; i < count; i++) {
            code.get(0).i64(i).op(Op.I64_MUL);
        }
        for (int i = count - 1; i > 0; i--) {
            code.op(Op.I64_SUB);
            expected = 3L * i - expected;
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run", 3L)).isEqualTo(-expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFunctionThatNoClassFileCanHoldIsRefusedWhenItIsCalled(MemoryKind kind) {
        int targets = 40_000;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder large = module.func("i32 -> i32").export("large");
        int result = large.local("i32");
        for (int i = 0; i < targets; i++) {
            large.block("");
        }
        large.get(0).brTable(IntStream.range(0, targets).toArray());
        for (int i = 0; i < targets; i++) {
            large.end().get(result).i32(1).op(Op.I32_ADD).set(result);
        }
        large.get(result);
        module.func("-> i64").export("small").i64(7);
        try (Guest guest = Guest.start(kind, module)) {
            assertThatExceptionOfType(LimitException.class)
                    .isThrownBy(() -> guest.call("large", 5))
                    .withMessageContaining("too large");
            assertThat(guest.call("small")).isEqualTo(7L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void thousandsOfLocalsOfAllTypesKeepTheirValues(MemoryKind kind) {
        int locals = 3_000;
        String[] types = {"i32", "i64", "f32", "f64", "externref", "funcref"};
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code =
                module.func("externref funcref i32 -> i32 i64 f32 f64 i32 i32").export("run");
        int[] local = new int[locals];
        for (int i = 0; i < locals; i++) {
            local[i] = code.local(types[i % types.length]);
        }
        int rounds = code.local("i32");
        int[] sums = Arrays.stream(new String[] {"i32", "i64", "f32", "f64", "i32", "i32"})
                .mapToInt(code::local)
                .toArray();
        code.loop("");
        for (int i = 0; i < locals; i++) {
            switch (i % 6) {
                case 0 -> code.get(local[i]).i32(i).op(Op.I32_ADD);
                case 1 -> code.get(local[i]).i64(i).op(Op.I64_ADD);
                case 2 -> code.get(local[i]).f32(i % 7).op(Op.F32_ADD);
                case 3 -> code.get(local[i]).f64(i % 11).op(Op.F64_ADD);
                case 4 -> {
                    code.refNull(HeapType.EXTERN)
                            .get(0)
                            .get(rounds)
                            .i32(i / 6 % 2)
                            .op(Op.I32_EQ);
                    code.select("externref");
                }
                default -> {
                    code.refNull(HeapType.FUNC)
                            .get(1)
                            .get(rounds)
                            .i32(i / 6 % 2)
                            .op(Op.I32_EQ);
                    code.select("funcref");
                }
            }
            code.set(local[i]);
        }
        code.get(rounds)
                .i32(1)
                .op(Op.I32_ADD)
                .tee(rounds)
                .get(2)
                .op(Op.I32_LT_U)
                .brIf(0)
                .end();
        int[] add = {Op.I32_ADD, Op.I64_ADD, Op.F32_ADD, Op.F64_ADD};
        for (int i = 0; i < locals; i++) {
            int kindOf = i % 6;
            code.get(local[i]);
            if (kindOf < 4) {
                code.get(sums[kindOf]).op(add[kindOf]).set(sums[kindOf]);
            } else {
                code.op(Op.REF_IS_NULL).get(sums[kindOf]).op(Op.I32_ADD).set(sums[kindOf]);
            }
        }
        Arrays.stream(sums).forEach(code::get);
        int ints = 0;
        long longs = 0;
        float floats = 0;
        double doubles = 0;
        for (int i = 0; i < locals; i += 6) {
            ints += i * 2;
            longs += (i + 1) * 2L;
            floats += (i + 2) % 7 * 2;
            doubles += (i + 3) % 11 * 2;
        }
        try (Guest guest = Guest.start(kind, module)) {
            Object function = guest.instance().func("run").orElseThrow();
            for (int call = 0; call < 3; call++) {
                assertThat(guest.instance().call("run", "object", function, 2))
                        .containsExactly(ints, longs, floats, doubles, locals / 12, locals / 12);
            }
            assertThat(guest.instance().call("run", null, null, 2)).endsWith(locals / 6, locals / 6);
        }
    }

    @ParameterizedTest
    @EnumSource
    void fiftyThousandLocalsAreZeroAtEveryCall(MemoryKind kind) {
        int locals = 50_000;
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("-> i64").export("run");
        int sum = code.local("i64");
        int first = code.local("i64");
        for (int i = 2; i < locals; i++) {
            code.local("i64");
        }
        for (int i = 0; i < locals - 2; i += 5) {
            code.get(first + i).get(sum).op(Op.I64_ADD).set(sum).i64(i).set(first + i);
        }
        for (int i = 0; i < locals - 2; i += 500) {
            code.get(first + i).get(sum).op(Op.I64_ADD).set(sum);
        }
        code.get(sum);
        long expected = IntStream.iterate(0, i -> i < locals - 2, i -> i + 500)
                .asLongStream()
                .sum();
        try (Guest guest = Guest.start(kind, module, LARGE_STACK)) {
            for (int call = 0; call < 5; call++) {
                assertThat(guest.store().runOnGuestThread(() -> guest.call("run")))
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThousandLoopsInARowAndThreeHundredInEachOther(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder row = module.func("i32 i64 -> i64").export("row");
        int counter = row.local("i32");
        for (int i = 0; i < 1_000; i++) {
            row.i32(0).set(counter).loop("");
            for (int j = 0; j < 10; j++) {
                row.get(1).i64(i + j).op(Op.I64_ADD).i64(5).op(Op.I64_ROTL).set(1);
            }
            row.get(counter)
                    .i32(1)
                    .op(Op.I32_ADD)
                    .tee(counter)
                    .get(0)
                    .op(Op.I32_LT_U)
                    .brIf(0)
                    .end();
        }
        row.get(1);
        FuncBuilder nested = module.func("i64 -> i64").export("nested");
        int depth = 300;
        int[] counters = new int[depth];
        for (int i = 0; i < depth; i++) {
            counters[i] = nested.local("i32");
            nested.loop("");
        }
        nested.get(0).i64(1).op(Op.I64_ADD).set(0);
        for (int i = depth - 1; i >= 0; i--) {
            for (int j = 0; j < 60; j++) {
                nested.get(0).i64(j).op(Op.I64_XOR).i64(1).op(Op.I64_ROTL).set(0);
            }
            int turns = i % 30 == 0 ? 2 : 1;
            nested.get(counters[i])
                    .i32(1)
                    .op(Op.I32_ADD)
                    .tee(counters[i])
                    .i32(turns)
                    .op(Op.I32_LT_U)
                    .brIf(0)
                    .end();
            nested.i32(0).set(counters[i]);
        }
        nested.get(0);
        try (Guest guest = Guest.start(kind, module)) {
            long expected = 1;
            for (int i = 0; i < 1_000; i++) {
                for (int turn = 0; turn < 9; turn++) {
                    for (int j = 0; j < 10; j++) {
                        expected = Long.rotateLeft(expected + i + j, 5);
                    }
                }
            }
            assertThat(guest.call("row", 9, 1L)).isEqualTo(expected);
            assertThat(guest.call("nested", 5L)).isEqualTo(loops(0, depth, 5));
        }
    }

    private static long loops(int level, int depth, long start) {
        if (level == depth) {
            return start + 1;
        }
        long value = start;
        for (int turn = 0; turn < (level % 30 == 0 ? 2 : 1); turn++) {
            value = loops(level + 1, depth, value);
            for (int j = 0; j < 60; j++) {
                value = Long.rotateLeft(value ^ j, 1);
            }
        }
        return value;
    }

    @ParameterizedTest
    @EnumSource
    void aLoopWithManyParametersCarriesThemRound(MemoryKind kind) {
        String types = "i32 i64 f32 f64 externref ".repeat(6);
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code =
                module.func("i32 externref -> i32 i64 f32 f64 externref").export("run");
        int[] local = new int[30];
        String[] names = {"i32", "i64", "f32", "f64", "externref"};
        for (int i = 0; i < 30; i++) {
            local[i] = code.local(names[i % 5]);
        }
        for (int group = 0; group < 6; group++) {
            code.i32(group).i64(group).f32(group).f64(group).get(1);
        }
        code.loop(types + "->" + types);
        for (int round = 0; round < 300; round++) {
            for (int i = 29; i >= 0; i--) {
                code.set(local[i]);
            }
            for (int group = 0; group < 6; group++) {
                int from = (group + 1) % 6 * 5;
                code.get(local[from]).i32(1).op(Op.I32_ADD);
                code.get(local[from + 1]).i64(3).op(Op.I64_ADD);
                code.get(local[from + 2]).f32(0.5f).op(Op.F32_ADD);
                code.get(local[from + 3]).f64(0.25).op(Op.F64_ADD);
                code.get(local[from + 4]);
            }
        }
        code.get(0).i32(1).op(Op.I32_SUB).tee(0).brIf(0).end();
        for (int i = 29; i >= 0; i--) {
            code.set(local[i]);
        }
        IntStream.range(0, 5).forEach(i -> code.get(local[i]));
        try (Guest guest = Guest.start(kind, module)) {
            int rounds = 7 * 300;
            int origin = rounds % 6;
            assertThat(guest.instance().call("run", 7, "x"))
                    .containsExactly(
                            origin + rounds, origin + 3L * rounds, origin + 0.5f * rounds, origin + 0.25 * rounds, "x");
        }
    }

    @ParameterizedTest
    @EnumSource
    void hugeArmsOfAnIfKeepWhatIsBeneathThem(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i64").export("run");
        for (int i = 0; i < 200; i++) {
            code.i64(i);
        }
        code.f64(2.5).get(0).when("f64 -> i64 f64");
        for (int i = 0; i < 20_000; i++) {
            code.f64(i % 3).op(Op.F64_ADD);
        }
        int real = code.local("f64");
        code.set(real).i64(11).get(real).otherwise();
        for (int i = 0; i < 20_000; i++) {
            code.f64(i % 5).op(Op.F64_ADD);
        }
        code.set(real).i64(22).get(real).end();
        code.op(Op.I64_TRUNC_F64_S).op(Op.I64_ADD);
        for (int i = 0; i < 200; i++) {
            code.i64(7).op(Op.I64_MUL).op(Op.I64_ADD);
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run", 1)).isEqualTo(folded(11 + (long) (2.5 + sum(20_000, 3))));
            assertThat(guest.call("run", 0)).isEqualTo(folded(22 + (long) (2.5 + sum(20_000, 5))));
        }
    }

    private static double sum(int count, int modulus) {
        return IntStream.range(0, count).map(i -> i % modulus).sum();
    }

    private static long folded(long top) {
        long value = top;
        for (int i = 199; i >= 0; i--) {
            value = value * 7 + i;
        }
        return value;
    }

    @ParameterizedTest
    @EnumSource
    void memoryAndGlobalsAreSeenAcrossTheWholeFunction(MemoryKind kind) {
        int cells = 8_000;
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(2));
        int global = module.global("i64", true, init -> init.i64(1));
        FuncBuilder code = module.func("-> i64").export("run");
        int address = code.local("i32");
        for (int i = 0; i < cells; i++) {
            code.get(address).globalGet(global).mem(Op.I64_STORE, i * 8);
            code.get(address)
                    .mem(Op.I64_LOAD, i / 2 * 8)
                    .globalGet(global)
                    .i64(3)
                    .op(Op.I64_MUL)
                    .op(Op.I64_ADD);
            code.globalSet(global);
            if (i % 1_000 == 999) {
                code.i32(1).op(Op.MEMORY_GROW, 0).op(Op.DROP);
            }
        }
        code.globalGet(global);
        long[] memory = new long[cells];
        long expected = 1;
        for (int i = 0; i < cells; i++) {
            memory[i] = expected;
            expected = memory[i / 2] + expected * 3;
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run")).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void callsWithManyArgumentsAndResultsWorkAnywhereInIt(MemoryKind kind) {
        String types = "i32 i64 f32 f64 ".repeat(5);
        ModuleBuilder module = new ModuleBuilder();
        int host = module.importFunc("host", "reverse", "i32 i64 -> i64 i32");
        FuncBuilder turn = module.func(types + "->" + types);
        for (int group = 4; group >= 0; group--) {
            for (int i = 0; i < 4; i++) {
                turn.get(group * 4 + i);
            }
        }
        int table = module.table("funcref", ModuleBuilder.from(1));
        module.elements(table, 0, turn);
        FuncBuilder code = module.func("-> i32").export("run");
        int sum = code.local("i32");
        int calls = 2_000;
        int expected = 0;
        for (int call = 0; call < calls; call++) {
            for (int group = 0; group < 5; group++) {
                code.i32(call + group).i64(group).f32(group).f64(group);
            }
            if (call % 2 == 0) {
                code.call(turn);
            } else {
                code.i32(0).callIndirect(types + "->" + types, table);
            }
            code.op(Op.I32_TRUNC_F64_S)
                    .get(sum)
                    .op(Op.I32_ADD)
                    .set(sum)
                    .op(Op.DROP)
                    .op(Op.I32_WRAP_I64);
            code.op(Op.I32_ADD).get(sum).op(Op.I32_ADD).set(sum);
            for (int i = 0; i < 16; i++) {
                code.op(Op.DROP);
            }
            code.get(sum)
                    .i64(call)
                    .call(host)
                    .set(sum)
                    .op(Op.I32_WRAP_I64)
                    .get(sum)
                    .op(Op.I32_XOR)
                    .set(sum);
            expected = (expected + call) ^ (call + 1);
        }
        code.get(sum);
        Linker linker = new Linker().func("host", "reverse", Signature.of("i32 i64 -> i64 i32"), (caller, args) ->
                new Object[] {(Long) args[1] + 1, args[0]});
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("run")).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void codeThatIsNeverReachedDoesNoHarm(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i32").export("run");
        code.block("-> i32").get(0).br(0);
        for (int i = 0; i < 40_000; i++) {
            switch (i % 5) {
                case 0 -> code.op(Op.I32_ADD);
                case 1 -> code.block("-> f64").op(Op.UNREACHABLE).end().op(Op.DROP);
                case 2 -> code.op(Op.DROP);
                case 3 -> code.get(0).when("").get(0).ret().end();
                default -> code.i64(1).op(Op.DROP).i32(1);
            }
        }
        code.op(Op.UNREACHABLE).end().i32(1).op(Op.I32_ADD);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run", 41)).isEqualTo(42);
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyHugeFunctionsOfOneModuleCallEachOther(MemoryKind kind) {
        int functions = 30;
        ModuleBuilder module = new ModuleBuilder();
        List<FuncBuilder> chain = new ArrayList<>();
        for (int f = 0; f < functions; f++) {
            chain.add(module.func("i64 i32 -> i64"));
        }
        chain.getFirst().export("run");
        for (int f = 0; f < functions; f++) {
            FuncBuilder code = chain.get(f);
            int half = 600;
            for (int i = 0; i < half; i++) {
                code.get(0).i64(f + i).op(Op.I64_XOR).i64(9).op(Op.I64_ROTL).set(0);
            }
            code.get(1).when("");
            code.get(0)
                    .get(1)
                    .i32(1)
                    .op(Op.I32_SUB)
                    .call(chain.get((f + 1) % functions))
                    .set(0)
                    .end();
            for (int i = 0; i < half; i++) {
                code.get(0).i64(f - i).op(Op.I64_ADD).i64(3).op(Op.I64_ROTL).set(0);
            }
            code.get(0);
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run", 1L, 100)).isEqualTo(chain(0, 1, 100, functions));
        }
    }

    private static long chain(int function, long start, int left, int functions) {
        long value = start;
        for (int i = 0; i < 600; i++) {
            value = Long.rotateLeft(value ^ (function + i), 9);
        }
        if (left != 0) {
            value = chain((function + 1) % functions, value, left - 1, functions);
        }
        for (int i = 0; i < 600; i++) {
            value = Long.rotateLeft(value + function - i, 3);
        }
        return value;
    }
}
