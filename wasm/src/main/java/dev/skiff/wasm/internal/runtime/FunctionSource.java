package dev.skiff.wasm.internal.runtime;

import java.lang.invoke.MethodHandle;

/** Where the code of a module's functions comes from. Thread-safe. */
public interface FunctionSource {
    /** The type of function {@code index}, counted with the imported ones. */
    Signature signature(int index);

    /** The code of a function that the module defines, of the type {@link Signature#method()}. */
    MethodHandle code(int index);

    /** The entry for tail calls, of the type (GuestInstance) to the first result; null in a module without tail calls. */
    MethodHandle tailEntry(int index);
}
