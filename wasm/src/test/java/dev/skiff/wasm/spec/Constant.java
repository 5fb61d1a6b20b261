package dev.skiff.wasm.spec;

import java.math.BigInteger;
import java.util.Optional;

/**
 * A value as a script writes it.
 *
 * @param type a value type's name, or a pattern such as {@code refnull}
 * @param text decimal digits of the raw bits, a NaN pattern, {@code null}, or the number of a host object; absent if the
 *     type says it all
 */
record Constant(String type, Optional<String> text) implements Expected {
    /** An object of the host that scripts refer to by number. */
    record HostObject(BigInteger number) {}

    /** The value as the engine's boxing calls take it. */
    Object boxed() {
        return switch (type) {
            case "i32" -> number().intValue();
            case "i64" -> number().longValue();
            case "f32" -> Float.intBitsToFloat(number().intValue());
            case "f64" -> Double.longBitsToDouble(number().longValue());
            case "externref", "funcref", "exnref" -> isNull() ? null : new HostObject(number());
            default -> throw new IllegalArgumentException("no value of the engine: " + this);
        };
    }

    @Override
    public boolean matches(Object actual) {
        return switch (type) {
            case "i32", "i64" -> boxed().equals(actual);
            case "f32" -> actual instanceof Float f && matchesBits(Float.floatToRawIntBits(f));
            case "f64" -> actual instanceof Double d && matchesBits(Double.doubleToRawLongBits(d));
            case "refnull", "nullref", "nullfuncref", "nullexnref", "nullexternref" -> actual == null;
            case "externref", "funcref", "exnref" ->
                text.isEmpty() ? actual != null : java.util.Objects.equals(boxed(), actual);
            default -> throw new IllegalArgumentException("no value of the engine: " + this);
        };
    }

    private boolean matchesBits(int bits) {
        return switch (text.orElseThrow()) {
            case "nan:canonical" -> (bits & 0x7fff_ffff) == 0x7fc0_0000;
            case "nan:arithmetic" -> (bits & 0x7fc0_0000) == 0x7fc0_0000;
            default -> bits == number().intValue();
        };
    }

    private boolean matchesBits(long bits) {
        return switch (text.orElseThrow()) {
            case "nan:canonical" -> (bits & 0x7fff_ffff_ffff_ffffL) == 0x7ff8_0000_0000_0000L;
            case "nan:arithmetic" -> (bits & 0x7ff8_0000_0000_0000L) == 0x7ff8_0000_0000_0000L;
            default -> bits == number().longValue();
        };
    }

    private boolean isNull() {
        return text.orElseThrow().equals("null");
    }

    private BigInteger number() {
        return new BigInteger(text.orElseThrow());
    }

    @Override
    public String toString() {
        return type + text.map(t -> " " + t).orElse("");
    }
}
