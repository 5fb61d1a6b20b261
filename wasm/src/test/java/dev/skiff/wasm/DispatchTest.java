package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.internal.binary.Op;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions as Go's compiler makes them: a loop around a br_table by a local, through which all jumps go. */
class DispatchTest {
    private static final int PAGE = 65_536;

    @ParameterizedTest
    @EnumSource
    void jumpsForwardAndBackGoWhereTheTableSays(MemoryKind kind) {
        var module = new ModuleBuilder();
        FuncBuilder f = module.func("i32 -> i32").export("collatz");
        int state = f.local("i32");
        int steps = f.local("i32");
        f.loop("").block("").block("").block("").block("").get(state).brTable(0, 1, 2, 3);
        // 0: even or odd?
        f.end().get(0).i32(1).op(Op.I32_EQ).when("").i32(9).set(state).br(4).end();
        f.get(steps).i32(1).op(Op.I32_ADD).set(steps);
        f.get(0).i32(1).op(Op.I32_AND).when("").i32(2).set(state).br(4).end();
        // 1: even
        f.end().get(0).i32(1).op(Op.I32_SHR_U).set(0).i32(0).set(state).br(2);
        // 2: odd
        f.end()
                .get(0)
                .i32(3)
                .op(Op.I32_MUL)
                .i32(1)
                .op(Op.I32_ADD)
                .set(0)
                .i32(0)
                .set(state)
                .br(1);
        // 3 and all others
        f.end().get(steps).ret().end();
        f.op(Op.UNREACHABLE);
        try (Guest guest = Guest.start(kind, module)) {
            for (int start : new int[] {1, 2, 3, 7, 27, 97}) {
                assertThat(guest.call("collatz", start)).isEqualTo(collatz(start));
            }
        }
    }

    private static int collatz(int start) {
        return (int) IntStream.iterate(start, n -> n != 1, n -> n % 2 == 0 ? n / 2 : 3 * n + 1)
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void operandsAboveTheLoopAreDropped(MemoryKind kind) {
        var module = new ModuleBuilder();
        FuncBuilder f = module.func("i32 -> i32").export("f");
        int state = f.local("i32");
        f.i32(1_000).loop("").block("").block("").get(state).brTable(0, 1);
        f.end()
                .i64(7)
                .i32(8)
                .get(0)
                .i32(1)
                .op(Op.I32_SUB)
                .tee(0)
                .when("")
                .i32(0)
                .set(state)
                .br(2)
                .end();
        f.op(Op.DROP).op(Op.DROP).i64(7).i32(8).i32(1).set(state).br(1);
        f.end().end().get(0).op(Op.I32_ADD);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("f", 5)).isEqualTo(1_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMemoryThatGrewIsSeenBehindABackwardJump(MemoryKind kind) {
        var module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        FuncBuilder f = module.func("i32 -> i32").export("f");
        int state = f.local("i32");
        int read = f.local("i32");
        // Reads the last bytes of the memory, makes it larger by a page and does so again.
        f.loop("").block("").block("").get(state).brTable(0, 1);
        f.end().get(read).i32(PAGE).op(Op.I32_MUL).mem(Op.I32_LOAD, PAGE - 4).op(Op.DROP);
        f.get(read).i32(1).op(Op.I32_ADD).tee(read).get(0).op(Op.I32_LT_U).when("");
        f.i32(1).op(Op.MEMORY_GROW, 0).op(Op.DROP).i32(0).set(state).br(2).end();
        f.i32(1).set(state).br(1).end();
        f.end().get(read);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("f", 20)).isEqualTo(20);
        }
    }

    /** Found in a review: the blocks do not all start at the height of the loop. */
    @ParameterizedTest
    @EnumSource
    void anOperandBetweenTheBlocksIsKept(MemoryKind kind) {
        var module = new ModuleBuilder();
        FuncBuilder f = module.func("i32 -> i32").export("f");
        int state = f.local("i32");
        int rounds = f.local("i32");
        f.block("").loop("").get(0).block("").get(state).brTable(0, 2);
        f.end().get(rounds).op(Op.I32_ADD).set(rounds);
        f.get(rounds).i32(10).op(Op.I32_LT_U).when("").i32(0).set(state).br(1).end();
        f.end().end().get(rounds);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("f", 4)).isEqualTo(12);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSumIsNoConstant(MemoryKind kind) {
        var module = new ModuleBuilder();
        FuncBuilder f = module.func("i32 -> i32").export("f");
        int state = f.local("i32");
        f.loop("").block("").block("").block("").get(state).brTable(0, 1, 2);
        f.end()
                .get(0)
                .op(Op.I64_EXTEND_I32_U)
                .i64(1)
                .op(Op.I64_ADD)
                .op(Op.I32_WRAP_I64)
                .set(state)
                .br(2);
        f.end().i32(11).ret();
        f.end().i32(12).ret().end().op(Op.UNREACHABLE);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("f", 0)).isEqualTo(11);
            assertThat(guest.call("f", 1)).isEqualTo(12);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSumIn64BitsOfWhich32AreKeptWrapsAround(MemoryKind kind) {
        var module = new ModuleBuilder();
        FuncBuilder f = module.func("i32 -> i32").export("f");
        f.get(0).op(Op.I64_EXTEND_I32_U).i64(0x7_FFFF_FFFFL).op(Op.I64_ADD).op(Op.I32_WRAP_I64);
        FuncBuilder wide = module.func("i32 -> i64").export("wide");
        wide.get(0).op(Op.I64_EXTEND_I32_U).i64(0x7_FFFF_FFFFL).op(Op.I64_ADD);
        try (Guest guest = Guest.start(kind, module)) {
            for (int n : new int[] {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                assertThat(guest.call("f", n)).isEqualTo(n - 1);
                assertThat(guest.call("wide", n)).isEqualTo(Integer.toUnsignedLong(n) + 0x7_FFFF_FFFFL);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConstantForAnotherLocalChangesNothing(MemoryKind kind) {
        var module = new ModuleBuilder();
        FuncBuilder f = module.func("i32 -> i32").export("f");
        int state = f.local("i32");
        int other = f.local("i32");
        f.loop("").block("").block("").get(state).brTable(0, 1);
        f.end().i32(1).set(state).i32(0).set(other).br(1);
        f.end().end().get(other).get(0).op(Op.I32_ADD);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("f", 3)).isEqualTo(3);
        }
    }
}
