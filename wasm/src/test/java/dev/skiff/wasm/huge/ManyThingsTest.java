package dev.skiff.wasm.huge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Code;
import dev.skiff.wasm.FuncBuilder;
import dev.skiff.wasm.Guest;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.ModuleBuilder;
import dev.skiff.wasm.Signature;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.internal.binary.Op;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Modules with more of something than one Java class can have, and names that Java does not allow. */
class ManyThingsTest {
    @ParameterizedTest
    @EnumSource
    void seventyThousandFunctionsCallEachOther(MemoryKind kind) {
        int functions = 70_000;
        ModuleBuilder module = new ModuleBuilder();
        List<FuncBuilder> all = new ArrayList<>();
        for (int i = 0; i < functions; i++) {
            FuncBuilder function = module.func("i32 -> i32");
            function.get(0).i32(i % 10).op(Op.I32_ADD);
            if (i >= 1_000) {
                function.call(all.get(i - 1_000));
            }
            all.add(function);
        }
        all.getLast().export("last");
        all.get(35_000).export("middle");
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("last", 0)).isEqualTo(9 * 70);
            assertThat(guest.call("middle", 5)).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThousandParametersAndAThousandResults(MemoryKind kind) {
        String types = "i32 i64 f32 f64 ".repeat(250);
        ModuleBuilder module = new ModuleBuilder();
        int table = module.table("funcref", ModuleBuilder.from(1));
        FuncBuilder echo = module.func(types + "->" + types).export("echo");
        for (int i = 0; i < 1_000; i++) {
            echo.get(i);
        }
        module.elements(table, 0, echo);
        FuncBuilder direct = module.func("-> f64").export("direct");
        FuncBuilder indirect = module.func("-> f64").export("indirect");
        FuncBuilder tail = module.func(types + "->" + types).export("tail");
        for (int i = 0; i < 1_000; i++) {
            tail.get(i);
        }
        tail.returnCall(echo);
        for (FuncBuilder code : List.of(direct, indirect)) {
            for (int i = 0; i < 250; i++) {
                code.i32(i).i64(i).f32(i).f64(i);
            }
            if (code == direct) {
                code.call(echo);
            } else {
                code.i32(0).callIndirect(types + "->" + types, table);
            }
            int sum = code.local("f64");
            for (int i = 0; i < 250; i++) {
                code.get(sum).op(Op.F64_ADD).set(sum);
                code.op(Op.F64_PROMOTE_F32).get(sum).op(Op.F64_ADD).set(sum);
                code.op(Op.F64_CONVERT_I64_S).get(sum).op(Op.F64_ADD).set(sum);
                code.op(Op.F64_CONVERT_I32_S).get(sum).op(Op.F64_ADD).set(sum);
            }
            code.get(sum);
        }
        Object[] values = new Object[1_000];
        for (int i = 0; i < 250; i++) {
            values[4 * i] = i;
            values[4 * i + 1] = -(long) i;
            values[4 * i + 2] = i / 2f;
            values[4 * i + 3] = i / 4.0;
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.instance().call("echo", values)).containsExactly(values);
            assertThat(guest.instance().call("tail", values)).containsExactly(values);
            assertThat(guest.call("direct")).isEqualTo(4.0 * 249 * 250 / 2);
            assertThat(guest.call("indirect")).isEqualTo(4.0 * 249 * 250 / 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyNumberOfParametersAroundTheLimitsOfJava(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int host = module.importFunc("host", "one", "-> i64");
        int[] counts = {120, 124, 125, 126, 127, 128, 129, 250, 251, 252, 253, 254, 255, 256, 257, 300, 511, 513};
        for (int count : counts) {
            FuncBuilder sum = module.func("i64 ".repeat(count) + "-> i64").export("sum" + count);
            sum.call(host);
            for (int i = 0; i < count; i++) {
                sum.get(i).op(Op.I64_ADD).i64(3).op(Op.I64_MUL);
            }
            Code caller = module.func("-> i64").export("call" + count);
            for (int i = 0; i < count; i++) {
                caller.i64(i);
            }
            caller.call(sum);
        }
        Linker linker = new Linker().func("host", "one", Signature.of("-> i64"), (caller, args) -> new Object[] {1L});
        try (Guest guest = Guest.start(kind, module, linker)) {
            for (int count : counts) {
                long expected = 1;
                Object[] args = new Object[count];
                for (int i = 0; i < count; i++) {
                    args[i] = (long) i;
                    expected = (expected + i) * 3;
                }
                assertThat(guest.call("call" + count))
                        .as("%d parameters", count)
                        .isEqualTo(expected);
                assertThat(guest.call("sum" + count, args)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void thousandsOfGlobalsTablesSegmentsAndTypes(MemoryKind kind) {
        int count = 3_000;
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        FuncBuilder code = module.func("-> i64").export("run");
        int sum = code.local("i64");
        long expected = 0;
        for (int i = 0; i < count; i++) {
            int value = i;
            int global = module.global("i64", true, init -> init.i64(value));
            module.data(0, i * 4, (byte) i, (byte) (i >> 8));
            code.globalGet(global).i64(1).op(Op.I64_ADD).globalSet(global).globalGet(global);
            code.i32(0)
                    .mem(Op.I64_LOAD32_U, i * 4)
                    .op(Op.I64_ADD)
                    .get(sum)
                    .op(Op.I64_ADD)
                    .set(sum);
            expected += 2L * i + 1;
        }
        code.get(sum);
        for (int i = 0; i < 200; i++) {
            module.table("funcref", ModuleBuilder.from(i + 1));
        }
        StringBuilder params = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            params.append(i % 3 == 0 ? "i32 " : "f64 ");
            module.type(params + "->");
        }
        Code sizes = module.func("-> i32").export("tables").i32(0);
        for (int i = 0; i < 200; i++) {
            sizes.op(Op.TABLE_SIZE, i).op(Op.I32_ADD);
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run")).isEqualTo(expected);
            assertThat(guest.call("run")).isEqualTo(expected + count);
            assertThat(guest.call("tables")).isEqualTo(200 * 201 / 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void fiftyMemoriesOfOneInstance(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("-> i32").export("run");
        int sum = code.local("i32");
        for (int i = 0; i < 50; i++) {
            int memory = module.memory(ModuleBuilder.range(1, 3));
            module.data(memory, 7, (byte) i);
            code.i32(4).mem(Op.I32_LOAD8_U, memory, 3).get(sum).op(Op.I32_ADD).set(sum);
            code.i32(1).op(Op.MEMORY_GROW, memory).op(Op.DROP).i32(i).i32(i).mem(Op.I32_STORE, memory, 70_000);
        }
        for (int i = 0; i < 50; i++) {
            code.i32(i).mem(Op.I32_LOAD, i, 70_000).get(sum).op(Op.I32_ADD).set(sum);
        }
        code.get(sum);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run")).isEqualTo(49 * 50);
            guest.instance().reset();
            assertThat(guest.call("run")).isEqualTo(49 * 50);
        }
    }

    @ParameterizedTest
    @EnumSource
    void namesThatJavaDoesNotAllow(MemoryKind kind) {
        List<String> names = new ArrayList<>(List.of(
                "",
                "a.b;c[d/e",
                "<init>",
                "<clinit>",
                "main",
                "toString",
                "hashCode",
                "a\0b",
                "\ud83d\ude80",
                "int",
                "f0",
                "run\nrun",
                "x".repeat(70_000)));
        ModuleBuilder module = new ModuleBuilder().named("a/b.c;[<init>");
        for (int i = 0; i < names.size(); i++) {
            FuncBuilder function =
                    module.func("i32 -> i32").export(names.get(i)).named(names.get(i));
            function.get(0).when("").op(Op.UNREACHABLE).end().i32(i);
        }
        try (Guest guest = Guest.start(kind, module)) {
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                assertThat(guest.call(name, 0)).isEqualTo(i);
                Trap trap = Assertions.catchThrowableOfType(Trap.class, () -> guest.run(name, 1));
                assertThat(trap.backtrace().getFirst().functionName()).hasValue(name);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHundredInstancesOfAHundredModulesInOneStore(MemoryKind kind) {
        List<Module> modules = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ModuleBuilder module = new ModuleBuilder();
            int previous = i == 0 ? -1 : module.importFunc("previous", "run", "i32 -> i32");
            Code code = module.func("i32 -> i32").export("run").get(0).i32(i).op(Op.I32_ADD);
            if (i > 0) {
                code.call(previous);
            }
            modules.add(Guest.engine(kind).compile(module.build()));
        }
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Instance previous = new Linker().instantiate(store, modules.getFirst());
            for (int i = 1; i < 100; i++) {
                previous = new Linker().instance("previous", previous).instantiate(store, modules.get(i));
            }
            assertThat(previous.call("run", 1)).containsExactly(1 + 99 * 100 / 2);
        }
    }
}
