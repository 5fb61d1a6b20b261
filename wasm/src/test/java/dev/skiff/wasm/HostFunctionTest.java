package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.internal.binary.Op;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HostFunctionTest {
    private static final String ALL_TYPES = "i32 i64 f32 f64 funcref externref";

    @ParameterizedTest
    @EnumSource
    void aMethodHandleTakesAndReturnsPrimitives(MemoryKind kind) throws Exception {
        ModuleBuilder module = new ModuleBuilder();
        int mix = module.importFunc("host", "mix", "i32 i64 f32 f64 -> f64");
        module.func("i32 i64 f32 f64 -> f64")
                .export("mix")
                .get(0)
                .get(1)
                .get(2)
                .get(3)
                .call(mix);
        MethodHandle target = find("mix", double.class, int.class, long.class, float.class, double.class);
        Linker linker = new Linker().func("host", "mix", Signature.of("i32 i64 f32 f64 -> f64"), target);
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("mix", 1, 1L << 40, 0.5f, 0.25)).isEqualTo(1 + (double) (1L << 40) + 0.75);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMethodHandleMayTakeItsCallerFirst(MemoryKind kind) throws Exception {
        ModuleBuilder module = new ModuleBuilder();
        int read = module.importFunc("host", "read", "i32 -> i32");
        module.exportMemory("memory", module.memory(ModuleBuilder.from(1)));
        module.data(0, 40, (byte) 9);
        module.func("-> i32").export("read").i32(40).call(read);
        MethodHandle target = find("readByte", int.class, Instance.class, int.class);
        Linker linker = new Linker().func("host", "read", Signature.of("i32 -> i32"), target);
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("read")).isEqualTo(9);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMethodHandleMayTakeItsCallerLast(MemoryKind kind) throws Exception {
        ModuleBuilder module = new ModuleBuilder();
        int read = module.importFunc("host", "read", "i32 -> i32");
        module.exportMemory("memory", module.memory(ModuleBuilder.from(1)));
        module.data(0, 40, (byte) 9);
        module.func("-> i32").export("read").i32(40).call(read);
        MethodHandle target = find("readByteOfCaller", int.class, int.class, Caller.class);
        Linker linker = new Linker().func("host", "read", Signature.of("i32 -> i32"), target);
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("read")).isEqualTo(9);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachInstanceIsTheCallerOfItsOwnCalls(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        module.func("").export("call").call(module.importFunc("host", "who", ""));
        List<Instance> callers = new ArrayList<>();
        Linker linker = new Linker().func("host", "who", Signature.of(""), (caller, args) -> {
            callers.add(caller);
            return new Object[0];
        });
        InstanceTemplate template = linker.prepare(Guest.compile(kind, module));
        try (Store first = new Store(Guest.engine(kind), Limits.DEFAULT);
                Store second = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Instance a = template.instantiate(first);
            Instance b = template.instantiate(first);
            Instance c = template.instantiate(second);
            for (Instance instance : List.of(c, a, b)) {
                instance.call("call");
            }
            assertThat(callers).containsExactly(c, a, b);
            assertThat(callers).extracting(Instance::store).containsExactly(second, first, first);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theBoxedFormSeesEveryType(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int echo = module.importFunc("host", "echo", ALL_TYPES + " -> " + ALL_TYPES);
        FuncBuilder guestEcho = module.func(ALL_TYPES + " -> " + ALL_TYPES).export("echo");
        for (int i = 0; i < 6; i++) {
            guestEcho.get(i);
        }
        guestEcho.call(echo);
        List<Object> seen = new ArrayList<>();
        Linker linker = new Linker()
                .func("host", "echo", Signature.of(ALL_TYPES + " -> " + ALL_TYPES), (caller, args) -> {
                    seen.addAll(Arrays.asList(args));
                    return args.clone();
                });
        try (Guest guest = Guest.start(kind, module, linker)) {
            Func self = guest.instance().func("echo").orElseThrow();
            Object object = new Object();
            Object[] values = {7, Long.MIN_VALUE, -0.0f, Double.NaN, self, object};
            assertThat(guest.instance().call("echo", values)).containsExactly(values);
            assertThat(seen).containsExactly(values);
            assertThat(guest.instance().call("echo", 0, 0L, 0f, 0.0, null, null))
                    .containsExactly(0, 0L, 0f, 0.0, null, null);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMethodHandleReturnsSeveralResultsAsAnArray(MemoryKind kind) throws Exception {
        ModuleBuilder module = new ModuleBuilder();
        int divide = module.importFunc("host", "divide", "i64 i64 -> i64 i64");
        FuncBuilder function = module.func("i64 i64 -> i64").export("divide");
        int remainder = function.local("i64");
        function.get(0)
                .get(1)
                .call(divide)
                .set(remainder)
                .get(1)
                .op(Op.I64_MUL)
                .get(remainder)
                .op(Op.I64_ADD);
        MethodHandle target = find("divide", Object[].class, long.class, long.class);
        Linker linker = new Linker().func("host", "divide", Signature.of("i64 i64 -> i64 i64"), target);
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("divide", 1_000_003L, 7L)).isEqualTo(1_000_003L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAHostFunctionThrowsPassesThroughUnchanged(MemoryKind kind) {
        for (Throwable thrown : List.of(
                new IllegalStateException("mine"),
                new IOException("checked"),
                new AssertionError("an error"),
                new LinkException("of the engine's own"))) {
            ModuleBuilder module = new ModuleBuilder();
            int fail = module.importFunc("host", "fail", "");
            FuncBuilder inner = module.func("");
            inner.call(fail);
            module.func("")
                    .export("call")
                    .block("")
                    .tryTable("", Catch.all(0))
                    .call(inner)
                    .end()
                    .end();
            Linker linker = new Linker().func("host", "fail", Signature.of(""), (caller, args) -> {
                throw HostFunctionTest.<RuntimeException>sneaky(thrown);
            });
            try (Guest guest = Guest.start(kind, module, linker)) {
                assertThatThrownBy(() -> guest.run("call")).isSameAs(thrown);
                assertThatThrownBy(() -> guest.instance()
                                .func("call")
                                .orElseThrow()
                                .handle()
                                .invoke())
                        .isSameAs(thrown);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHostFunctionMayStopItsCallerWithATrap(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int stop = module.importFunc("host", "stop", "");
        module.func("").named("caller").export("call").call(stop);
        Linker linker = new Linker().func("host", "stop", Signature.of(""), (caller, args) -> {
            throw new Trap(TrapCode.OUT_OF_MEMORY, "the host has enough");
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThatExceptionOfType(Trap.class)
                    .isThrownBy(() -> guest.run("call"))
                    .withMessage("the host has enough")
                    .satisfies(trap -> {
                        assertThat(trap.code()).isEqualTo(TrapCode.OUT_OF_MEMORY);
                        assertThat(trap.backtrace())
                                .extracting(frame -> frame.functionName().orElse(""))
                                .containsExactly("caller");
                    });
        }
    }

    @ParameterizedTest
    @EnumSource
    void theHostMayCallTheGuestBackAndSoOn(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int back = module.importFunc("host", "back", "i32 -> i32");
        FuncBuilder down = module.func("i32 -> i32").export("down");
        int kept = down.local("i64");
        down.get(0).op(Op.I64_EXTEND_I32_S).set(kept);
        down.get(0).op(Op.I32_EQZ).when("-> i32").i32(0).otherwise();
        down.get(0)
                .i32(1)
                .op(Op.I32_SUB)
                .call(back)
                .get(kept)
                .op(Op.I32_WRAP_I64)
                .op(Op.I32_ADD)
                .end();
        Linker linker = new Linker()
                .func("host", "back", Signature.of("i32 -> i32"), (caller, args) -> caller.call("down", args));
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("down", 100)).isEqualTo(5_050);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theHostCatchesATrapOfTheGuestThatItCalledBack(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int careful = module.importFunc("host", "careful", "-> i32");
        module.func("").export("boom").op(Op.UNREACHABLE);
        module.func("-> i32").export("call").call(careful).i32(1).op(Op.I32_ADD);
        Linker linker = new Linker().func("host", "careful", Signature.of("-> i32"), (caller, args) -> {
            try {
                caller.call("boom");
                return new Object[] {0};
            } catch (Trap trap) {
                return new Object[] {trap.code().ordinal() + 10};
            }
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("call")).isEqualTo(TrapCode.UNREACHABLE.ordinal() + 11);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theHostSeesAndGrowsTheCallersMemory(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int grow = module.importFunc("host", "grow", "");
        module.exportMemory("memory", module.memory(ModuleBuilder.from(1)));
        FuncBuilder function = module.func("-> i32 i32").export("call");
        function.i32(8).i32(5).mem(Op.I32_STORE, 0).call(grow);
        function.i32(8).mem(Op.I32_LOAD, 0).i32(5 * MemoryType.PAGE_SIZE).mem(Op.I32_LOAD, 0);
        Linker linker = new Linker().func("host", "grow", Signature.of(""), (caller, args) -> {
            Memory memory = caller.memory();
            assertThat(memory.getInt(8)).isEqualTo(5);
            assertThat(memory.grow(9)).isEqualTo(1);
            memory.putInt(8, 6);
            memory.putInt(5L * MemoryType.PAGE_SIZE, 7);
            return new Object[0];
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.instance().call("call")).containsExactly(6, 7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHostFunctionCanBePutIntoATableAndCalledIndirectly(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int twice = module.importFunc("host", "twice", "i32 -> i32");
        module.export("twice", 0, twice);
        int table = module.table("funcref", ModuleBuilder.from(1));
        module.exportTable("table", table);
        module.func("i32 -> i32").export("call").get(0).i32(0).callIndirect("i32 -> i32", table);
        Linker linker = new Linker().func("host", "twice", Signature.of("i32 -> i32"), (caller, args) ->
                new Object[] {(Integer) args[0] * 2});
        try (Guest guest = Guest.start(kind, module, linker)) {
            Func exported = guest.instance().func("twice").orElseThrow();
            guest.instance().table("table").orElseThrow().set(0, exported);
            assertThat(guest.call("call", 21)).isEqualTo(42);
            assertThat(guest.call("twice", 4)).isEqualTo(8);
            assertThat(exported.type()).isEqualTo(Signature.of("i32 -> i32"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWrongNumberOrTypeOfResultsOfABoxedFunctionIsAnErrorOfTheHost(MemoryKind kind) {
        for (Object[] wrong : new Object[][] {{}, {1, 2}, {1L}, {"text"}, {null}, null}) {
            ModuleBuilder module = new ModuleBuilder();
            module.func("-> i32").export("call").call(module.importFunc("host", "wrong", "-> i32"));
            Linker linker = new Linker().func("host", "wrong", Signature.of("-> i32"), (caller, args) -> wrong);
            try (Guest guest = Guest.start(kind, module, linker)) {
                assertThatThrownBy(() -> guest.run("call"))
                        .isInstanceOf(RuntimeException.class)
                        .isNotInstanceOf(Trap.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFunctionOfTheGuestIsAMethodHandleForTheHost(MemoryKind kind) throws Throwable {
        ModuleBuilder module = new ModuleBuilder();
        module.func("i32 i64 f32 f64 -> f64")
                .export("sum")
                .get(0)
                .op(Op.F64_CONVERT_I32_S)
                .get(1)
                .op(Op.F64_CONVERT_I64_S)
                .op(Op.F64_ADD)
                .get(2)
                .op(Op.F64_PROMOTE_F32)
                .op(Op.F64_ADD)
                .get(3)
                .op(Op.F64_ADD);
        module.func("externref funcref -> funcref externref")
                .export("swap")
                .get(1)
                .get(0);
        module.func("").export("nothing");
        try (Guest guest = Guest.start(kind, module)) {
            MethodHandle sum = guest.instance().func("sum").orElseThrow().handle();
            assertThat(sum.type())
                    .isEqualTo(MethodType.methodType(double.class, int.class, long.class, float.class, double.class));
            assertThat((double) sum.invokeExact(1, 2L, 3f, 4.0)).isEqualTo(10.0);
            Func nothing = guest.instance().func("nothing").orElseThrow();
            MethodHandle swap = guest.instance().func("swap").orElseThrow().handle();
            assertThat((Object[]) swap.invokeExact((Object) "x", nothing)).containsExactly(nothing, "x");
            nothing.handle().invokeExact();
        }
    }

    @ParameterizedTest
    @EnumSource
    void argumentsThatDoNotMatchAreRefused(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        module.func("i32 funcref -> i32").export("take").get(0);
        try (Guest guest = Guest.start(kind, module)) {
            Func take = guest.instance().func("take").orElseThrow();
            assertThatIllegalArgumentException().isThrownBy(take::call);
            assertThatIllegalArgumentException().isThrownBy(() -> take.call(1));
            assertThatIllegalArgumentException().isThrownBy(() -> take.call(1, null, 2));
            assertThatIllegalArgumentException().isThrownBy(() -> take.call(1L, null));
            assertThatIllegalArgumentException().isThrownBy(() -> take.call(null, null));
            assertThatIllegalArgumentException().isThrownBy(() -> take.call(1, "no function"));
            assertThat(take.call(1, take)).containsExactly(1);
        }
    }

    @Test
    void aTargetThatDoesNotMatchItsTypeIsRefusedAtOnce() throws Exception {
        MethodHandle divide = find("divide", Object[].class, long.class, long.class);
        Linker linker = new Linker();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> linker.func("host", "f", Signature.of("i64 -> i64 i64"), divide))
                .withMessageContaining("host.f");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> linker.func("host", "f", Signature.of("i64 i32 -> i64 i64"), divide));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> linker.func("host", "f", Signature.of("i64 i64"), divide));
        assertThat(linker.offers("host", "f")).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void manyParametersReachABoxedHostFunction(MemoryKind kind) {
        String type = "i64 f32 ".repeat(150);
        ModuleBuilder module = new ModuleBuilder();
        int host = module.importFunc("host", "many", type + "-> i64");
        FuncBuilder call = module.func("-> i64").export("call");
        for (int i = 0; i < 150; i++) {
            call.i64(i).f32(i / 2f);
        }
        call.call(host);
        Linker linker = new Linker().func("host", "many", Signature.of(type + "-> i64"), (caller, args) -> {
            long sum = 0;
            for (int i = 0; i < 150; i++) {
                sum += (Long) args[2 * i] * 3 + (long) ((Float) args[2 * i + 1] * 2);
            }
            return new Object[] {sum};
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("call")).isEqualTo(4L * 149 * 150 / 2);
        }
    }

    private static MethodHandle find(String name, Class<?> result, Class<?>... params) throws Exception {
        return MethodHandles.lookup().findStatic(HostFunctionTest.class, name, MethodType.methodType(result, params));
    }

    private static double mix(int a, long b, float c, double d) {
        return (double) a + b + c + d;
    }

    private static int readByte(Instance caller, int offset) {
        return caller.memory().getByte(Integer.toUnsignedLong(offset));
    }

    private static int readByteOfCaller(int offset, Caller caller) {
        return caller.memory().getByte(Integer.toUnsignedLong(offset));
    }

    private static Object[] divide(long a, long b) {
        return new Object[] {a / b, a % b};
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
