package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.wasm.internal.binary.Op;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CallDepthTest {
    private static final String[] RECURSIONS = {
        "direct", "mutual", "indirect", "with many locals", "through the host", "in try_table"
    };

    @ParameterizedTest
    @MethodSource("recursionsAndStacks")
    void aRecursionThatIsTooDeepIsATrapAndTheGuestStaysUsable(MemoryKind kind, String recursion, long stackBytes) {
        Limits limits = Limits.DEFAULT.withStackBytes(stackBytes);
        try (Guest guest = Guest.start(kind, module(), limits, host())) {
            guest.store().runOnGuestThread(() -> {
                assertOverflowsAgainAndAgain(guest, recursion, stackBytes > 1 << 20 ? 3 : 20);
                return null;
            });
        }
    }

    @ParameterizedTest
    @MethodSource("recursions")
    void aRecursionOnAVirtualThreadIsATrapToo(MemoryKind kind, String recursion) throws Exception {
        try (Guest guest = Guest.start(kind, module(), host());
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            virtual.submit(() -> assertOverflowsAgainAndAgain(guest, recursion, 20))
                    .get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    @ParameterizedTest
    @MethodSource("recursions")
    void aRecursionOnTheCallersThreadIsATrapToo(MemoryKind kind, String recursion) {
        try (Guest guest = Guest.start(kind, module(), host())) {
            assertOverflowsAgainAndAgain(guest, recursion, 20);
        }
    }

    @Test
    void aLargerStackAllowsADeeperRecursion() {
        assertThat(depthReached(64L << 20)).isGreaterThan(depthReached(1L << 20) * 8);
    }

    @ParameterizedTest
    @EnumSource
    void aThousandCallsAreNotTooDeepForTheDefaultStack(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, module(), host())) {
            Object sum = guest.store().runOnGuestThread(() -> guest.call("sum", 1_000));
            assertThat(sum).isEqualTo(500_500);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theGuestCannotCatchTheTrap(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder recursion = module.func("");
        recursion.call(recursion);
        module.func("-> i32")
                .export("catching")
                .block("")
                .tryTable("", Catch.all(0))
                .call(recursion)
                .end()
                .i32(1)
                .ret()
                .end()
                .i32(2);
        try (Guest guest = Guest.start(kind, module)) {
            assertOverflows(guest, "catching");
        }
    }

    static Stream<Arguments> recursions() {
        return Stream.of(MemoryKind.values())
                .flatMap(kind -> Stream.of(RECURSIONS).map(recursion -> Arguments.of(kind, recursion)));
    }

    static Stream<Arguments> recursionsAndStacks() {
        return Stream.of(MemoryKind.values())
                .flatMap(kind -> Stream.of(RECURSIONS)
                        .flatMap(recursion -> Stream.of(64L << 10, 1L << 20, 16L << 20)
                                .map(stack -> Arguments.of(kind, recursion, stack))));
    }

    private static void assertOverflowsAgainAndAgain(Guest guest, String recursion, int times) {
        for (int i = 1; i <= times; i++) {
            assertOverflows(guest, recursion);
            assertThat(guest.call("answer")).isEqualTo(42);
        }
    }

    private static void assertOverflows(Guest guest, String recursion) {
        assertThatExceptionOfType(Trap.class)
                .isThrownBy(() -> guest.run(recursion))
                .extracting(Trap::code)
                .isEqualTo(TrapCode.CALL_STACK_EXHAUSTED);
    }

    private static int depthReached(long stackBytes) {
        Limits limits = Limits.DEFAULT.withStackBytes(stackBytes);
        try (Guest guest = Guest.start(MemoryKind.HEAP, module(), limits, host())) {
            guest.store().runOnGuestThread(() -> {
                assertOverflows(guest, "direct");
                return null;
            });
            return (Integer) guest.instance().global("depth").orElseThrow().get();
        }
    }

    private static Linker host() {
        return new Linker()
                .func("host", "again", Signature.of("-> i32"), (caller, args) -> caller.call("through the host"));
    }

    private static ModuleBuilder module() {
        ModuleBuilder module = new ModuleBuilder();
        int again = module.importFunc("host", "again", "-> i32");
        int table = module.table("funcref", ModuleBuilder.from(1));
        int depth = module.global("i32", true, code -> code.i32(0));
        module.exportGlobal("depth", depth);
        module.memory(ModuleBuilder.from(1));
        module.data(0, 8, (byte) 42);
        module.func("-> i32").export("answer").i32(8).mem(Op.I32_LOAD, 0);

        FuncBuilder direct = module.func("-> i32").export("direct");
        direct.globalGet(depth).i32(1).op(Op.I32_ADD).globalSet(depth);
        direct.call(direct).i32(1).op(Op.I32_ADD);

        FuncBuilder ping = module.func("-> i32").export("mutual");
        FuncBuilder pong = module.func("-> i32");
        ping.call(pong).i32(1).op(Op.I32_ADD);
        pong.call(ping).i32(2).op(Op.I32_ADD);

        FuncBuilder indirect = module.func("-> i32").export("indirect");
        indirect.i32(0).callIndirect("-> i32", table).i32(1).op(Op.I32_ADD);
        module.elements(table, 0, indirect);

        FuncBuilder locals = module.func("-> i64").export("with many locals");
        int first = locals.local("i64");
        for (int i = 0; i < 300; i++) {
            locals.get(first + i).i64(i).op(Op.I64_ADD).set(locals.local("i64"));
        }
        locals.call(locals);
        for (int i = 0; i <= 300; i++) {
            locals.get(first + i).op(Op.I64_ADD);
        }

        module.func("-> i32").export("through the host").call(again).i32(1).op(Op.I32_ADD);

        FuncBuilder trying = module.func("").export("in try_table");
        trying.block("").tryTable("", Catch.all(0)).call(trying).end().end();

        FuncBuilder sum = module.func("i32 -> i32").export("sum");
        sum.get(0).when("-> i32");
        sum.get(0).i32(1).op(Op.I32_SUB).call(sum).get(0).op(Op.I32_ADD);
        sum.otherwise().i32(0).end();
        return module;
    }
}
