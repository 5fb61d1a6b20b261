package dev.skiff.wasm.internal.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian values in a byte array, through accessors that the JVM checks again. Generated code uses it. */
public final class HeapAccess {
    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle CHAR = view(char[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);
    private static final VarHandle FLOAT = view(float[].class);
    private static final VarHandle DOUBLE = view(double[].class);

    private HeapAccess() {}

    private static VarHandle view(Class<?> array) {
        return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN)
                .withInvokeExactBehavior();
    }

    public static byte getByte(long at, byte[] heap) {
        return heap[(int) at];
    }

    public static short getShort(long at, byte[] heap) {
        return (short) SHORT.get(heap, (int) at);
    }

    public static char getChar(long at, byte[] heap) {
        return (char) CHAR.get(heap, (int) at);
    }

    public static int getInt(long at, byte[] heap) {
        return (int) INT.get(heap, (int) at);
    }

    public static long getLong(long at, byte[] heap) {
        return (long) LONG.get(heap, (int) at);
    }

    public static float getFloat(long at, byte[] heap) {
        return (float) FLOAT.get(heap, (int) at);
    }

    public static double getDouble(long at, byte[] heap) {
        return (double) DOUBLE.get(heap, (int) at);
    }

    public static void putByte(long at, int value, byte[] heap) {
        heap[(int) at] = (byte) value;
    }

    public static void putShort(long at, int value, byte[] heap) {
        SHORT.set(heap, (int) at, (short) value);
    }

    public static void putInt(long at, int value, byte[] heap) {
        INT.set(heap, (int) at, value);
    }

    public static void putLong(long at, long value, byte[] heap) {
        LONG.set(heap, (int) at, value);
    }

    public static void putFloat(long at, float value, byte[] heap) {
        FLOAT.set(heap, (int) at, value);
    }

    public static void putDouble(long at, double value, byte[] heap) {
        DOUBLE.set(heap, (int) at, value);
    }
}
