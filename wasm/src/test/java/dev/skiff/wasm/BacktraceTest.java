package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skiff.wasm.internal.binary.Op;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BacktraceTest {
    @ParameterizedTest
    @EnumSource
    void aTrapNamesTheGuestsFramesInnermostFirst(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder().named("sums");
        module.importFunc("host", "unused", "");
        FuncBuilder divide = module.func("i32 i32 -> i32").named("divide");
        divide.get(0).get(1);
        divide.mark("division").op(Op.I32_DIV_S);
        FuncBuilder unnamed = module.func("i32 i32 -> i32");
        unnamed.i32(5).op(Op.DROP).get(0).get(1);
        unnamed.mark("inner call").call(divide);
        FuncBuilder main = module.func("i32 i32 -> i32").export("main");
        main.get(0).get(1);
        main.mark("outer call").call(unnamed);

        Trap trap = trap(kind, module, "main", 1, 0);

        assertThat(trap.code()).isEqualTo(TrapCode.INTEGER_DIVIDE_BY_ZERO);
        assertThat(trap.backtrace())
                .containsExactly(
                        new WasmFrame(Optional.of("sums"), 1, Optional.of("divide"), module.offsetOf("division")),
                        new WasmFrame(Optional.of("sums"), 2, Optional.empty(), module.offsetOf("inner call")),
                        new WasmFrame(Optional.of("sums"), 3, Optional.of("main"), module.offsetOf("outer call")));
    }

    @ParameterizedTest
    @EnumSource
    void everyKindOfTrapKnowsItsOffset(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        int table = module.table("funcref", ModuleBuilder.from(2));
        FuncBuilder wrongType = module.func("i64");
        module.elements(table, 1, wrongType);
        List<String> names = List.of(
                "unreachable", "load", "store", "fill", "trunc", "overflow", "table.get", "undefined", "null", "type");
        for (String name : names) {
            FuncBuilder function = module.func("").export(name);
            function.op(Op.NOP).i32(1).op(Op.DROP);
            switch (name) {
                case "unreachable" -> function.mark(name).op(Op.UNREACHABLE);
                case "load" -> {
                    function.i32(-1);
                    function.mark(name).mem(Op.I64_LOAD, 0).op(Op.DROP);
                }
                case "store" -> {
                    function.i32(65_535).i32(1);
                    function.mark(name).mem(Op.I32_STORE16, 1).op(Op.NOP);
                }
                case "fill" -> {
                    function.i32(65_535).i32(1).i32(2);
                    function.mark(name).op(Op.MEMORY_FILL, 0);
                }
                case "trunc" -> {
                    function.f32(Float.NaN);
                    function.mark(name).op(Op.I32_TRUNC_F32_S).op(Op.DROP);
                }
                case "overflow" -> {
                    function.i32(Integer.MIN_VALUE).i32(-1);
                    function.mark(name).op(Op.I32_DIV_S).op(Op.DROP);
                }
                case "table.get" -> {
                    function.i32(2);
                    function.mark(name).op(Op.TABLE_GET, table).op(Op.DROP);
                }
                default -> {
                    function.i32(List.of("null", "type", "undefined").indexOf(name));
                    function.mark(name).callIndirect("", table);
                }
            }
        }
        for (String name : names) {
            Trap trap = trap(kind, module, name);
            assertThat(trap.backtrace()).as(name).hasSize(1);
            assertThat(trap.backtrace().getFirst().functionName()).hasValue(name);
            assertThat(trap.backtrace().getFirst().offset()).as(name).isEqualTo(module.offsetOf(name));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBacktraceShowsTheFirst64Frames(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder recursion = module.func("i32").named("down").export("down");
        recursion.get(0).op(Op.I32_EQZ).when("");
        recursion.mark("bottom").op(Op.UNREACHABLE).end();
        recursion.get(0).i32(1).op(Op.I32_SUB);
        recursion.mark("call").call(recursion);

        Trap trap = trap(kind, module, "down", 200);

        assertThat(trap.backtrace()).hasSize(64);
        assertThat(trap.backtrace().getFirst().offset()).isEqualTo(module.offsetOf("bottom"));
        assertThat(trap.backtrace().subList(1, 64))
                .allSatisfy(frame -> assertThat(frame.offset()).isEqualTo(module.offsetOf("call")));
    }

    @ParameterizedTest
    @EnumSource
    void framesOfSeveralModulesAndTheHostBetweenThemAreInOrder(MemoryKind kind) {
        ModuleBuilder inner = new ModuleBuilder().named("inner");
        inner.func("").named("boom").export("boom").op(Op.UNREACHABLE);
        ModuleBuilder outer = new ModuleBuilder().named("outer");
        int host = outer.importFunc("host", "between", "");
        outer.func("").named("start").export("start").call(host);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Instance callee = new Linker().instantiate(store, Guest.compile(kind, inner));
            Linker linker =
                    new Linker().func("host", "between", Signature.of(""), (caller, args) -> callee.call("boom"));
            Instance caller = linker.instantiate(store, Guest.compile(kind, outer));

            Trap trap = catchThrowableOfType(Trap.class, () -> caller.call("start"));

            assertThat(trap.backtrace())
                    .extracting(WasmFrame::toString)
                    .satisfiesExactly(
                            first -> assertThat(first).startsWith("inner!boom (func 0) at 0x"),
                            second -> assertThat(second).startsWith("outer!start (func 1) at 0x"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExhaustedStackHasABacktraceToo(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder recursion = module.func("").named("for ever").export("run");
        recursion.call(recursion);
        Trap trap = trap(kind, module, "run");
        assertThat(trap.code()).isEqualTo(TrapCode.CALL_STACK_EXHAUSTED);
        assertThat(trap.backtrace())
                .isNotEmpty()
                .allSatisfy(frame -> assertThat(frame.functionName()).hasValue("for ever"));
    }

    private static Trap trap(MemoryKind kind, ModuleBuilder module, String export, Object... args) {
        Linker linker = new Linker().func("host", "unused", Signature.of(""), (caller, results) -> new Object[0]);
        try (Guest guest = Guest.start(kind, module, linker)) {
            Trap trap = catchThrowableOfType(Trap.class, () -> guest.run(export, args));
            assertThat(trap).as("trap of %s", export).isNotNull();
            return trap;
        }
    }
}
