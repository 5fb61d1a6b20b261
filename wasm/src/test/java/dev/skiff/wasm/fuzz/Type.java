package dev.skiff.wasm.fuzz;

import java.util.List;
import java.util.Locale;

/** The value types that generated programs use. */
enum Type {
    I32(0x7F),
    I64(0x7E),
    F32(0x7D),
    F64(0x7C),
    FUNCREF(0x70),
    EXTERNREF(0x6F),
    EXNREF(0x69);

    static final List<Type> NUMBERS = List.of(I32, I64, F32, F64);

    private final String text = name().toLowerCase(Locale.ROOT);
    private final int code;

    Type(int code) {
        this.code = code;
    }

    /** The byte in the binary format. */
    int code() {
        return code;
    }

    boolean isFloat() {
        return this == F32 || this == F64;
    }

    boolean isReference() {
        return ordinal() >= FUNCREF.ordinal();
    }

    /** The heap type's byte, for ref.null, is the same as the short form of the reference type. */
    String heapName() {
        return text.substring(0, text.length() - 3);
    }

    @Override
    public String toString() {
        return text;
    }
}
