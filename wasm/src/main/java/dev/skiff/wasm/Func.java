package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.FuncRef;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import java.lang.invoke.MethodHandle;

/** A function of an instance or of the host. Belongs to a store: one thread at a time. */
public final class Func implements Extern {
    private final FuncRef reference;
    /** The instance that a function of the host sees as its caller; null where there is none. */
    private final GuestInstance home;

    Func(FuncRef reference, GuestInstance home) {
        this.reference = reference;
        this.home = home;
    }

    @Override
    public FuncType type() {
        return reference.signature.type();
    }

    /**
     * Calls the function.
     *
     * @param args boxed arguments that match the type: Integer, Long, Float, Double, {@link Func}, any object, or null for
     *     a null reference
     * @return boxed results; an empty array for none
     * @throws IllegalArgumentException if the arguments do not match the type
     * @throws IllegalStateException if the store is closed, or in use by another thread
     * @throws Trap if the guest was stopped
     * @throws WasmException if the guest threw an exception that it did not catch
     */
    public Object[] call(Object... args) {
        FuncType type = type();
        if (args.length != type.params().size()) {
            throw new IllegalArgumentException(
                    "a function of type " + type + " takes " + type.params().size() + " arguments, not " + args.length);
        }
        Object[] internal = args;
        if (args.length > 0) {
            internal = new Object[args.length];
            for (int i = 0; i < args.length; i++) {
                internal[i] = Values.toInternal(type.params().get(i), args[i]);
            }
        }
        Object[] results = Boundary.call(reference, requireHome(), internal);
        for (int i = 0; i < results.length; i++) {
            results[i] = Values.toPublic(results[i]);
        }
        return results;
    }

    /**
     * The function as a method handle without boxing: parameters as {@code int}, {@code long}, {@code float}, {@code
     * double}, {@link Func} or {@code Object}; returns {@code void}, the one result, or for several results an {@code
     * Object[]}. Throws as {@link #call} does. Making a handle costs more than a call: keep it.
     */
    public MethodHandle handle() {
        return Boundary.handle(reference, requireHome());
    }

    private GuestInstance requireHome() {
        if (home == null && reference.owner == null) {
            throw new IllegalStateException("a function of the host that no instance has imported cannot be called");
        }
        return home != null ? home : reference.owner;
    }

    FuncRef reference() {
        return reference;
    }

    /** Whether the other object is the same function of the same instance. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Func that && that.reference == reference;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(reference);
    }
}
