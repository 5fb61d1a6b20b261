package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.internal.binary.Op;
import java.util.Arrays;
import java.util.List;

/** Parameter and result types of a function, a block or an instruction. */
record Shape(Slot[] params, Slot[] results) {
    static final Shape EMPTY = new Shape(Slot.NONE, Slot.NONE);

    static Shape of(FuncType type) {
        return new Shape(Slot.of(type.params()), Slot.of(type.results()));
    }

    static Shape result(ValType type) {
        return new Shape(Slot.NONE, new Slot[] {Slot.of(type)});
    }

    static Shape of(List<Slot> params, List<Slot> results) {
        return new Shape(params.toArray(Slot[]::new), results.toArray(Slot[]::new));
    }

    /** Types of the values that a branch to a construct of this shape takes along. */
    Slot[] labelTypes(int op) {
        return op == Op.LOOP ? params : results;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape that
                && Arrays.equals(params, that.params)
                && Arrays.equals(results, that.results);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(params) * 31 + Arrays.hashCode(results);
    }

    @Override
    public String toString() {
        return Arrays.toString(params) + " -> " + Arrays.toString(results);
    }
}
