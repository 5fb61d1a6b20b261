package dev.skiff.host;

import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.ValType;
import java.util.Locale;

/**
 * Numbers as people write them, much as in the WebAssembly text format: integers in decimal or hexadecimal, signed or
 * unsigned; floating-point numbers in decimal or hexadecimal, {@code inf}, {@code nan} and {@code nan:0x...}; each with
 * an optional sign and with {@code _} between digits.
 */
public final class Literals {
    private static final int F32_QUIET = 0x40_0000;
    private static final long F64_QUIET = 0x8_0000_0000_0000L;

    private Literals() {}

    /**
     * Reads a number.
     *
     * @return Integer, Long, Float or Double, as the type says
     * @throws NumberFormatException if the text is no number of the type, with a phrase that says what one would be
     */
    public static Object parse(String text, ValType type) {
        return switch (type) {
            case NumType.I32 -> (int) integer(text, 32);
            case NumType.I64 -> integer(text, 64);
            case NumType.F32 -> f32(text);
            case NumType.F64 -> f64(text);
            case RefType ref ->
                throw new NumberFormatException("a " + ref + " cannot be written on a command line; only numbers can");
        };
    }

    /** Writes a value so that {@link #parse} reads it back; integers as signed decimals, references by their kind. */
    public static String format(Object value, ValType type) {
        return switch (type) {
            case NumType.I32, NumType.I64 -> String.valueOf(value);
            case NumType.F32 -> formatF32((Float) value);
            case NumType.F64 -> formatF64((Double) value);
            case RefType ref -> value == null ? "null" : ref.toString();
        };
    }

    private static long integer(String text, int bits) {
        String body = text.replace("_", "");
        boolean negative = body.startsWith("-");
        if (negative || body.startsWith("+")) {
            body = body.substring(1);
        }
        int radix = 10;
        if (body.startsWith("0x") || body.startsWith("0X")) {
            radix = 16;
            body = body.substring(2);
        }
        try {
            // The sign was taken already; a second one must not pass.
            if (body.isEmpty() || Character.digit(body.charAt(0), radix) < 0) {
                throw new NumberFormatException(body);
            }
            long magnitude = Long.parseUnsignedLong(body, radix);
            if (fits(magnitude, negative, bits)) {
                return negative ? -magnitude : magnitude;
            }
        } catch (NumberFormatException e) {
            // Falls through to the phrase that helps.
        }
        throw new NumberFormatException(
                bits == 32
                        ? "a 32-bit integer is -2147483648 to 4294967295, in decimal or as 0x1f"
                        : "a 64-bit integer is -9223372036854775808 to 18446744073709551615, in decimal or as 0x1f");
    }

    private static boolean fits(long magnitude, boolean negative, int bits) {
        long largest = negative ? 1L << (bits - 1) : bits == 64 ? -1L : (1L << bits) - 1;
        return Long.compareUnsigned(magnitude, largest) <= 0;
    }

    private static float f32(String text) {
        String body = unsigned(text);
        int sign = isNegative(text) ? Integer.MIN_VALUE : 0;
        if (isNan(body)) {
            return Float.intBitsToFloat(sign | 0x7f80_0000 | (int) payload(body, F32_QUIET, 0x7f_ffff));
        }
        return Float.intBitsToFloat(sign | Float.floatToRawIntBits((float) magnitude(body, true)));
    }

    private static double f64(String text) {
        String body = unsigned(text);
        long sign = isNegative(text) ? Long.MIN_VALUE : 0;
        if (isNan(body)) {
            return Double.longBitsToDouble(
                    sign | 0x7ff0_0000_0000_0000L | payload(body, F64_QUIET, 0xf_ffff_ffff_ffffL));
        }
        return Double.longBitsToDouble(sign | Double.doubleToRawLongBits(magnitude(body, false)));
    }

    private static boolean isNegative(String text) {
        return text.startsWith("-");
    }

    private static String unsigned(String text) {
        String body = text.replace("_", "").toLowerCase(Locale.ROOT);
        return body.startsWith("-") || body.startsWith("+") ? body.substring(1) : body;
    }

    private static boolean isNan(String body) {
        return body.equals("nan") || body.startsWith("nan:0x");
    }

    private static long payload(String body, long quiet, long largest) {
        if (body.equals("nan")) {
            return quiet;
        }
        try {
            long payload = Long.parseUnsignedLong(body.substring("nan:0x".length()), 16);
            if (Long.compareUnsigned(payload, 1) >= 0 && Long.compareUnsigned(payload, largest) <= 0) {
                return payload;
            }
        } catch (NumberFormatException e) {
            // Falls through to the phrase that helps.
        }
        throw new NumberFormatException("what follows nan: is 0x1 to 0x" + Long.toHexString(largest));
    }

    /** Rounds once, to the type asked for: a float that went through double could be off by one unit. */
    private static double magnitude(String body, boolean single) {
        if (body.equals("inf") || body.equals("infinity")) {
            return Double.POSITIVE_INFINITY;
        }
        String number = body.startsWith("0x") && body.indexOf('p') < 0 ? body + "p0" : body;
        if (looksLikeNumber(number)) {
            try {
                return single ? Float.parseFloat(number) : Double.parseDouble(number);
            } catch (NumberFormatException e) {
                // Falls through to the phrase that helps.
            }
        }
        throw new NumberFormatException("a floating-point number is written as 1.5, -2e10, 0x1.8p3, inf or nan");
    }

    /** Java's own parser takes more: white space around the number, a type letter behind it. */
    private static boolean looksLikeNumber(String text) {
        if (text.isEmpty()) {
            return false;
        }
        char first = text.charAt(0);
        char last = text.charAt(text.length() - 1);
        return (first == '.' || first >= '0' && first <= '9') && (last == '.' || last >= '0' && last <= '9');
    }

    private static String formatF32(float value) {
        if (Float.isNaN(value)) {
            int bits = Float.floatToRawIntBits(value);
            return nan(bits < 0, bits & 0x7f_ffff, F32_QUIET);
        }
        return finite(Float.toString(value));
    }

    private static String formatF64(double value) {
        if (Double.isNaN(value)) {
            long bits = Double.doubleToRawLongBits(value);
            return nan(bits < 0, bits & 0xf_ffff_ffff_ffffL, F64_QUIET);
        }
        return finite(Double.toString(value));
    }

    private static String nan(boolean negative, long payload, long quiet) {
        return (negative ? "-nan" : "nan") + (payload == quiet ? "" : ":0x" + Long.toHexString(payload));
    }

    private static String finite(String java) {
        String text = java.replace("Infinity", "inf").replace('E', 'e').replace(".0e", "e");
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
