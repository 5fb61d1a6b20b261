package dev.skiff.wasm.fuzz;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The numeric instructions, straight from the specification (section 4.3). Values are their bits in a long; those of 32-bit
 * types are sign-extended.
 */
final class ModelNumerics {
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    private ModelNumerics() {}

    /** The result of an instruction; the second operand is ignored by unary ones. */
    static long apply(int opcode, long a, long b) {
        if (opcode >= 0xFC00) {
            return saturate(opcode & 7, a);
        }
        if (opcode <= 0x4F) {
            return opcode == 0x45
                    ? bool(a == 0)
                    : compare(opcode - 0x46, Long.compare(a, b), Integer.compareUnsigned((int) a, (int) b));
        }
        if (opcode <= 0x5A) {
            return opcode == 0x50
                    ? bool(a == 0)
                    : compare(opcode - 0x51, Long.compare(a, b), Long.compareUnsigned(a, b));
        }
        if (opcode <= 0x60) {
            return compare(opcode - 0x5B, f32(a), f32(b));
        }
        if (opcode <= 0x66) {
            return compare(opcode - 0x61, f64(a), f64(b));
        }
        if (opcode <= 0x78) {
            return i32(opcode, (int) a, (int) b);
        }
        if (opcode <= 0x8A) {
            return i64(opcode, a, b);
        }
        if (opcode <= 0x98) {
            return f32(opcode, a, b);
        }
        if (opcode <= 0xA6) {
            return f64(opcode, a, b);
        }
        return convert(opcode, a);
    }

    private static long bool(boolean value) {
        return value ? 1 : 0;
    }

