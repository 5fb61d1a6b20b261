package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;

/** The numeric instructions that are more than an instruction or two of the JVM (specification, section 4.3). */
public final class Ops {
    private static final double TWO_POW_31 = 0x1p31;
    private static final double TWO_POW_32 = 0x1p32;
    private static final double TWO_POW_63 = 0x1p63;
    private static final double TWO_POW_64 = 0x1p64;

    private Ops() {}

    public static int divS(int a, int b) {
        if (b == -1 && a == Integer.MIN_VALUE) {
            throw new Trap(TrapCode.INTEGER_OVERFLOW);
        }
        return a / b;
    }

    public static long divS(long a, long b) {
        if (b == -1 && a == Long.MIN_VALUE) {
            throw new Trap(TrapCode.INTEGER_OVERFLOW);
        }
        return a / b;
    }

    // A NaN result has to be a quiet one: an addition makes it so, Math.min need not.

    public static float min(float a, float b) {
        return a != a || b != b ? a + b : Math.min(a, b);
    }

    public static double min(double a, double b) {
        return a != a || b != b ? a + b : Math.min(a, b);
    }

    public static float max(float a, float b) {
        return a != a || b != b ? a + b : Math.max(a, b);
    }

    public static double max(double a, double b) {
        return a != a || b != b ? a + b : Math.max(a, b);
    }

    public static float ceil(float x) {
        return x != x ? x + x : (float) Math.ceil(x);
    }

    public static double ceil(double x) {
        return x != x ? x + x : Math.ceil(x);
    }

    public static float floor(float x) {
        return x != x ? x + x : (float) Math.floor(x);
    }

    public static double floor(double x) {
        return x != x ? x + x : Math.floor(x);
    }

    public static float nearest(float x) {
        return x != x ? x + x : (float) Math.rint(x);
    }

    public static double nearest(double x) {
        return x != x ? x + x : Math.rint(x);
    }

    public static float trunc(float x) {
        return x != x ? x + x : (float) (x < 0 ? Math.ceil(x) : Math.floor(x));
    }

    public static double trunc(double x) {
        return x != x ? x + x : x < 0 ? Math.ceil(x) : Math.floor(x);
    }

    public static float copysign(float x, float sign) {
        return Float.intBitsToFloat(
                Float.floatToRawIntBits(x) & 0x7FFF_FFFF | Float.floatToRawIntBits(sign) & 0x8000_0000);
    }

    public static double copysign(double x, double sign) {
        return Double.longBitsToDouble(
                Double.doubleToRawLongBits(x) & Long.MAX_VALUE | Double.doubleToRawLongBits(sign) & Long.MIN_VALUE);
    }

    public static float abs(float x) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0x7FFF_FFFF);
    }

    public static double abs(double x) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(x) & Long.MAX_VALUE);
    }

    public static float neg(float x) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) ^ 0x8000_0000);
    }

    public static double neg(double x) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(x) ^ Long.MIN_VALUE);
    }

    // Conversions that trap. Every float is exactly a double, so one method serves both.

    public static int truncI32S(double x) {
        if (x > -TWO_POW_31 - 1 && x < TWO_POW_31) {
            return (int) x;
        }
        throw badConversion(x);
    }

    public static int truncI32U(double x) {
        if (x > -1 && x < TWO_POW_32) {
            return (int) (long) x;
        }
        throw badConversion(x);
    }

    public static long truncI64S(double x) {
        if (x >= -TWO_POW_63 && x < TWO_POW_63) {
            return (long) x;
        }
        throw badConversion(x);
    }

    public static long truncI64U(double x) {
        if (x > -1 && x < TWO_POW_64) {
            return toUnsigned(x);
        }
        throw badConversion(x);
    }

    private static Trap badConversion(double x) {
        return new Trap(x != x ? TrapCode.INVALID_CONVERSION_TO_INTEGER : TrapCode.INTEGER_OVERFLOW);
    }

    // Conversions that saturate; the signed ones are the JVM's own.

    public static int truncSatI32U(double x) {
        return x > 0 ? x < TWO_POW_32 ? (int) (long) x : -1 : 0;
    }

    public static long truncSatI64U(double x) {
        return x > 0 ? x < TWO_POW_64 ? toUnsigned(x) : -1 : 0;
    }

    private static long toUnsigned(double x) {
        return x < TWO_POW_63 ? (long) x : (long) (x - TWO_POW_63) ^ Long.MIN_VALUE;
    }

    public static float convertU(long x) {
        // Halving keeps the lowest bit, so that the one rounding sees what the whole number's rounding would see.
        return x >= 0 ? (float) x : (float) (x >>> 1 | x & 1) * 2;
    }

    public static double convertUToDouble(long x) {
        return x >= 0 ? (double) x : (double) (x >>> 1 | x & 1) * 2;
    }
}
