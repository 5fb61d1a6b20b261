package dev.skiff.wasm;

/** A number type (WebAssembly specification, section 2.3.1). */
public enum NumType implements ValType {
    /** 32-bit integer; {@code int} at the API. */
    I32,
    /** 64-bit integer; {@code long} at the API. */
    I64,
    /** 32-bit IEEE 754 number; {@code float} at the API. */
    F32,
    /** 64-bit IEEE 754 number; {@code double} at the API. */
    F64;

    private final String text = name().toLowerCase(java.util.Locale.ROOT);

    /** The name in the text format, such as {@code i32}. */
    @Override
    public String toString() {
        return text;
    }
}
