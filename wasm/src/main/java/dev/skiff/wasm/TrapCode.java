package dev.skiff.wasm;

/** Why a guest was stopped. The texts are those of the official test suite where it has one. */
public enum TrapCode {
    UNREACHABLE("unreachable"),
    MEMORY_OUT_OF_BOUNDS("out of bounds memory access"),
    TABLE_OUT_OF_BOUNDS("out of bounds table access"),
    UNDEFINED_ELEMENT("undefined element"),
    UNINITIALIZED_ELEMENT("uninitialized element"),
    INDIRECT_CALL_TYPE_MISMATCH("indirect call type mismatch"),
    INTEGER_DIVIDE_BY_ZERO("integer divide by zero"),
    INTEGER_OVERFLOW("integer overflow"),
    INVALID_CONVERSION_TO_INTEGER("invalid conversion to integer"),
    NULL_REFERENCE("null reference"),
    CALL_STACK_EXHAUSTED("call stack exhausted"),
    OUT_OF_MEMORY("out of memory"),
    OUT_OF_FUEL("out of fuel"),
    DEADLINE_EXCEEDED("deadline exceeded"),
    INTERRUPTED("interrupted");

    private final String text;

    TrapCode(String text) {
        this.text = text;
    }

    /** A short text for people. */
    public String text() {
        return text;
    }
}
