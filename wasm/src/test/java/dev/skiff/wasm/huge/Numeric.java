package dev.skiff.wasm.huge;

import dev.skiff.wasm.NumType;
import dev.skiff.wasm.Signature;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.internal.binary.Op;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * A numeric instruction and what it computes, written with Java's operators on boxed values.
 *
 * @param op the opcode
 * @param params types of its one or two operands
 * @param result type of its result
 * @param left for one operand: what it gives
 * @param both for two operands: what they give
 */
record Numeric(int op, List<ValType> params, NumType result, UnaryOperator<Object> left, BinaryOperator<Object> both) {
    /** Instructions that give a result for all operands, the same bits everywhere unless it is a NaN. */
    static final List<Numeric> TOTAL = List.of(
            i32(Op.I32_ADD, (a, b) -> a + b),
            i32(Op.I32_SUB, (a, b) -> a - b),
            i32(Op.I32_MUL, (a, b) -> a * b),
            i32(Op.I32_AND, (a, b) -> a & b),
            i32(Op.I32_OR, (a, b) -> a | b),
            i32(Op.I32_XOR, (a, b) -> a ^ b),
            i32(Op.I32_SHL, (a, b) -> a << b),
            i32(Op.I32_SHR_S, (a, b) -> a >> b),
            i32(Op.I32_SHR_U, (a, b) -> a >>> b),
            i32(Op.I32_ROTL, Integer::rotateLeft),
            i32(Op.I32_ROTR, Integer::rotateRight),
            i32(Op.I32_EQ, (a, b) -> bit(a.intValue() == b.intValue())),
            i32(Op.I32_NE, (a, b) -> bit(a.intValue() != b.intValue())),
            i32(Op.I32_LT_S, (a, b) -> bit(a < b)),
            i32(Op.I32_LT_U, (a, b) -> bit(Integer.compareUnsigned(a, b) < 0)),
            i32(Op.I32_GE_S, (a, b) -> bit(a >= b)),
            i32(Op.I32_GT_U, (a, b) -> bit(Integer.compareUnsigned(a, b) > 0)),
            i64(Op.I64_ADD, (a, b) -> a + b),
            i64(Op.I64_SUB, (a, b) -> a - b),
            i64(Op.I64_MUL, (a, b) -> a * b),
            i64(Op.I64_AND, (a, b) -> a & b),
            i64(Op.I64_OR, (a, b) -> a | b),
            i64(Op.I64_XOR, (a, b) -> a ^ b),
            i64(Op.I64_SHL, (a, b) -> a << b),
            i64(Op.I64_SHR_S, (a, b) -> a >> b),
            i64(Op.I64_SHR_U, (a, b) -> a >>> b),
            i64(Op.I64_ROTL, (a, b) -> Long.rotateLeft(a, (int) (b & 63))),
            compare64(Op.I64_EQ, (a, b) -> bit(a.longValue() == b.longValue())),
            compare64(Op.I64_LT_S, (a, b) -> bit(a < b)),
            compare64(Op.I64_GE_U, (a, b) -> bit(Long.compareUnsigned(a, b) >= 0)),
            f32(Op.F32_ADD, (a, b) -> a + b),
            f32(Op.F32_SUB, (a, b) -> a - b),
            f32(Op.F32_MUL, (a, b) -> a * b),
            f32(Op.F32_DIV, (a, b) -> a / b),
            f32(Op.F32_MIN, Math::min),
            f32(Op.F32_MAX, Math::max),
            f64(Op.F64_ADD, (a, b) -> a + b),
            f64(Op.F64_SUB, (a, b) -> a - b),
            f64(Op.F64_MUL, (a, b) -> a * b),
            f64(Op.F64_DIV, (a, b) -> a / b),
            f64(Op.F64_MIN, Math::min),
            f64(Op.F64_MAX, Math::max),
            binary(Op.F32_LT, "f32 f32 -> i32", (a, b) -> bit((Float) a < (Float) b)),
            binary(Op.F32_EQ, "f32 f32 -> i32", (a, b) -> bit(((Float) a).floatValue() == (Float) b)),
            binary(Op.F64_GE, "f64 f64 -> i32", (a, b) -> bit((Double) a >= (Double) b)),
            binary(Op.F64_NE, "f64 f64 -> i32", (a, b) -> bit(((Double) a).doubleValue() != (Double) b)),
            unary(Op.I32_EQZ, "i32 -> i32", a -> bit((Integer) a == 0)),
            unary(Op.I32_CLZ, "i32 -> i32", a -> Integer.numberOfLeadingZeros((Integer) a)),
            unary(Op.I32_CTZ, "i32 -> i32", a -> Integer.numberOfTrailingZeros((Integer) a)),
            unary(Op.I32_POPCNT, "i32 -> i32", a -> Integer.bitCount((Integer) a)),
            unary(Op.I32_EXTEND8_S, "i32 -> i32", a -> (int) ((Integer) a).byteValue()),
            unary(Op.I32_EXTEND16_S, "i32 -> i32", a -> (int) ((Integer) a).shortValue()),
            unary(Op.I64_EQZ, "i64 -> i32", a -> bit((Long) a == 0)),
            unary(Op.I64_CLZ, "i64 -> i64", a -> (long) Long.numberOfLeadingZeros((Long) a)),
            unary(Op.I64_CTZ, "i64 -> i64", a -> (long) Long.numberOfTrailingZeros((Long) a)),
            unary(Op.I64_POPCNT, "i64 -> i64", a -> (long) Long.bitCount((Long) a)),
            unary(Op.I64_EXTEND32_S, "i64 -> i64", a -> (long) ((Long) a).intValue()),
            unary(Op.I32_WRAP_I64, "i64 -> i32", a -> ((Long) a).intValue()),
            unary(Op.I64_EXTEND_I32_S, "i32 -> i64", a -> ((Integer) a).longValue()),
            unary(Op.I64_EXTEND_I32_U, "i32 -> i64", a -> Integer.toUnsignedLong((Integer) a)),
            unary(Op.F32_CONVERT_I32_S, "i32 -> f32", a -> ((Integer) a).floatValue()),
            unary(Op.F64_CONVERT_I32_U, "i32 -> f64", a -> (double) Integer.toUnsignedLong((Integer) a)),
            unary(Op.F32_CONVERT_I64_S, "i64 -> f32", a -> ((Long) a).floatValue()),
            unary(Op.F64_CONVERT_I64_S, "i64 -> f64", a -> ((Long) a).doubleValue()),
            unary(Op.F32_DEMOTE_F64, "f64 -> f32", a -> ((Double) a).floatValue()),
            unary(Op.F64_PROMOTE_F32, "f32 -> f64", a -> ((Float) a).doubleValue()),
            unary(Op.I32_TRUNC_SAT_F32_S, "f32 -> i32", a -> ((Float) a).intValue()),
            unary(Op.I32_TRUNC_SAT_F64_S, "f64 -> i32", a -> ((Double) a).intValue()),
            unary(Op.I64_TRUNC_SAT_F32_S, "f32 -> i64", a -> ((Float) a).longValue()),
            unary(Op.I64_TRUNC_SAT_F64_S, "f64 -> i64", a -> ((Double) a).longValue()),
            unary(Op.F32_NEG, "f32 -> f32", a -> -(Float) a),
            unary(Op.F32_ABS, "f32 -> f32", a -> Math.abs((Float) a)),
            unary(Op.F32_SQRT, "f32 -> f32", a -> (float) Math.sqrt((Float) a)),
            unary(Op.F32_FLOOR, "f32 -> f32", a -> (float) Math.floor((Float) a)),
            unary(Op.F64_NEG, "f64 -> f64", a -> -(Double) a),
            unary(Op.F64_ABS, "f64 -> f64", a -> Math.abs((Double) a)),
            unary(Op.F64_SQRT, "f64 -> f64", a -> Math.sqrt((Double) a)),
            unary(Op.F64_CEIL, "f64 -> f64", a -> Math.ceil((Double) a)),
            unary(Op.F64_NEAREST, "f64 -> f64", a -> Math.rint((Double) a)));

