package dev.skiff.wasm.internal.compile;

/**
 * A constant or a local as an operand that is held back until it is used.
 *
 * @param code emits it
 * @param local the local that it is; negative if it is none
 * @param address the address that it is if it is a constant of type i32; negative otherwise
 */
record Operand(Runnable code, int local, long address) {
    static Operand local(int local, Runnable code) {
        return new Operand(code, local, -1);
    }

    static Operand constant(Runnable code) {
        return new Operand(code, -1, -1);
    }
}
