package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.Tag;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import dev.skiff.wasm.WasmException;
import java.lang.invoke.MethodHandle;

/** What generated code calls for instructions that are more than arithmetic. Operands come in the order of the stack. */
public final class Calls {
    private static final Object[] NO_VALUES = {};
    /** Bulk instructions cost a unit for this many bytes or elements. */
    private static final int BULK_SHIFT = 5;

    private Calls() {}

    public static Trap unreachable() {
        return new Trap(TrapCode.UNREACHABLE);
    }

    /** The character at a place in a table, or its last one for any number that is too large. */
    public static int lookUp(int index, String table) {
        return table.charAt(Integer.compareUnsigned(index, table.length()) < 0 ? index : table.length() - 1);
    }

    // Memory instructions (specification, section 4.6.8)

    public static int memoryGrow(int pages, GuestInstance instance, int memory) {
        return (int) instance.memories[memory].grow(Integer.toUnsignedLong(pages));
    }

    public static void memoryFill(int to, int value, int count, GuestInstance instance, int memory) {
        charge(count, instance);
        instance.memories[memory].fill(Integer.toUnsignedLong(to), value, Integer.toUnsignedLong(count));
    }

    public static void memoryCopy(int to, int from, int count, GuestInstance instance, int toMemory, int fromMemory) {
        charge(count, instance);
        instance.memories[toMemory].copyFrom(
                instance.memories[fromMemory],
                Integer.toUnsignedLong(to),
                Integer.toUnsignedLong(from),
                Integer.toUnsignedLong(count));
    }

    public static void memoryInit(int to, int from, int count, GuestInstance instance, int memory, int data) {
        charge(count, instance);
        int start = instance.module.dataStart(data);
        int length = instance.isDataDropped(data) ? 0 : instance.module.dataLength(data);
        if (Integer.toUnsignedLong(from) + Integer.toUnsignedLong(count) > length) {
            throw new Trap(TrapCode.MEMORY_OUT_OF_BOUNDS);
        }
        instance.memories[memory].write(
                Integer.toUnsignedLong(to), instance.module.binary(), start + from, Integer.toUnsignedLong(count));
    }

    public static void dataDrop(GuestInstance instance, int data) {
        instance.dropData(data);
    }

    /** Charges for bulk work where fuel is limited, and notices a stop before more is begun. */
    private static void charge(int count, GuestInstance instance) {
        int cost = count >>> BULK_SHIFT;
        if (cost == 0) {
            return;
        }
        if (instance.control.metered()) {
            int left = instance.fuel - cost;
            instance.fuel = left;
            if (left < 0) {
                GuestInstance.refuel(left, instance);
            }
        } else if (instance.stop != 0) {
            GuestInstance.poll(instance);
        }
    }

    // Table instructions (section 4.6.7)

    public static Object tableGet(int index, GuestInstance instance, int table) {
        return instance.tables[table].get(index);
    }

    public static void tableSet(int index, Object value, GuestInstance instance, int table) {
        instance.tables[table].set(index, value);
    }

    public static int tableSize(GuestInstance instance, int table) {
        return instance.tables[table].size();
    }

    public static int tableGrow(Object value, int count, GuestInstance instance, int table) {
        charge(count >>> 2, instance);
        return instance.tables[table].grow(count, value);
    }

    public static void tableFill(int index, Object value, int count, GuestInstance instance, int table) {
        charge(count, instance);
        instance.tables[table].fill(index, value, count);
    }

    public static void tableCopy(int to, int from, int count, GuestInstance instance, int toTable, int fromTable) {
        charge(count, instance);
        instance.tables[toTable].copyFrom(instance.tables[fromTable], to, from, count);
    }

    public static void tableInit(int to, int from, int count, GuestInstance instance, int table, int element) {
        charge(count, instance);
        Object[] values =
                instance.isElementDropped(element) ? NO_VALUES : instance.module.elementValues(element, instance);
        instance.tables[table].init(values, to, from, count, instance);
    }

    public static void elementDrop(GuestInstance instance, int element) {
        instance.dropElement(element);
    }

    // Calls (section 4.6.10)

    /** The function that call_indirect means, checked and linked. */
    public static FuncRef callee(int index, GuestInstance instance, int table, int type) {
        TableData data = table == 0 ? instance.table : instance.tables[table];
        return data.callee(index, instance.types[type]);
    }

    /** The instance that a function found in a table runs in. */
    public static GuestInstance owner(FuncRef function, GuestInstance caller, int table) {
        GuestInstance owner = function.owner;
        if (owner != null) {
            return owner;
        }
        if (caller.stop != 0) {
            GuestInstance.poll(caller);
        }
        return function.owner(caller.tables[table].home, caller);
    }

    /** The instance that an imported function runs in. */
    public static GuestInstance importOwner(FuncRef function, GuestInstance caller) {
        // A loop that does nothing but call a slow function of the host counts its own work only.
        if (caller.stop != 0) {
            GuestInstance.poll(caller);
        }
        GuestInstance owner = function.owner;
        return owner != null ? owner : caller;
    }

    /** Notes the function that a tail call wants next, whose arguments are in the transfer; false if it cannot wait. */
    public static boolean canTailCall(FuncRef function) {
        return function.tailEntry() != null;
    }

    /** Notes what a tail call wants to run next. */
    public static void tailCall(FuncRef function, GuestInstance owner) {
        // The arguments are in the transfer of the store, which the owner shares.
        owner.transfer.next = function.owner == null ? owner.function(function.index()) : function;
    }

    /** The function that a tail call wants to run next, taken out; null if there is none. */
    public static FuncRef takeNext(GuestInstance instance) {
        Transfer transfer = instance.transfer;
        FuncRef next = transfer.next;
        transfer.next = null;
        return next;
    }

    /** The entry of a function that a tail call wants to run. */
    public static MethodHandle tailEntry(FuncRef function) {
        return function.tailEntry();
    }

    // Exceptions (section 4.6.10)

    public static WasmException exception(Object[] payload, GuestInstance instance, int tag) {
        return new WasmException(instance.tags[tag], payload);
    }

    public static boolean hasTag(WasmException exception, GuestInstance instance, int tag) {
        Tag expected = instance.tags[tag];
        return exception.tag() == expected;
    }

    public static Object payload(WasmException exception, int index) {
        return Payloads.get(exception, index);
    }

    public static WasmException throwable(WasmException reference) {
        if (reference == null) {
            throw new Trap(TrapCode.NULL_REFERENCE, "null exception reference");
        }
        return reference;
    }
}
