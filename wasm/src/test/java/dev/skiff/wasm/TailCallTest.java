package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.internal.binary.Op;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tail calls do not deepen the stack, however many there are. */
class TailCallTest {
    private static final int DEEP = 10_000_000;

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void mutualRecursionByTailCallsDoesNotOverflow(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder even = module.func("i32 -> i32").export("even");
        FuncBuilder odd = module.func("i32 -> i32");
        step(even, 1).returnCall(odd);
        step(odd, 0).returnCall(even);
        assertParity(kind, module);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void mutualRecursionByIndirectTailCallsDoesNotOverflow(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int table = module.table("funcref", ModuleBuilder.from(2));
        FuncBuilder even = module.func("i32 -> i32").export("even");
        FuncBuilder odd = module.func("i32 -> i32");
        module.elements(table, 0, even, odd);
        step(even, 1).i32(1).returnCallIndirect("i32 -> i32", table);
        step(odd, 0).i32(0).returnCallIndirect("i32 -> i32", table);
        assertParity(kind, module);
    }

    @ParameterizedTest
    @EnumSource
    void functionsOfDifferentTypesMayFollowEachOther(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int table = module.table("funcref", ModuleBuilder.from(1));
        FuncBuilder first = module.func("i32 i64 f64 -> f64").export("first");
        FuncBuilder second = module.func("f64 f32 i32 -> f64");
        FuncBuilder third = module.func("i64 i32 -> f64");
        module.elements(table, 0, third);
        first.get(0).op(Op.I32_EQZ).when("").get(2).ret().end();
        first.get(2)
                .get(1)
                .op(Op.F32_CONVERT_I64_S)
                .get(0)
                .i32(1)
                .op(Op.I32_SUB)
                .returnCall(second);
        int kept = second.local("i64");
        second.get(0).op(Op.I64_TRUNC_F64_S).set(kept);
        second.get(kept).i64(1).op(Op.I64_ADD).get(2).i32(0).returnCallIndirect("i64 i32 -> f64", table);
        third.get(1).i64(3).get(0).op(Op.F64_CONVERT_I64_S).returnCall(first);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("first", 1_000_000, 5L, 0.0)).isEqualTo(1_000_000.0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void severalResultsComeThroughTailCalls(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder down = module.func("i32 -> i32 i64 f32 externref").export("down");
        FuncBuilder end = module.func("i32 -> i32 i64 f32 externref");
        down.get(0).when("").get(0).i32(1).op(Op.I32_SUB).returnCall(down).end();
        down.i32(5).returnCall(end);
        end.get(0).i64(6).f32(7).refNull(HeapType.EXTERN);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.instance().call("down", 100_000)).containsExactly(5, 6L, 7f, null);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tailCallsToImportsOfAnotherModuleAndOfTheHostWork(MemoryKind kind) {
        ModuleBuilder callee = new ModuleBuilder();
        callee.func("i32 -> i32").export("double").get(0).i32(2).op(Op.I32_MUL);
        ModuleBuilder caller = new ModuleBuilder();
        int twice = caller.importFunc("callee", "double", "i32 -> i32");
        int host = caller.importFunc("host", "negate", "i32 -> i32");
        caller.func("i32 -> i32").export("to module").get(0).returnCall(twice);
        caller.func("i32 -> i32").export("to host").get(0).returnCall(host);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Instance first = new Linker().instantiate(store, Guest.compile(kind, callee));
            Linker linker = new Linker()
                    .instance("callee", first)
                    .func("host", "negate", Signature.of("i32 -> i32"), (instance, args) ->
                            new Object[] {-(Integer) args[0]});
            Instance second = linker.instantiate(store, Guest.compile(kind, caller));
            assertThat(second.call("to module", 21)).containsExactly(42);
            assertThat(second.call("to host", 21)).containsExactly(-21);
        }
    }

    @ParameterizedTest
    @EnumSource
    void mutualTailCallsAcrossModulesDoNotOverflow(MemoryKind kind) {
        ModuleBuilder even = ping(1, 1);
        ModuleBuilder odd = ping(0, 0);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Table table = Table.create(store, new TableType(RefType.FUNCREF, ModuleBuilder.from(2)), null);
            Linker linker = new Linker().define("host", "table", table);
            Instance first = linker.instantiate(store, Guest.compile(kind, even));
            Instance second = linker.instantiate(store, Guest.compile(kind, odd));
            table.set(0, first.func("step").orElseThrow());
            table.set(1, second.func("step").orElseThrow());
            assertThat(first.call("step", 1_000_000)).containsExactly(1);
            assertThat(first.call("step", 1_000_001)).containsExactly(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTailCallLeavesTheHandlersOfItsFunction(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int tag = module.tag("");
        FuncBuilder thrower = module.func("-> i32");
        thrower.throwing(tag);
        FuncBuilder trying = module.func("-> i32");
        trying.block("")
                .tryTable("", Catch.all(0))
                .returnCall(thrower)
                .end()
                .end()
                .i32(1);
        module.func("-> i32")
                .export("run")
                .block("")
                .tryTable("", Catch.all(0))
                .call(trying)
                .ret()
                .end()
                .end()
                .i32(2);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run")).isEqualTo(2);
        }
    }

    private static Code step(FuncBuilder function, int atZero) {
        function.get(0).op(Op.I32_EQZ).when("").i32(atZero).ret().end();
        return function.get(0).i32(1).op(Op.I32_SUB);
    }

    private static ModuleBuilder ping(int atZero, int next) {
        ModuleBuilder module = new ModuleBuilder();
        int table = module.importTable("host", "table", "funcref", ModuleBuilder.from(2));
        step(module.func("i32 -> i32").export("step"), atZero).i32(next).returnCallIndirect("i32 -> i32", table);
        return module;
    }

    private static void assertParity(MemoryKind kind, ModuleBuilder module) {
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("even", DEEP)).isEqualTo(1);
            assertThat(guest.call("even", DEEP + 1)).isEqualTo(0);
        }
    }
}
