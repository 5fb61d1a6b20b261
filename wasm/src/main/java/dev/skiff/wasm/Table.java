package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.TableData;

/** A table of references. Belongs to a store: one thread at a time. */
public final class Table implements Extern {
    private final TableData table;

    Table(TableData table) {
        this.table = table;
    }

    /**
     * Creates a table that a linker can offer.
     *
     * @param initial first value of all elements: a {@link Func}, any object, or null
     * @throws LimitException if the store's limits do not allow its first size
     */
    public static Table create(Store store, TableType type, Object initial) {
        return new Table(new TableData(type, null, store.control(), Values.toInternal(type.element(), initial)));
    }

    /** The declared type, with the current size as the minimum. */
    @Override
    public TableType type() {
        TableType declared = table.type();
        return new TableType(
                declared.element(), new SizeRange(table.size(), declared.size().max()));
    }

    /** Size in elements. */
    public int size() {
        return table.size();
    }

    /** An element: a {@link Func}, any object, or null; traps out of bounds. */
    public Object get(int index) {
        return Values.toPublic(table.get(index));
    }

    /** Sets an element; traps out of bounds. */
    public void set(int index, Object value) {
        table.set(index, Values.toInternal(table.type().element(), value));
    }

    /** Grows the table; returns the size before, or -1 if the maximum or the store's limit does not allow it. */
    public int grow(int elements, Object value) {
        return table.grow(elements, Values.toInternal(table.type().element(), value));
    }

    TableData table() {
        return table;
    }

    /** Whether the other object is the same table. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Table that && that.table == table;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(table);
    }
}
