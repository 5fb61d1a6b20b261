package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.ModuleException;

/** Types of the instructions that have always the same (WebAssembly specification, sections 3.3.2 and 3.3.10). */
final class Instructions {
    /** What {@link #kind} answers: an instruction that is not in the table. */
    static final int OTHER = 0;
    /** One operand {@link #operand}, one result {@link #result}. */
    static final int UNARY = 1;
    /** Two operands of the type {@link #operand}, one result {@link #result}. */
    static final int BINARY = 2;
    /** A load of a {@link #result} with the natural alignment {@link #naturalAlignment}. */
    static final int LOAD = 3;
    /** A store of an {@link #operand} with the natural alignment {@link #naturalAlignment}. */
    static final int STORE = 4;

    private static final int I32 = TypeCode.I32;
    private static final int I64 = TypeCode.I64;
    private static final int F32 = TypeCode.F32;
    private static final int F64 = TypeCode.F64;

    /** Result and operand of the conversions from i32.wrap_i64 to f64.reinterpret_i64, in the order of opcodes. */
    private static final int[] CONVERSIONS = {
        I32, I64, I32, F32, I32, F32, I32, F64, I32, F64, I64, I32, I64, I32, I64, F32, I64, F32, I64, F64, I64, F64,
        F32, I32, F32, I32, F32, I64, F32, I64, F32, F64, F64, I32, F64, I32, F64, I64, F64, I64, F64, F32, I32, F32,
        I64, F64, F32, I32, F64, I64
    };

    /** Type and logarithm of the width in bytes, of the loads and then the stores, in the order of opcodes. */
    private static final int[] ACCESSES = {
        I32, 2, I64, 3, F32, 2, F64, 3, I32, 0, I32, 0, I32, 1, I32, 1, I64, 0, I64, 0, I64, 1, I64, 1, I64, 2, I64, 2,
        I32, 2, I64, 3, F32, 2, F64, 3, I32, 0, I32, 1, I64, 0, I64, 1, I64, 2
    };

    private static final int[] SHAPES = new int[256];

    static {
        test(Op.I32_EQZ, I32);
        test(Op.I64_EQZ, I64);
        fill(Op.I32_EQ, Op.I32_GE_U, BINARY, I32, I32);
        fill(Op.I64_EQ, Op.I64_GE_U, BINARY, I64, I32);
        fill(Op.F32_EQ, Op.F32_GE, BINARY, F32, I32);
        fill(Op.F64_EQ, Op.F64_GE, BINARY, F64, I32);
        fill(Op.I32_CLZ, Op.I32_POPCNT, UNARY, I32, I32);
        fill(Op.I32_ADD, Op.I32_ROTR, BINARY, I32, I32);
        fill(Op.I64_CLZ, Op.I64_POPCNT, UNARY, I64, I64);
        fill(Op.I64_ADD, Op.I64_ROTR, BINARY, I64, I64);
        fill(Op.F32_ABS, Op.F32_SQRT, UNARY, F32, F32);
        fill(Op.F32_ADD, Op.F32_COPYSIGN, BINARY, F32, F32);
        fill(Op.F64_ABS, Op.F64_SQRT, UNARY, F64, F64);
        fill(Op.F64_ADD, Op.F64_COPYSIGN, BINARY, F64, F64);
        for (int i = 0; i < CONVERSIONS.length; i += 2) {
            int op = Op.I32_WRAP_I64 + i / 2;
            fill(op, op, UNARY, CONVERSIONS[i + 1], CONVERSIONS[i]);
        }
        fill(Op.I32_EXTEND8_S, Op.I32_EXTEND16_S, UNARY, I32, I32);
        fill(Op.I64_EXTEND8_S, Op.I64_EXTEND32_S, UNARY, I64, I64);
        for (int i = 0; i < ACCESSES.length; i += 2) {
            int op = Op.I32_LOAD + i / 2;
            SHAPES[op] = shape(op < Op.I32_STORE ? LOAD : STORE, ACCESSES[i], ACCESSES[i], ACCESSES[i + 1]);
        }
    }

    private Instructions() {}

    private static void test(int op, int operand) {
        fill(op, op, UNARY, operand, I32);
    }

    private static void fill(int first, int last, int kind, int operand, int result) {
        for (int op = first; op <= last; op++) {
            SHAPES[op] = shape(kind, operand, result, 0);
        }
    }

    private static int shape(int kind, int operand, int result, int alignment) {
        return kind << 24 | operand << 16 | result << 8 | alignment;
    }

    /** The table's entry of a one-byte opcode. */
    static int shape(int op) {
        return SHAPES[op];
    }

    static int kind(int shape) {
        return shape >>> 24;
    }

    static int operand(int shape) {
        return shape >>> 16 & 0xFF;
    }

    static int result(int shape) {
        return shape >>> 8 & 0xFF;
    }

    /** The logarithm of the access's width in bytes, the most that its alignment may be. */
    static int naturalAlignment(int shape) {
        return shape & 0xFF;
    }

    /** The error for an opcode that {@link #isKnown} does not know. */
    static ModuleException unknown(int op, int at, Site site) {
        Feature feature = missingFeature(op);
        return feature == null
                ? site.malformed(at, "illegal opcode " + Op.name(op))
                : site.unsupported(at, feature, "instruction " + Op.name(op));
    }

    /** Whether the engine has an instruction with the opcode. */
    static boolean isKnown(int op) {
        return op <= Op.RETURN_CALL_INDIRECT
                || op >= Op.DROP && op <= Op.SELECT_T
                || op == Op.TRY_TABLE
                || op >= Op.LOCAL_GET && op <= Op.TABLE_SET
                || op >= Op.I32_LOAD && op <= Op.I64_EXTEND32_S
                || op >= Op.REF_NULL && op <= Op.REF_FUNC
                || op >= Op.I32_TRUNC_SAT_F32_S && op <= Op.TABLE_FILL;
    }

    private static Feature missingFeature(int op) {
        return switch (op) {
            case Op.TRY, Op.CATCH, Op.RETHROW, Op.DELEGATE, Op.CATCH_ALL -> Feature.LEGACY_EXCEPTIONS;
            case Op.CALL_REF, Op.RETURN_CALL_REF, Op.REF_AS_NON_NULL, Op.BR_ON_NULL, Op.BR_ON_NON_NULL ->
                Feature.TYPED_FUNCTION_REFERENCES;
            case Op.REF_EQ -> Feature.GC;
            case 0xE0, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6 -> Feature.STACK_SWITCHING;
            case 0xFC013, 0xFC014, 0xFC015, 0xFC016 -> Feature.WIDE_ARITHMETIC;
            default ->
                switch (op >>> 12) {
                    case Op.PREFIX_GC -> Feature.GC;
                    case Op.PREFIX_VECTOR -> (op & 0xFFF) < 0x100 ? Feature.SIMD : Feature.RELAXED_SIMD;
                    case Op.PREFIX_ATOMIC -> Feature.THREADS;
                    default -> null;
                };
        };
    }
}
