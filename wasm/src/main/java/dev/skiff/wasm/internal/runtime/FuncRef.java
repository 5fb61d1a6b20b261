package dev.skiff.wasm.internal.runtime;

import java.lang.invoke.MethodHandle;

/**
 * A function as a value. What is in a module's tables at the start is not bound to an instance ({@link #owner} is null):
 * the table's own instance is meant, which lets all instances share one copy of the table.
 */
public final class FuncRef {
    /** The function's type; compare by identity. */
    public final Signature signature;
    /** The instance that it runs in; null for a function of the host and for one that is not bound. */
    public final GuestInstance owner;
    /** Its code, of the type {@link Signature#method()}; null until {@link #link}. */
    public MethodHandle code;
    /** Null for a function of the host. */
    private final FunctionSource source;

    private final int index;

    private FuncRef(Signature signature, GuestInstance owner, MethodHandle code, FunctionSource source, int index) {
        this.signature = signature;
        this.owner = owner;
        this.code = code;
        this.source = source;
        this.index = index;
    }

    /** A function of the host; its code's last argument is the instance that calls. */
    public static FuncRef ofHost(Signature signature, MethodHandle code) {
        return new FuncRef(signature, null, code, null, -1);
    }

    /** A function that a module defines, not bound to an instance. */
    public static FuncRef unbound(FunctionSource source, int index) {
        return new FuncRef(source.signature(index), null, null, source, index);
    }

    /** A function that a module defines, of an instance. */
    public static FuncRef bound(FunctionSource source, int index, GuestInstance owner) {
        return new FuncRef(source.signature(index), owner, null, source, index);
    }

    /** Whether it is a function of the host. */
    public boolean isHost() {
        return source == null;
    }

    /** Whether it is a module's function that no instance owns yet. */
    public boolean isUnbound() {
        return owner == null && source != null;
    }

    /** Its index in its module; -1 for a function of the host. */
    public int index() {
        return index;
    }

    /** The code, translated if it must be. */
    public MethodHandle link() {
        MethodHandle linked = code;
        if (linked == null) {
            linked = source.code(index);
            code = linked;
        }
        return linked;
    }

    /** The entry for tail calls: takes its arguments from the {@link Transfer}; null if it makes no tail calls itself. */
    public MethodHandle tailEntry() {
        return source == null ? null : source.tailEntry(index);
    }

    /** The instance to run in, where {@code home} is that of the table or export it was found in. */
    public GuestInstance owner(GuestInstance home, GuestInstance caller) {
        return owner != null ? owner : source == null ? caller : home;
    }
}
