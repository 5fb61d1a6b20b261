package dev.skiff.wasm.spec;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Global;
import dev.skiff.wasm.GlobalType;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Memory;
import dev.skiff.wasm.MemoryType;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.SizeRange;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Table;
import dev.skiff.wasm.TableType;
import dev.skiff.wasm.ValType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.OptionalLong;

/** The host module {@code spectest} that the scripts import from; it prints nothing. */
final class SpectestModule {
    private static final String NAME = "spectest";

    private final Table table;
    private final Memory memory;
    private final Global i32;
    private final Global i64;
    private final Global f32;
    private final Global f64;

    SpectestModule(Store store) {
        table = Table.create(store, new TableType(RefType.FUNCREF, new SizeRange(10, OptionalLong.of(20))), null);
        memory = Memory.create(store, new MemoryType(new SizeRange(1, OptionalLong.of(2))));
        i32 = Global.create(store, new GlobalType(NumType.I32, false), 666);
        i64 = Global.create(store, new GlobalType(NumType.I64, false), 666L);
        f32 = Global.create(store, new GlobalType(NumType.F32, false), 666.6f);
        f64 = Global.create(store, new GlobalType(NumType.F64, false), 666.6);
    }

    /** Offers everything to a linker. */
    void offerTo(Linker linker) {
        linker.define(NAME, "table", table)
                .define(NAME, "memory", memory)
                .define(NAME, "global_i32", i32)
                .define(NAME, "global_i64", i64)
                .define(NAME, "global_f32", f32)
                .define(NAME, "global_f64", f64);
        print(linker, "print", MethodType.methodType(void.class));
        print(linker, "print_i32", MethodType.methodType(void.class, int.class), NumType.I32);
        print(linker, "print_i64", MethodType.methodType(void.class, long.class), NumType.I64);
        print(linker, "print_f32", MethodType.methodType(void.class, float.class), NumType.F32);
        print(linker, "print_f64", MethodType.methodType(void.class, double.class), NumType.F64);
        print(
                linker,
                "print_i32_f32",
                MethodType.methodType(void.class, int.class, float.class),
                NumType.I32,
                NumType.F32);
        print(
                linker,
                "print_f64_f64",
                MethodType.methodType(void.class, double.class, double.class),
                NumType.F64,
                NumType.F64);
    }

    private static void print(Linker linker, String name, MethodType signature, ValType... params) {
        MethodHandle quiet = MethodHandles.empty(signature);
        linker.func(NAME, name, new FuncType(List.of(params), List.of()), quiet);
    }
}
