package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Tag;

/**
 * The state of an instance as generated code uses it; each module's generated subclass adds its globals. Fields are
 * public for that code only.
 */
public abstract class GuestInstance extends Caller {
    /** What is left of the chunk of fuel, in code that counts it. */
    public int fuel;
    /** Not 0 if the guest shall look at {@link #control} soon; set by other threads. */
    public volatile int stop;
    /** The first memory. */
    public LinearMemory memory;
    /** All memories. */
    public LinearMemory[] memories;
    /** The first table. */
    public TableData table;
    /** All tables. */
    public TableData[] tables;
    /** Imported functions. */
    public FuncRef[] imports;
    /** All tags. */
    public Tag[] tags;
    /** Globals that are shared, by index; null where a global is a field. */
    public GlobalCell[] cells;
    /** The module's types, in their canonical copies. */
    public Signature[] types;
    /** Where values pass that do not fit a call. */
    public Transfer transfer;
    /** What stops and limits the store. */
    public Control control;
    /** The module's code and data segments. */
    public ModuleCode module;
    /** Whether its memories are given back; then nothing of it may run. */
    public boolean closed;

    private FuncRef[] functions;
    private boolean[] droppedData;
    private boolean[] droppedElements;

    /** The next chunk of fuel, in place of what is left. */
    public static int refuel(int left, GuestInstance instance) {
        int chunk = instance.control.refuel(left);
        instance.fuel = chunk;
        return chunk;
    }

    /** Does what other threads asked for, or throws the trap that ends the guest. */
    public static void poll(GuestInstance instance) {
        instance.stop = 0;
        try {
            instance.control.poll();
        } catch (RuntimeException ended) {
            // Whatever is called next ends too.
            instance.stop = 1;
            throw ended;
        }
    }

    /** Sets the globals that are fields: numbers by their bits, references as they are; indexed by global. */
    public abstract void setGlobals(long[] bits, Object[] references);

    /** The bits of a global that is a field. */
    public abstract long globalBits(int index);

    /** The reference in a global that is a field. */
    public abstract Object globalReference(int index);

    /** The function of an index, always the same object. */
    public FuncRef function(int index) {
        if (index < imports.length) {
            return imports[index];
        }
        FuncRef[] all = functions;
        if (all == null) {
            all = new FuncRef[module.functionCount()];
            functions = all;
        }
        FuncRef function = all[index];
        if (function == null) {
            function = FuncRef.bound(module, index, this);
            all[index] = function;
        }
        return function;
    }

    /** As {@link #function(int)}, for generated code. */
    public static FuncRef function(int index, GuestInstance instance) {
        return instance.function(index);
    }

    boolean isDataDropped(int index) {
        return droppedData != null && droppedData[index];
    }

    void dropData(int index) {
        if (droppedData == null) {
            droppedData = new boolean[module.dataCount()];
        }
        droppedData[index] = true;
    }

    boolean isElementDropped(int index) {
        return droppedElements != null && droppedElements[index];
    }

    void dropElement(int index) {
        if (droppedElements == null) {
            droppedElements = new boolean[module.elementCount()];
        }
        droppedElements[index] = true;
    }

    /** Segments are as at the start again. */
    public void restoreSegments() {
        droppedData = null;
        droppedElements = null;
    }
}
