package dev.skiff.wasm.internal.runtime;

import java.util.Locale;
import jdk.internal.misc.Unsafe;

/**
 * Whether memories can be kept outside the heap in this JVM, and the JDK's accessor for them, which compiles to plain
 * loads and stores at any place in the code; memory segments do not in large methods (docs/decisions/0005).
 */
public final class OffHeap {
    private static final boolean AVAILABLE = probe();

    private OffHeap() {}

    /** Whether the platform is Linux on a 64-bit little-endian processor and the accessor is open to us. */
    public static boolean available() {
        return AVAILABLE;
    }

    /** The accessor, which generated code uses too; only if {@link #available}. */
    public static Unsafe unsafe() {
        return UnsafeHolder.UNSAFE;
    }

    private static boolean probe() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "");
        if (!os.equals("linux") || !(arch.equals("amd64") || arch.equals("aarch64"))) {
            return false;
        }
        try {
            return UnsafeHolder.UNSAFE != null;
        } catch (IllegalAccessError notOpen) {
            return false;
        }
    }
}
