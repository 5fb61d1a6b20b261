package dev.skiff.wasm.fuzz;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A value at the boundary of a module.
 *
 * @param bits the number's bits; for an external reference the host's token; 0 for null
 * @param isNull whether it is a null reference
 */
record Value(Type type, long bits, boolean isNull) {
    static Value i32(int value) {
        return new Value(Type.I32, value, false);
    }

    static Value i64(long value) {
        return new Value(Type.I64, value, false);
    }

    static Value f32(int bits) {
        return new Value(Type.F32, bits, false);
    }

    static Value f64(long bits) {
        return new Value(Type.F64, bits, false);
    }

    static Value nothing(Type type) {
        return new Value(type, 0, true);
    }

    static Value token(long token) {
        return new Value(Type.EXTERNREF, token, false);
    }

    /** A reference that is not null and of which nothing more is known. */
    static Value something(Type type) {
        return new Value(type, 0, false);
    }

    /** Text that is equal for values that engines may not tell apart: all NaNs are one. */
    @Override
    public String toString() {
        return type
                + ":"
                + switch (type) {
                    case I32, I64 -> Long.toString(bits);
                    case F32 -> Float.isNaN(Float.intBitsToFloat((int) bits)) ? "nan" : Integer.toHexString((int) bits);
                    case F64 -> Double.isNaN(Double.longBitsToDouble(bits)) ? "nan" : Long.toHexString(bits);
                    case EXTERNREF -> isNull ? "null" : Long.toString(bits);
                    default -> isNull ? "null" : "some";
                };
    }

    static String join(List<Value> values) {
        return values.stream().map(Value::toString).collect(Collectors.joining(" "));
    }

    /** Reads what {@link #text} wrote. */
    static Value parse(String text) {
        int colon = text.indexOf(':');
        Type type = Type.valueOf(text.substring(0, colon).toUpperCase(java.util.Locale.ROOT));
        String rest = text.substring(colon + 1);
        if (rest.equals("null")) {
            return nothing(type);
        }
        return switch (type) {
            case I32, I64, EXTERNREF -> new Value(type, Long.parseLong(rest), false);
            case F32 -> f32(Integer.parseUnsignedInt(rest, 16));
            case F64 -> f64(Long.parseUnsignedLong(rest, 16));
            default -> something(type);
        };
    }

    /** Text that keeps the bits of NaNs, for arguments. */
    String text() {
        return switch (type) {
            case F32 -> "f32:" + Integer.toHexString((int) bits);
            case F64 -> "f64:" + Long.toHexString(bits);
            default -> toString();
        };
    }
}
