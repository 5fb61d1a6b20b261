package dev.skiff.wasm.internal.compile;

/** Hands out the local variables of a method behind those that hold its arguments. */
final class JvmLocals {
    private int next;

    JvmLocals(int first) {
        next = first;
    }

    /** Variables for the whole method; the first of {@code width} slots. */
    int allocate(int width) {
        int first = next;
        next += width;
        return first;
    }

    /** Variables until they are released, in the opposite order. */
    int temporary(int width) {
        return allocate(width);
    }

    void release(int width) {
        next -= width;
    }
}