    /** Instructions that trap for some operands. */
    static final List<Numeric> TRAPPING = List.of(
            i32(Op.I32_DIV_S, (a, b) -> {
                check(b != 0, TrapCode.INTEGER_DIVIDE_BY_ZERO);
                check(a != Integer.MIN_VALUE || b != -1, TrapCode.INTEGER_OVERFLOW);
                return a / b;
            }),
            i32(Op.I32_REM_U, (a, b) -> {
                check(b != 0, TrapCode.INTEGER_DIVIDE_BY_ZERO);
                return Integer.remainderUnsigned(a, b);
            }),
            i64(Op.I64_DIV_U, (a, b) -> {
                check(b != 0, TrapCode.INTEGER_DIVIDE_BY_ZERO);
                return Long.divideUnsigned(a, b);
            }),
            i64(Op.I64_REM_S, (a, b) -> {
                check(b != 0, TrapCode.INTEGER_DIVIDE_BY_ZERO);
                return b == -1 ? 0 : a % b;
            }),
            unary(Op.I32_TRUNC_F64_S, "f64 -> i32", a -> {
                double value = (Double) a;
                check(!Double.isNaN(value), TrapCode.INVALID_CONVERSION_TO_INTEGER);
                check(value > -0x1p31 - 1 && value < 0x1p31, TrapCode.INTEGER_OVERFLOW);
                return (int) value;
            }));

    /** What the instruction gives; throws {@link Trap}. */
    Object apply(Object first, Object second) {
        return params.size() == 1 ? left.apply(first) : both.apply(first, second);
    }

    private static void check(boolean holds, TrapCode code) {
        if (!holds) {
            throw new Trap(code);
        }
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }

    private static Numeric i32(int op, BinaryOperator<Integer> apply) {
        return binary(op, "i32 i32 -> i32", (a, b) -> apply.apply((Integer) a, (Integer) b));
    }

    private static Numeric i64(int op, BinaryOperator<Long> apply) {
        return binary(op, "i64 i64 -> i64", (a, b) -> apply.apply((Long) a, (Long) b));
    }

    private static Numeric compare64(int op, BiFunction<Long, Long, Integer> apply) {
        return binary(op, "i64 i64 -> i32", (a, b) -> apply.apply((Long) a, (Long) b));
    }

    private static Numeric f32(int op, BinaryOperator<Float> apply) {
        return binary(op, "f32 f32 -> f32", (a, b) -> apply.apply((Float) a, (Float) b));
    }

    private static Numeric f64(int op, BinaryOperator<Double> apply) {
        return binary(op, "f64 f64 -> f64", (a, b) -> apply.apply((Double) a, (Double) b));
    }

    private static Numeric unary(int op, String type, UnaryOperator<Object> apply) {
        return new Numeric(op, Signature.of(type).params(), result(type), apply, (a, b) -> a);
    }

    private static Numeric binary(int op, String type, BinaryOperator<Object> apply) {
        return new Numeric(op, Signature.of(type).params(), result(type), a -> a, apply);
    }

    private static NumType result(String type) {
        return (NumType) Signature.of(type).results().getFirst();
    }
}
