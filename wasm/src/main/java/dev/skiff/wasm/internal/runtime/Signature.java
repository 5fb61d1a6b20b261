package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.HeapType;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.WasmException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A function type in its one canonical copy, so that two types are equal exactly if they are the same object. Also says
 * how the type looks as a Java method. Immutable and thread-safe.
 */
public final class Signature {
    /** Parameters that take more slots than this are passed through {@link Transfer}, because a Java method has 255. */
    private static final int MAX_PARAMETER_SLOTS = 240;

    private static final ConcurrentHashMap<FuncType, Entry> ALL = new ConcurrentHashMap<>();
    private static final ReferenceQueue<Signature> DEAD = new ReferenceQueue<>();

    private final FuncType type;
    private final MethodType method;
    private final boolean wide;
    private volatile MethodHandle invoker;

    private Signature(FuncType type) {
        this.type = type;
        int slots = 0;
        for (ValType param : type.params()) {
            slots += param == NumType.I64 || param == NumType.F64 ? 2 : 1;
        }
        wide = slots > MAX_PARAMETER_SLOTS;
        Class<?>[] params = wide
                ? new Class<?>[] {GuestInstance.class}
                : java.util.stream.Stream.concat(
                                type.params().stream().map(Signature::javaType),
                                java.util.stream.Stream.of(GuestInstance.class))
                        .toArray(Class<?>[]::new);
        method = MethodType.methodType(
                type.results().isEmpty() ? void.class : javaType(type.results().getFirst()), params);
    }

    /** The canonical copy of a type. */
    public static Signature of(FuncType type) {
        for (Object dead; (dead = DEAD.poll()) != null; ) {
            ALL.remove(((Entry) dead).key, dead);
        }
        while (true) {
            Entry entry = ALL.get(type);
            Signature known = entry == null ? null : entry.get();
            if (known != null) {
                return known;
            }
            Signature made = new Signature(type);
            Entry fresh = new Entry(made);
            if (entry == null ? ALL.putIfAbsent(type, fresh) == null : ALL.replace(type, entry, fresh)) {
                return made;
            }
        }
    }

    /** The Java type of a value in generated code. */
    public static Class<?> javaType(ValType type) {
        // No switch over types: docs/decisions/0007.
        return type instanceof NumType number ? javaType(number) : javaType(((RefType) type).heap());
    }

    private static Class<?> javaType(NumType number) {
        return switch (number) {
            case I32 -> int.class;
            case I64 -> long.class;
            case F32 -> float.class;
            case F64 -> double.class;
        };
    }

    private static Class<?> javaType(HeapType heap) {
        return switch (heap) {
            case FUNC -> FuncRef.class;
            case EXTERN -> Object.class;
            case EXN -> WasmException.class;
        };
    }

    /** The type. */
    public FuncType type() {
        return type;
    }

    /**
     * The Java type of the function's code: its parameters, then the instance; the first result is returned, the others
     * are left in the {@link Transfer}.
     */
    public MethodType method() {
        return method;
    }

    /** Calls code of this type with boxed arguments: (MethodHandle, Object[], GuestInstance) to Object. */
    public MethodHandle invoker() {
        MethodHandle made = invoker;
        if (made == null) {
            made = MethodHandles.exactInvoker(method)
                    .asSpreader(1, Object[].class, method.parameterCount() - 1)
                    .asType(MethodType.methodType(
                            Object.class, MethodHandle.class, Object[].class, GuestInstance.class));
            invoker = made;
        }
        return made;
    }

    /** Whether the parameters go through the {@link Transfer} because there are too many for a Java method. */
    public boolean wide() {
        return wide;
    }

    @Override
    public String toString() {
        return type.toString();
    }

    private static final class Entry extends WeakReference<Signature> {
        private final FuncType key;

        Entry(Signature signature) {
            super(signature, DEAD);
            key = signature.type;
        }
    }
}
