package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.FuncRef;

/** Boxed values on their way between embedders and guests. */
final class Values {
    private Values() {}

    /** A value as generated code has it; throws if it is not of the type. */
    static Object toInternal(ValType type, Object value) {
        boolean fits = switch (type) {
            case NumType number ->
                switch (number) {
                    case I32 -> value instanceof Integer;
                    case I64 -> value instanceof Long;
                    case F32 -> value instanceof Float;
                    case F64 -> value instanceof Double;
                };
            case RefType reference ->
                value == null
                        ? reference.nullable()
                        : switch (reference.heap()) {
                            case FUNC -> value instanceof Func;
                            case EXTERN -> true;
                            case EXN -> value instanceof WasmException;
                        };
        };
        if (!fits) {
            throw new IllegalArgumentException("a value of type " + type + " cannot be "
                    + (value == null ? "null" : value.getClass().getName()));
        }
        return value instanceof Func func && ((RefType) type).heap() == HeapType.FUNC ? func.reference() : value;
    }

    /** A value as embedders see it. */
    static Object toPublic(Object value) {
        return value instanceof FuncRef function ? new Func(function, function.owner) : value;
    }

    /** The bits of a number; 0 for a reference. */
    static long bits(Object value) {
        return switch (value) {
            case Integer i -> i;
            case Long l -> l;
            case Float f -> Float.floatToRawIntBits(f);
            case Double d -> Double.doubleToRawLongBits(d);
            case null, default -> 0;
        };
    }

    /** A number of its bits. */
    static Object fromBits(NumType type, long bits) {
        return switch (type) {
            case I32 -> (int) bits;
            case I64 -> bits;
            case F32 -> Float.intBitsToFloat((int) bits);
            case F64 -> Double.longBitsToDouble(bits);
        };
    }
}
