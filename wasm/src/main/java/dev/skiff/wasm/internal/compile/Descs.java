package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.WasmException;
import dev.skiff.wasm.internal.runtime.Calls;
import dev.skiff.wasm.internal.runtime.FuncRef;
import dev.skiff.wasm.internal.runtime.GlobalCell;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import dev.skiff.wasm.internal.runtime.HeapAccess;
import dev.skiff.wasm.internal.runtime.LinearMemory;
import dev.skiff.wasm.internal.runtime.Ops;
import dev.skiff.wasm.internal.runtime.Transfer;
import dev.skiff.wasm.internal.runtime.UnsafeHolder;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandle;

/** Names of classes that generated code mentions. */
final class Descs {
    static final ClassDesc FUNC_REF = of(FuncRef.class);
    static final ClassDesc WASM_EXCEPTION = of(WasmException.class);
    static final ClassDesc GUEST_INSTANCE = of(GuestInstance.class);
    static final ClassDesc LINEAR_MEMORY = of(LinearMemory.class);
    static final ClassDesc GLOBAL_CELL = of(GlobalCell.class);
    static final ClassDesc OPS = of(Ops.class);
    static final ClassDesc CALLS = of(Calls.class);
    static final ClassDesc TRANSFER = of(Transfer.class);
    static final ClassDesc HEAP_ACCESS = of(HeapAccess.class);
    static final ClassDesc METHOD_HANDLE = of(MethodHandle.class);
    static final ClassDesc UNSAFE_HOLDER = of(UnsafeHolder.class);
    static final ClassDesc UNSAFE = ClassDesc.of("jdk.internal.misc.Unsafe");

    /** Package of generated classes. */
    static final String PACKAGE = "skiff.guest";
    /** The generated subclass of GuestInstance. */
    static final ClassDesc INSTANCE = ClassDesc.of(PACKAGE, "Instance");

    private Descs() {}

    static ClassDesc of(Class<?> type) {
        return ClassDesc.ofDescriptor(type.descriptorString());
    }

    /** The generated class of a group of functions. */
    static ClassDesc group(int group) {
        return ClassDesc.of(PACKAGE, "Functions" + group);
    }

    /** A further class of the group of a very large function. */
    static ClassDesc part(int group, int part) {
        return part == 0 ? group(group) : ClassDesc.of(PACKAGE, "Functions" + group + "p" + part);
    }
}
