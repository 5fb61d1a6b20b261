package dev.skiff.wasm.internal.compile;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/** Gives generated code its imported functions as constants. */
public final class ImportBootstrap {
    private ImportBootstrap() {}

    /** The code that the module's first instance has for an imported function; a bootstrap method. */
    public static MethodHandle firstCode(MethodHandles.Lookup lookup, String name, Class<?> type, int function) {
        return ((GuestLoader) lookup.lookupClass().getClassLoader()).firstImport(function);
    }
}
