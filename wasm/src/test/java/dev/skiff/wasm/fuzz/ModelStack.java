package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** An operand stack in the model. */
final class ModelStack {
    private final ArrayList<Object> values = new ArrayList<>();

    void push(Object value) {
        values.add(value);
    }

    Object pop() {
        return values.removeLast();
    }

    long number() {
        return (Long) pop();
    }

    /** An address, count or index: an unsigned number of 32 bits. */
    long unsigned() {
        return number() & 0xFFFF_FFFFL;
    }

    int height() {
        return values.size();
    }

    /** Takes the top values off. */
    List<Object> pop(int count) {
        var top = values.subList(values.size() - count, values.size());
        var copy = new ArrayList<>(top);
        top.clear();
        return copy;
    }

    void push(List<Object> all) {
        values.addAll(all);
    }

    /** Keeps the top values and drops those beneath them down to a height. */
    void unwind(int height, int kept) {
        values.subList(height, values.size() - kept).clear();
    }
}