    private static float f32(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    private static double f64(long bits) {
        return Double.longBitsToDouble(bits);
    }

    private static long bits(float value) {
        return Float.floatToRawIntBits(value);
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    private static long compare(int relation, int signed, int unsigned) {
        return bool(
                switch (relation) {
                    case 0 -> signed == 0;
                    case 1 -> signed != 0;
                    case 2 -> signed < 0;
                    case 3 -> unsigned < 0;
                    case 4 -> signed > 0;
                    case 5 -> unsigned > 0;
                    case 6 -> signed <= 0;
                    case 7 -> unsigned <= 0;
                    case 8 -> signed >= 0;
                    default -> unsigned >= 0;
                });
    }

    private static long compare(int relation, double a, double b) {
        return bool(
                switch (relation) {
                    case 0 -> a == b;
                    case 1 -> a != b;
                    case 2 -> a < b;
                    case 3 -> a > b;
                    case 4 -> a <= b;
                    default -> a >= b;
                });
    }

    private static long i32(int opcode, int a, int b) {
        if (opcode >= 0x6D && opcode <= 0x70) {
            divisor(b);
        }
        return switch (opcode) {
            case 0x67 -> Integer.numberOfLeadingZeros(a);
            case 0x68 -> Integer.numberOfTrailingZeros(a);
            case 0x69 -> Integer.bitCount(a);
            case 0x6A -> a + b;
            case 0x6B -> a - b;
            case 0x6C -> a * b;
            case 0x6D -> (int) quotient(a, b, a == Integer.MIN_VALUE);
            case 0x6E -> Integer.divideUnsigned(a, b);
            case 0x6F -> b == -1 ? 0 : a % b;
            case 0x70 -> Integer.remainderUnsigned(a, b);
            case 0x71 -> a & b;
            case 0x72 -> a | b;
            case 0x73 -> a ^ b;
            case 0x74 -> a << b;
            case 0x75 -> a >> b;
            case 0x76 -> a >>> b;
            case 0x77 -> Integer.rotateLeft(a, b);
            default -> Integer.rotateRight(a, b);
        };
    }

    private static long i64(int opcode, long a, long b) {
        if (opcode >= 0x7F && opcode <= 0x82) {
            divisor(b);
        }
        return switch (opcode) {
            case 0x79 -> Long.numberOfLeadingZeros(a);
            case 0x7A -> Long.numberOfTrailingZeros(a);
            case 0x7B -> Long.bitCount(a);
            case 0x7C -> a + b;
            case 0x7D -> a - b;
            case 0x7E -> a * b;
            case 0x7F -> quotient(a, b, a == Long.MIN_VALUE);
            case 0x80 -> Long.divideUnsigned(a, b);
            case 0x81 -> b == -1 ? 0 : a % b;
            case 0x82 -> Long.remainderUnsigned(a, b);
            case 0x83 -> a & b;
            case 0x84 -> a | b;
            case 0x85 -> a ^ b;
            case 0x86 -> a << b;
            case 0x87 -> a >> b;
            case 0x88 -> a >>> b;
            case 0x89 -> Long.rotateLeft(a, (int) b);
            default -> Long.rotateRight(a, (int) b);
        };
    }

    private static void divisor(long b) {
        if (b == 0) {
            throw new ModelTrap("INTEGER_DIVIDE_BY_ZERO");
        }
    }

    private static long quotient(long a, long b, boolean least) {
        if (least && b == -1) {
            throw new ModelTrap("INTEGER_OVERFLOW");
        }
        return a / b;
    }

    private static long f32(int opcode, long a, long b) {
        float x = f32(a);
        float y = f32(b);
        return switch (opcode) {
            case 0x8B -> (int) a & 0x7FFF_FFFF;
            case 0x8C -> (int) a ^ 0x8000_0000;
            case 0x92 -> bits(x + y);
            case 0x93 -> bits(x - y);
            case 0x94 -> bits(x * y);
            case 0x95 -> bits(x / y);
            case 0x96 -> bits(Math.min(x, y));
            case 0x97 -> bits(Math.max(x, y));
            case 0x98 -> (int) a & 0x7FFF_FFFF | (int) b & 0x8000_0000;
            default -> bits((float) round(opcode - 0x8D, x));
        };
    }

    private static long f64(int opcode, long a, long b) {
        double x = f64(a);
        double y = f64(b);
        return switch (opcode) {
            case 0x99 -> a & Long.MAX_VALUE;
            case 0x9A -> a ^ Long.MIN_VALUE;
            case 0xA0 -> bits(x + y);
            case 0xA1 -> bits(x - y);
            case 0xA2 -> bits(x * y);
            case 0xA3 -> bits(x / y);
            case 0xA4 -> bits(Math.min(x, y));
            case 0xA5 -> bits(Math.max(x, y));
            case 0xA6 -> a & Long.MAX_VALUE | b & Long.MIN_VALUE;
            default -> bits(round(opcode - 0x9B, x));
        };
    }

    private static double round(int which, double x) {
        return switch (which) {
            case 0 -> Math.ceil(x);
            case 1 -> Math.floor(x);
            case 2 -> x < 0 ? Math.ceil(x) : Math.floor(x);
            case 3 -> Math.rint(x);
            default -> Math.sqrt(x);
        };
    }

    private static long convert(int opcode, long a) {
        return switch (opcode) {
            case 0xA7 -> (int) a;
            case 0xA8, 0xA9, 0xAA, 0xAB -> truncate(opcode - 0xA8, a);
            case 0xAC -> a;
            case 0xAD -> a & 0xFFFF_FFFFL;
            case 0xAE, 0xAF, 0xB0, 0xB1 -> truncate(opcode - 0xAE + 4, a);
            case 0xB2, 0xB4 -> bits((float) a);
            case 0xB3 -> bits((float) (a & 0xFFFF_FFFFL));
            case 0xB5 -> bits(unsigned(a).floatValue());
            case 0xB6 -> bits((float) f64(a));
            case 0xB7, 0xB9 -> bits((double) a);
            case 0xB8 -> bits((double) (a & 0xFFFF_FFFFL));
            case 0xBA -> bits(unsigned(a).doubleValue());
            case 0xBB -> bits((double) f32(a));
            case 0xC0, 0xC2 -> (byte) a;
            case 0xC1, 0xC3 -> (short) a;
            case 0xC4 -> (int) a;
            default -> a;
        };
    }

    private static BigInteger unsigned(long value) {
        var signed = BigInteger.valueOf(value);
        return value < 0 ? signed.add(TWO_64) : signed;
    }

    /** A conversion that traps; its variants are numbered as those of the saturating ones. */
    private static long truncate(int variant, long bits) {
        double value = (variant & 2) == 0 ? f32(bits) : f64(bits);
        if (Double.isNaN(value)) {
            throw new ModelTrap("INVALID_CONVERSION_TO_INTEGER");
        }
        if (Double.isInfinite(value) || !integer(value).equals(clamped(variant, integer(value)))) {
            throw new ModelTrap("INTEGER_OVERFLOW");
        }
        return saturate(variant, bits);
    }

    /** A saturating conversion: bit 0 of the variant says unsigned, bit 1 from f64, bit 2 to i64. */
    private static long saturate(int variant, long bits) {
        double value = (variant & 2) == 0 ? f32(bits) : f64(bits);
        if (Double.isNaN(value)) {
            return 0;
        }
        var whole = Double.isInfinite(value) ? TWO_64.multiply(BigInteger.valueOf(value < 0 ? -1 : 1)) : integer(value);
        var clamped = clamped(variant, whole);
        return (variant & 4) == 0 ? clamped.intValue() : clamped.longValue();
    }

    private static BigInteger integer(double value) {
        return new BigDecimal(value).toBigInteger();
    }

    private static BigInteger clamped(int variant, BigInteger value) {
        int width = (variant & 4) == 0 ? 32 : 64;
        boolean unsigned = (variant & 1) != 0;
        var least =
                unsigned ? BigInteger.ZERO : BigInteger.ONE.shiftLeft(width - 1).negate();
        var most = BigInteger.ONE.shiftLeft(unsigned ? width : width - 1).subtract(BigInteger.ONE);
        return value.max(least).min(most);
    }
}
