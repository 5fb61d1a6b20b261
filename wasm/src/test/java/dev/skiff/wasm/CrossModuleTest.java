package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.wasm.internal.binary.Op;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Modules that share functions, tables, memories, globals and tags. */
class CrossModuleTest {
    @ParameterizedTest
    @EnumSource
    void anIndirectCallRunsAFunctionOfAnotherModuleOnThatModulesState(MemoryKind kind) {
        ModuleBuilder owner = new ModuleBuilder();
        int table = owner.table("funcref", ModuleBuilder.from(4));
        owner.exportTable("table", table).exportMemory("memory", owner.memory(ModuleBuilder.from(1)));
        owner.data(0, 0, (byte) 11);
        owner.elements(table, 0, loader(owner));
        ModuleBuilder user = new ModuleBuilder();
        user.importTable("owner", "table", "funcref", ModuleBuilder.from(4));
        user.memory(ModuleBuilder.from(1));
        user.data(0, 0, (byte) 22);
        user.elements(0, 1, loader(user));
        user.func("i32 -> i32").export("call").get(0).callIndirect("-> i32", 0);
        user.func("i32 -> f32").export("call wrongly").get(0).callIndirect("-> f32", 0);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Instance first = new Linker().instantiate(store, Guest.compile(kind, owner));
            Instance second = new Linker().instance("owner", first).instantiate(store, Guest.compile(kind, user));

            assertThat(second.call("call", 0)).containsExactly(11);
            assertThat(second.call("call", 1)).containsExactly(22);
            assertTraps(TrapCode.UNINITIALIZED_ELEMENT, () -> second.call("call", 2));
            assertTraps(TrapCode.UNDEFINED_ELEMENT, () -> second.call("call", 4));
            assertTraps(TrapCode.INDIRECT_CALL_TYPE_MISMATCH, () -> second.call("call wrongly", 0));
            assertTraps(TrapCode.INDIRECT_CALL_TYPE_MISMATCH, () -> second.call("call wrongly", 1));
            first.memory().putByte(0, 33);
            assertThat(second.call("call", 0)).containsExactly(33);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anIndirectCallSitePicksTheRightInstanceAmongManyOfOneModule(MemoryKind kind) {
        int instances = 40;
        ModuleBuilder counter = new ModuleBuilder();
        int global = counter.global("i32", true, code -> code.i32(0));
        counter.func("-> i32")
                .export("next")
                .globalGet(global)
                .i32(1)
                .op(Op.I32_ADD)
                .globalSet(global)
                .globalGet(global);
        ModuleBuilder caller = new ModuleBuilder();
        caller.importTable("host", "table", "funcref", ModuleBuilder.from(instances));
        caller.func("i32 -> i32").export("call").get(0).callIndirect("-> i32", 0);
        Module module = Guest.compile(kind, counter);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Table table = Table.create(store, new TableType(RefType.FUNCREF, ModuleBuilder.from(instances)), null);
            for (int i = 0; i < instances; i++) {
                table.set(
                        i, new Linker().instantiate(store, module).func("next").orElseThrow());
            }
            Instance user = new Linker().define("host", "table", table).instantiate(store, Guest.compile(kind, caller));
            for (int round = 1; round <= 20; round++) {
                for (int i = 0; i < instances; i++) {
                    for (int again = i; again >= 0; again -= 13) {
                        user.call("call", again);
                    }
                }
            }
            int[] expected = new int[instances];
            for (int i = 0; i < instances; i++) {
                for (int again = i; again >= 0; again -= 13) {
                    expected[again] += 20;
                }
            }
            for (int i = 0; i < instances; i++) {
                assertThat(user.call("call", i)).containsExactly(expected[i] + 1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void equalTypesOfDifferentModulesMatch(MemoryKind kind) {
        ModuleBuilder callee = new ModuleBuilder();
        callee.type("f64 -> f64");
        callee.func("i64 f32 -> f32 i64").export("swap").get(1).get(0);
        ModuleBuilder caller = new ModuleBuilder();
        int swap = caller.importFunc("callee", "swap", "i64 f32 -> f32 i64");
        caller.func("i64 f32 -> f32 i64").export("swap").get(0).get(1).call(swap);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Instance first = new Linker().instantiate(store, Guest.compile(kind, callee));
            Instance second = new Linker().instance("callee", first).instantiate(store, Guest.compile(kind, caller));
            assertThat(second.call("swap", 1L, 2f)).containsExactly(2f, 1L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSharedMemoryAndAGlobalAreSeenByAll(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int memory = module.importMemory("host", "memory", ModuleBuilder.from(1));
        int own = module.memory(ModuleBuilder.from(1));
        int global = module.importGlobal("host", "global", "i64", true);
        module.func("i32 -> i32").export("shared").get(0).mem(Op.I32_LOAD, memory, 0);
        module.func("i32 -> i32").export("own").get(0).mem(Op.I32_LOAD, own, 0);
        module.func("i32 i32").export("store").get(0).get(1).mem(Op.I32_STORE, memory, 0);
        module.func("i32 -> i32").export("grow").get(0).op(Op.MEMORY_GROW, memory);
        module.func("-> i32").export("size").op(Op.MEMORY_SIZE, memory);
        module.func("i64 -> i64").export("exchange").globalGet(global).get(0).globalSet(global);
        Module compiled = Guest.compile(kind, module);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Memory shared = Memory.create(store, new MemoryType(ModuleBuilder.range(1, 10)));
            Global value = Global.create(store, new GlobalType(NumType.I64, true), 5L);
            Linker linker = new Linker().define("host", "memory", shared).define("host", "global", value);
            Instance a = linker.instantiate(store, compiled);
            Instance b = linker.instantiate(store, compiled);

            a.call("store", 100, 7);
            assertThat(b.call("shared", 100)).containsExactly(7);
            assertThat(b.call("own", 100)).containsExactly(0);
            assertThat(shared.getInt(100)).isEqualTo(7);
            assertThat(a.call("exchange", 6L)).containsExactly(5L);
            assertThat(b.call("exchange", 7L)).containsExactly(6L);
            assertThat(value.get()).isEqualTo(7L);

            assertThat(a.call("grow", 2)).containsExactly(1);
            b.call("store", 3 * MemoryType.PAGE_SIZE - 4, 9);
            assertThat(b.call("size")).containsExactly(3);
            assertThat(a.call("shared", 3 * MemoryType.PAGE_SIZE - 4)).containsExactly(9);
            assertThat(a.call("grow", 8)).containsExactly(-1);

            a.close();
            assertThat(b.call("shared", 100)).containsExactly(7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoriesOfOneModuleAreApart(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        for (int i = 0; i < 5; i++) {
            int memory = module.memory(ModuleBuilder.from(i + 1));
            module.exportMemory("m" + i, memory).data(memory, 16, (byte) i);
            module.func("i32 -> i32").export("load" + i).get(0).mem(Op.I32_LOAD8_U, memory, 0);
            module.func("i32 -> i32").export("grow" + i).get(0).op(Op.MEMORY_GROW, memory);
        }
        module.func("").export("copy").i32(100).i32(16).i32(1).op(Op.MEMORY_COPY, 4, 2);
        try (Guest guest = Guest.start(kind, module)) {
            for (int i = 0; i < 5; i++) {
                assertThat(guest.call("load" + i, 16)).isEqualTo(i);
                assertThat(guest.call("grow" + i, i)).isEqualTo(i + 1);
                assertThat(guest.instance().memory("m" + i).orElseThrow().pages())
                        .isEqualTo(2 * i + 1);
            }
            guest.run("copy");
            assertThat(guest.call("load4", 100)).isEqualTo(2);
            assertThat(guest.call("load2", 100)).isEqualTo(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExceptionCrossesModulesThatShareItsTag(MemoryKind kind) {
        ModuleBuilder thrower = new ModuleBuilder();
        int tag = thrower.tag("i32");
        thrower.exportTag("tag", tag).func("i32").export("throw").get(0).throwing(tag);
        ModuleBuilder catcher = new ModuleBuilder();
        int imported = catcher.importTag("thrower", "tag", "i32");
        int call = catcher.importFunc("thrower", "throw", "i32");
        catcher.func("i32 -> i32")
                .export("catch")
                .block("-> i32")
                .tryTable("", Catch.tag(imported, 0))
                .get(0)
                .call(call)
                .end()
                .i32(-1)
                .end();
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Module throwing = Guest.compile(kind, thrower);
            Instance first = new Linker().instantiate(store, throwing);
            Instance other = new Linker().instantiate(store, throwing);
            Module catching = Guest.compile(kind, catcher);
            Instance second = new Linker().instance("thrower", first).instantiate(store, catching);
            assertThat(second.call("catch", 44)).containsExactly(44);

            Instance mixed = new Linker()
                    .define("thrower", "tag", other.export("tag").orElseThrow())
                    .define("thrower", "throw", first.export("throw").orElseThrow())
                    .instantiate(store, catching);
            assertThatExceptionOfType(WasmException.class).isThrownBy(() -> mixed.call("catch", 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailedInstantiationLeavesWhatItWroteToSharedTables(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int table = module.importTable("host", "table", "funcref", ModuleBuilder.from(2));
        FuncBuilder five = module.func("-> i32");
        five.i32(5);
        module.elements(table, 0, five).elements(table, 2, five);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Table shared = Table.create(store, new TableType(RefType.FUNCREF, ModuleBuilder.from(2)), null);
            Linker linker = new Linker().define("host", "table", shared);
            assertTraps(TrapCode.TABLE_OUT_OF_BOUNDS, () -> linker.instantiate(store, Guest.compile(kind, module)));
            assertThat(((Func) shared.get(0)).call()).containsExactly(5);
        }
    }

    private static FuncBuilder loader(ModuleBuilder module) {
        FuncBuilder loader = module.func("-> i32");
        loader.i32(0).mem(Op.I32_LOAD8_U, 0);
        return loader;
    }

    private static void assertTraps(TrapCode code, Runnable action) {
        assertThatExceptionOfType(Trap.class)
                .isThrownBy(action::run)
                .extracting(Trap::code)
                .isEqualTo(code);
    }
}
