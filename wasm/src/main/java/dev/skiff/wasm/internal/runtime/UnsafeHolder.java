package dev.skiff.wasm.internal.runtime;

import jdk.internal.misc.Unsafe;

/** Holds the JDK's memory accessor; apart, so that a JVM that does not open it fails here alone. */
public final class UnsafeHolder {
    /** The accessor. */
    public static final Unsafe UNSAFE = Unsafe.getUnsafe();

    private UnsafeHolder() {}
}
