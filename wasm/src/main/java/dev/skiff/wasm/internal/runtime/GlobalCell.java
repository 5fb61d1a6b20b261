package dev.skiff.wasm.internal.runtime;

/** A global that more than one instance or the host can see; the others are fields of generated classes. */
public final class GlobalCell {
    /** The value's bits, if it is a number; an f32 in the low half. */
    public long bits;
    /** The value, if it is a reference. */
    public Object reference;
}
