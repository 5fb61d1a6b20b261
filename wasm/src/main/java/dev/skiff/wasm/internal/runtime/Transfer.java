package dev.skiff.wasm.internal.runtime;

/**
 * Where values pass that do not fit a Java call: results after the first, arguments of functions with too many, arguments
 * of tail calls. One for each store; a value is taken out before anything else runs, so that nothing has to be saved.
 */
public final class Transfer {
    private long[] numbers = new long[16];
    private Object[] references = new Object[4];

    /** The function that a tail call wants to run next, or null. */
    public FuncRef next;

    /** Makes room for {@code count} values. Generated code calls it before it puts the first. */
    private void grow(int index) {
        numbers = java.util.Arrays.copyOf(numbers, Math.max(index + 1, numbers.length * 2));
    }

    public static void put(int value, int index, GuestInstance instance) {
        put((long) value, index, instance);
    }

    public static void put(long value, int index, GuestInstance instance) {
        Transfer transfer = instance.transfer;
        if (index >= transfer.numbers.length) {
            transfer.grow(index);
        }
        transfer.numbers[index] = value;
    }

    public static void put(float value, int index, GuestInstance instance) {
        put((long) Float.floatToRawIntBits(value), index, instance);
    }

    public static void put(double value, int index, GuestInstance instance) {
        put(Double.doubleToRawLongBits(value), index, instance);
    }

    public static void put(Object value, int index, GuestInstance instance) {
        Transfer transfer = instance.transfer;
        if (index >= transfer.references.length) {
            transfer.references =
                    java.util.Arrays.copyOf(transfer.references, Math.max(index + 1, transfer.references.length * 2));
        }
        transfer.references[index] = value;
    }

    /** Puts a boxed value of a type. */
    public static void putBoxed(dev.skiff.wasm.ValType type, Object value, int index, GuestInstance instance) {
        switch (value) {
            case Integer i when type == dev.skiff.wasm.NumType.I32 -> put((int) i, index, instance);
            case Long l when type == dev.skiff.wasm.NumType.I64 -> put((long) l, index, instance);
            case Float f when type == dev.skiff.wasm.NumType.F32 -> put((float) f, index, instance);
            case Double d when type == dev.skiff.wasm.NumType.F64 -> put((double) d, index, instance);
            case null, default -> put(value, index, instance);
        }
    }

    /** Takes a value of a type, boxed. */
    public static Object getBoxed(dev.skiff.wasm.ValType type, int index, GuestInstance instance) {
        return type instanceof dev.skiff.wasm.NumType number
                ? switch (number) {
                    case I32 -> getInt(index, instance);
                    case I64 -> getLong(index, instance);
                    case F32 -> getFloat(index, instance);
                    case F64 -> getDouble(index, instance);
                }
                : getObject(index, instance);
    }

    public static int getInt(int index, GuestInstance instance) {
        return (int) instance.transfer.numbers[index];
    }

    public static long getLong(int index, GuestInstance instance) {
        return instance.transfer.numbers[index];
    }

    public static float getFloat(int index, GuestInstance instance) {
        return Float.intBitsToFloat((int) instance.transfer.numbers[index]);
    }

    public static double getDouble(int index, GuestInstance instance) {
        return Double.longBitsToDouble(instance.transfer.numbers[index]);
    }

    public static Object getObject(int index, GuestInstance instance) {
        Object[] references = instance.transfer.references;
        Object value = references[index];
        references[index] = null;
        return value;
    }
}
