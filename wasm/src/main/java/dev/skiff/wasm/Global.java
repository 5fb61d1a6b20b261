package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.Control;
import dev.skiff.wasm.internal.runtime.GlobalCell;

/** A global variable. Belongs to a store: one thread at a time. */
public final class Global implements Extern {
    private final GlobalType type;
    private final GlobalCell cell;
    private final Control control;

    Global(GlobalType type, GlobalCell cell, Control control) {
        this.type = type;
        this.cell = cell;
        this.control = control;
    }

    /**
     * Creates a global that a linker can offer.
     *
     * @param value first value, boxed, matching the type
     */
    public static Global create(Store store, GlobalType type, Object value) {
        Global global = new Global(type, new GlobalCell(), store.control());
        global.put(value);
        return global;
    }

    @Override
    public GlobalType type() {
        return type;
    }

    /** The value, boxed. */
    public Object get() {
        return type.value() instanceof NumType number
                ? Values.fromBits(number, cell.bits)
                : Values.toPublic(cell.reference);
    }

    /** Sets the value; throws {@link IllegalStateException} if the global is not mutable. */
    public void set(Object value) {
        if (!type.mutable()) {
            throw new IllegalStateException("the global is not mutable");
        }
        put(value);
    }

    private void put(Object value) {
        Object internal = Values.toInternal(type.value(), value);
        if (type.value() instanceof NumType) {
            cell.bits = Values.bits(internal);
        } else {
            cell.reference = internal;
        }
    }

    Control control() {
        return control;
    }

    GlobalCell cell() {
        return cell;
    }

    /** Whether the other object is the same global. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Global that && that.cell == cell;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(cell);
    }
}
