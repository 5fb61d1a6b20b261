package dev.skiff.wasm.internal.binary;

import java.util.Arrays;

/** A list of ints that grows. */
final class IntList {
    private int[] values = new int[8];
    private int size;

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    int get(int index) {
        return values[index];
    }

    int size() {
        return size;
    }

    /** Whether the unsigned number is the index of an entry. */
    boolean has(int index) {
        return index >= 0 && index < size;
    }
}
