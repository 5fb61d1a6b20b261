package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.TableType;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.util.Arrays;

/** The state of a table as generated code uses it. */
public final class TableData {
    /** The instance that functions in it belong to which are not bound; null if there can be none. */
    public final GuestInstance home;

    private final TableType type;
    private final Control control;
    private Object[] elements;
    private boolean shared;

    /** A table whose elements all have one value. */
    public TableData(TableType type, GuestInstance home, Control control, Object initial) {
        this.type = type;
        this.home = home;
        this.control = control;
        int size = (int) type.size().min();
        control.reserveTable(size);
        elements = new Object[size];
        if (initial != null) {
            Arrays.fill(elements, initial);
        }
    }

    /** A table that starts with elements which it shares with others until it is written. */
    public TableData(TableType type, GuestInstance home, Control control, Object[] image) {
        this.type = type;
        this.home = home;
        this.control = control;
        control.reserveTable(image.length);
        elements = image;
        shared = true;
    }

    /** Goes back to shared elements; the size of the table changes with them. */
    public void reset(Object[] image) {
        control.releaseTable(elements.length - (long) image.length);
        elements = image;
        shared = true;
    }

    /** Goes back to the first size, all elements with one value. */
    public void resetTo(Object initial) {
        int size = (int) type.size().min();
        control.releaseTable(elements.length - (long) size);
        elements = new Object[size];
        shared = false;
        Arrays.fill(elements, initial);
    }

    /** The declared type; the minimum is that of the declaration. */
    public TableType type() {
        return type;
    }

    public int size() {
        return elements.length;
    }

    /** The function at an index, checked as call_indirect wants it. */
    public FuncRef callee(int index, Signature expected) {
        Object[] all = elements;
        if (Integer.compareUnsigned(index, all.length) >= 0) {
            throw new Trap(TrapCode.UNDEFINED_ELEMENT);
        }
        FuncRef function = (FuncRef) all[index];
        if (function == null) {
            throw new Trap(TrapCode.UNINITIALIZED_ELEMENT);
        }
        if (function.signature != expected) {
            throw new Trap(
                    TrapCode.INDIRECT_CALL_TYPE_MISMATCH,
                    TrapCode.INDIRECT_CALL_TYPE_MISMATCH.text() + ": the caller expects " + expected
                            + ", the function is " + function.signature);
        }
        if (function.code == null) {
            function.link();
        }
        return function;
    }

    public Object get(int index) {
        if (Integer.compareUnsigned(index, elements.length) >= 0) {
            throw new Trap(TrapCode.TABLE_OUT_OF_BOUNDS);
        }
        return bind(elements[index]);
    }

    public Control control() {
        return control;
    }

    public void set(int index, Object value) {
        if (Integer.compareUnsigned(index, elements.length) >= 0) {
            throw new Trap(TrapCode.TABLE_OUT_OF_BOUNDS);
        }
        own();
        elements[index] = value;
    }

    /** Adds elements; returns the size before, or -1. */
    public int grow(int count, Object value) {
        int size = elements.length;
        long wanted = size + Integer.toUnsignedLong(count);
        if (wanted > type.size().max().orElse(0xFFFF_FFFFL)
                || !control.tryReserveTable(Integer.toUnsignedLong(count))) {
            return -1;
        }
        elements = Arrays.copyOf(elements, (int) wanted);
        shared = false;
        if (value != null) {
            Arrays.fill(elements, size, (int) wanted, value);
        }
        return size;
    }

    public void fill(int index, Object value, int count) {
        checkRange(index, count, elements.length);
        own();
        Arrays.fill(elements, index, index + count, value);
    }

    public void copyFrom(TableData source, int to, int from, int count) {
        checkRange(from, count, source.elements.length);
        checkRange(to, count, elements.length);
        own();
        System.arraycopy(source.elements, from, elements, to, count);
        if (source.home != home) {
            for (int i = to; i < to + count; i++) {
                elements[i] = source.bind(elements[i]);
            }
        }
    }

    /** Copies from a segment's values; functions among them that are not bound belong to {@code instance}. */
    public void init(Object[] values, int to, int from, int count, GuestInstance instance) {
        checkRange(from, count, values.length);
        checkRange(to, count, elements.length);
        own();
        System.arraycopy(values, from, elements, to, count);
        if (instance != home) {
            for (int i = to; i < to + count; i++) {
                elements[i] =
                        elements[i] instanceof FuncRef f && f.isUnbound() ? instance.function(f.index()) : elements[i];
            }
        }
    }

    private Object bind(Object element) {
        return element instanceof FuncRef f && f.isUnbound() ? home.function(f.index()) : element;
    }

    private void own() {
        if (shared) {
            elements = elements.clone();
            shared = false;
        }
    }

    private static void checkRange(int start, int count, int size) {
        if (Integer.toUnsignedLong(start) + Integer.toUnsignedLong(count) > size) {
            throw new Trap(TrapCode.TABLE_OUT_OF_BOUNDS);
        }
    }
}
