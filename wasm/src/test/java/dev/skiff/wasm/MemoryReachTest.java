package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.internal.binary.Op;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every access that is out of bounds traps, also where the compiler leaves out checks that earlier ones make unnecessary. */
class MemoryReachTest {
    private static final int PAGE = 65_536;
    private static final int[] OFFSETS = {
        0,
        1,
        PAGE - 8,
        PAGE - 1,
        PAGE,
        2 * PAGE - 4,
        Integer.MAX_VALUE - PAGE - 7,
        Integer.MAX_VALUE - PAGE + 1,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MIN_VALUE + 1,
        -PAGE,
        -1
    };
    private static final int[] ADDRESSES = {
        0,
        1,
        PAGE - 8,
        PAGE - 4,
        PAGE - 1,
        PAGE,
        2 * PAGE - 8,
        2 * PAGE - 1,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        -PAGE,
        -8,
        -1
    };

    @ParameterizedTest
    @EnumSource
    void anAccessIsWithinTheMemoryOrTraps(MemoryVariant variant) {
        for (int pages = 0; pages <= 2; pages++) {
            var module = new ModuleBuilder();
            module.memory(ModuleBuilder.from(pages));
            for (int offset : OFFSETS) {
                module.func("i32 -> i32").export("byte " + offset).get(0).mem(Op.I32_LOAD8_U, offset);
                module.func("i32 -> i64").export("long " + offset).get(0).mem(Op.I64_LOAD, offset);
                module.func("i32 ->").export("set " + offset).get(0).i64(0).mem(Op.I64_STORE, offset);
                for (int address : ADDRESSES) {
                    // The address is a constant in the code.
                    module.func("-> i64")
                            .export(address + " " + offset)
                            .i32(address)
                            .mem(Op.I64_LOAD, offset);
                }
            }
            try (Guest guest = start(variant, module)) {
                for (int offset : OFFSETS) {
                    for (int address : ADDRESSES) {
                        long start = Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset);
                        boolean longInside = start + 8 <= (long) pages * PAGE;
                        assertThat(isInside(guest, "byte " + offset, address))
                                .as("%d pages, byte at %d", pages, start)
                                .isEqualTo(start + 1 <= (long) pages * PAGE);
                        for (String export : List.of("long " + offset, "set " + offset)) {
                            assertThat(isInside(guest, export, address))
                                    .as("%d pages, %s at %d", pages, export, start)
                                    .isEqualTo(longInside);
                        }
                        assertThat(isInside(guest, address + " " + offset))
                                .as("%d pages, constant %d + %d", pages, address, offset)
                                .isEqualTo(longInside);
                    }
                }
            }
        }
    }

    private static Guest start(MemoryVariant variant, ModuleBuilder module) {
        return Guest.start(variant.kind(), module, variant.limits(Limits.DEFAULT));
    }

    private static boolean isInside(Guest guest, String export, Object... args) {
        try {
            guest.instance().call(export, args);
            return true;
        } catch (Trap trap) {
            assertThat(trap.code()).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
            return false;
        }
    }

    /**
     * A function of an address p, another address q and a number c that accesses memory several times.
     *
     * @param body emits it; its first arguments are locals 0 to 2, and it leaves nothing on the stack
     * @param outcome whether it must end without a trap, in a memory of one page
     */
    private record Pattern(String name, BiConsumer<FuncBuilder, Integer> body, Outcome outcome) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    private interface Outcome {
        boolean ends(long p, long q, int c);
    }

    private static boolean fits(long address, int end) {
        return address + end <= PAGE;
    }

    /** Reads four bytes at the address in a local and an offset. */
    private static void read(FuncBuilder f, int local, int offset) {
        f.get(local).mem(Op.I32_LOAD, offset).op(Op.DROP);
    }

    private static final List<Pattern> PATTERNS = List.of(
            new Pattern(
                    "a further access of the same address",
                    (f, tag) -> {
                        read(f, 0, 8);
                        read(f, 0, 0);
                        read(f, 0, 16);
                    },
                    (p, q, c) -> fits(p, 20)),
            new Pattern(
                    "another value in the local",
                    (f, tag) -> {
                        read(f, 0, 8);
                        f.get(1).set(0);
                        read(f, 0, 0);
                    },
                    (p, q, c) -> fits(p, 12) && fits(q, 4)),
            new Pattern(
                    "another value by local.tee",
                    (f, tag) -> {
                        read(f, 0, 8);
                        f.get(1).tee(0).mem(Op.I32_LOAD, 4).op(Op.DROP);
                        read(f, 0, 0);
                        read(f, 0, 8);
                    },
                    (p, q, c) -> fits(p, 12) && fits(q, 12)),
            new Pattern(
                    "the operand is from before the local changed",
                    (f, tag) -> {
                        read(f, 0, 8);
                        f.get(1).get(0).set(1);
                        f.mem(Op.I32_LOAD, 0).op(Op.DROP);
                        f.get(1)
                                .get(1)
                                .i32(1)
                                .op(Op.I32_ADD)
                                .tee(1)
                                .op(Op.DROP)
                                .mem(Op.I32_LOAD, 8)
                                .op(Op.DROP);
                        read(f, 1, 8);
                    },
                    (p, q, c) -> fits(p, 13) && fits(q, 4)),
            new Pattern(
                    "one arm of an if",
                    (f, tag) -> {
                        f.get(2).when("");
                        read(f, 0, 64);
                        f.end();
                        read(f, 0, 32);
                    },
                    (p, q, c) -> fits(p, c != 0 ? 68 : 36)),
            new Pattern(
                    "the other arm of an if",
                    (f, tag) -> {
                        f.get(2).when("");
                        read(f, 0, 64);
                        f.otherwise();
                        read(f, 0, 32);
                        f.end();
                    },
                    (p, q, c) -> fits(p, c != 0 ? 68 : 36)),
            new Pattern(
                    "both arms of an if",
                    (f, tag) -> {
                        read(f, 0, 4);
                        f.get(2).when("");
                        read(f, 0, 64);
                        f.otherwise();
                        f.get(1).set(0);
                        read(f, 0, 16);
                        f.end();
                        read(f, 0, 32);
                    },
                    (p, q, c) -> fits(p, 8) && fits(c != 0 ? p : q, c != 0 ? 68 : 36)),
            new Pattern(
                    "a branch over an access",
                    (f, tag) -> {
                        f.block("").get(2).brIf(0);
                        read(f, 0, 64);
                        f.end();
                        read(f, 0, 32);
                    },
                    (p, q, c) -> fits(p, c == 0 ? 68 : 36)),
            new Pattern(
                    "a change in a block and an access behind it",
                    (f, tag) -> {
                        read(f, 0, 64);
                        f.block("").get(2).brIf(0).get(1).set(0);
                        read(f, 0, 0);
                        read(f, 0, 16);
                        f.end();
                        read(f, 0, 32);
                    },
                    (p, q, c) -> fits(p, 68) && (c != 0 || fits(q, 36))),
            new Pattern(
                    "a table of branches",
                    (f, tag) -> {
                        f.block("").block("").block("").get(2).brTable(0, 1, 2);
                        f.end();
                        read(f, 0, 100);
                        f.end();
                        read(f, 0, 50);
                        f.end();
                        read(f, 0, 10);
                    },
                    (p, q, c) -> fits(p, c == 0 ? 104 : c == 1 ? 54 : 14)),
            new Pattern(
                    "a loop that moves the address",
                    (f, tag) -> {
                        read(f, 0, 8);
                        f.loop("");
                        read(f, 0, 4);
                        f.get(0).i32(4_096).op(Op.I32_ADD).set(0);
                        f.get(2)
                                .i32(1)
                                .op(Op.I32_SUB)
                                .tee(2)
                                .i32(0)
                                .op(Op.I32_GT_S)
                                .brIf(0);
                        f.end();
                        read(f, 0, 0);
                    },
                    (p, q, c) -> fits(p, 12) && fits(p + 4_096L * Math.max(c, 1), 4)),
            new Pattern(
                    "a loop within a loop",
                    (f, tag) -> {
                        f.loop("");
                        read(f, 0, 16);
                        f.loop("");
                        read(f, 1, 16);
                        f.get(0).i32(512).op(Op.I32_ADD).set(0);
                        f.get(2)
                                .i32(1)
                                .op(Op.I32_SUB)
                                .tee(2)
                                .i32(1)
                                .op(Op.I32_AND)
                                .brIf(0);
                        f.end();
                        f.get(1).i32(1_024).op(Op.I32_ADD).set(1);
                        f.get(2).i32(0).op(Op.I32_GT_S).brIf(0);
                        f.end();
                        read(f, 0, 0);
                        read(f, 1, 0);
                    },
                    MemoryReachTest::loopWithinALoopEnds),
            new Pattern(
                    "an exception on the way",
                    (f, tag) -> {
                        f.block("").tryTable("", Catch.tag(tag, 0));
                        f.get(2).when("").throwing(tag).end();
                        read(f, 0, 64);
                        f.end().end();
                        read(f, 0, 32);
                    },
                    (p, q, c) -> fits(p, c == 0 ? 68 : 36)),
            new Pattern(
                    "a memory that grows",
                    (f, tag) -> {
                        f.get(2).op(Op.MEMORY_GROW, 0).op(Op.DROP);
                        read(f, 0, 8);
                        read(f, 0, 4);
                        f.i32(1).op(Op.MEMORY_GROW, 0).op(Op.DROP);
                        read(f, 0, PAGE);
                    },
                    (p, q, c) -> p + 12 <= (1L + c) * PAGE && p + PAGE + 4 <= (2L + c) * PAGE));

    private static boolean loopWithinALoopEnds(long p, long q, int c) {
        do {
            if (!fits(p, 20)) {
                return false;
            }
            do {
                if (!fits(q, 20)) {
                    return false;
                }
                p += 512;
                c--;
            } while ((c & 1) != 0);
            q += 1_024;
        } while (c > 0);
        return fits(p, 4) && fits(q, 4);
    }

    @TestFactory
    Stream<DynamicTest> accessesOneAfterAnother() {
        return Stream.of(MemoryVariant.values())
                .flatMap(variant -> PATTERNS.stream()
                        .map(pattern ->
                                DynamicTest.dynamicTest(variant + ", " + pattern, () -> check(variant, pattern))));
    }

    private static void check(MemoryVariant variant, Pattern pattern) {
        int[] addresses = IntStream.concat(
                        IntStream.of(0, PAGE / 2, PAGE, -4, Integer.MIN_VALUE, Integer.MAX_VALUE - 3),
                        IntStream.range(0, 110).map(i -> PAGE - 4 * i))
                .toArray();
        var builder = new ModuleBuilder();
        builder.memory(ModuleBuilder.from(1));
        int tag = builder.tag("");
        pattern.body().accept(builder.func("i32 i32 i32 ->").export("f"), tag);
        Module module = Guest.compile(variant.kind(), builder);
        for (int p : addresses) {
            for (int q : new int[] {0, PAGE - 34, PAGE - 18, PAGE - 3, -1}) {
                for (int c = 0; c < 4; c++) {
                    boolean ends;
                    try (Guest guest =
                            Guest.start(module, module.engine(), variant.limits(Limits.DEFAULT), new Linker())) {
                        ends = isInside(guest, "f", p, q, c);
                    }
                    assertThat(ends)
                            .as("p = %d, q = %d, c = %d", p, q, c)
                            .isEqualTo(pattern.outcome().ends(Integer.toUnsignedLong(p), Integer.toUnsignedLong(q), c));
                }
            }
        }
    }

    @Test
    void aMemoryBeyondTwoGigabytesIsReachedToItsEnd() {
        var module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        module.func("i32 -> i32").export("grow").get(0).op(Op.MEMORY_GROW, 0);
        module.func("i32 i64 ->").export("put").get(0).get(1).mem(Op.I64_STORE, 8);
        module.func("i32 -> i64").export("get").get(0).mem(Op.I64_LOAD, 8);
        try (Guest guest = start(MemoryVariant.OFF_HEAP_FAR, module)) {
            assertThat(guest.call("grow", 65_535)).isEqualTo(1);
            for (int address : new int[] {Integer.MAX_VALUE - 11, Integer.MIN_VALUE, 0xC000_0000, -16}) {
                guest.run("put", address, 0x1234_5678_9ABC_DEF0L + address);
                assertThat(guest.instance().call("get", address)).containsExactly(0x1234_5678_9ABC_DEF0L + address);
            }
            assertThat(isInside(guest, "get", -15)).isFalse();
            assertThat(isInside(guest, "put", -8, 1L)).isFalse();
        }
    }

    @Test
    void aMemoryOfAStoreWithLessStaysBelowTwoGigabytes() {
        var module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        module.func("i32 -> i32").export("grow").get(0).op(Op.MEMORY_GROW, 0);
        module.func("i32 -> i32").export("get").get(0).mem(Op.I32_LOAD8_U, 0);
        Limits limits = Limits.DEFAULT.withMaxMemoryBytes((1L << 31) - 1);
        try (Guest guest = Guest.start(MemoryKind.OFF_HEAP, module, limits)) {
            assertThat(guest.call("grow", 32_767)).isEqualTo(-1);
            assertThat(guest.call("grow", 32_766)).isEqualTo(1);
            assertThat(isInside(guest, "get", Integer.MAX_VALUE - PAGE)).isTrue();
            assertThat(isInside(guest, "get", Integer.MAX_VALUE - PAGE + 1)).isFalse();
            assertThat(isInside(guest, "get", -1)).isFalse();
        }
    }
}
