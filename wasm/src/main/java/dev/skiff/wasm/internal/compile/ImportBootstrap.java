package dev.skiff.wasm.internal.compile;

import java.lang.invoke.MethodHandles;

/** Gives generated code its imported functions as constants. */
public final class ImportBootstrap {
    private ImportBootstrap() {}

    /**
     * The code that the module's first instance has for an imported function; a bootstrap method. Its types are those with
     * which the JVM calls it: to convert others, classes would be made at the start (docs/decisions/0007).
     */
    public static Object firstCode(MethodHandles.Lookup lookup, String name, Object type, Object function) {
        return ((GuestLoader) lookup.lookupClass().getClassLoader()).firstImport((Integer) function);
    }
}
