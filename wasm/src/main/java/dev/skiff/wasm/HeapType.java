package dev.skiff.wasm;

/** What a reference points to (WebAssembly specification, section 2.3.3). */
public enum HeapType {
    /** A function of any type. */
    FUNC,
    /** A value of the host, opaque to the guest. */
    EXTERN,
    /** A caught exception. */
    EXN;

    private final String text = name().toLowerCase(java.util.Locale.ROOT);

    /** The name in the text format, such as {@code func}. */
    @Override
    public String toString() {
        return text;
    }
}
