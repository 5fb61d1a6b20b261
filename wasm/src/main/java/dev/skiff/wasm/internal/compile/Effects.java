package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;

/**
 * What instructions without immediates that matter to types do to the operand stack: how many operands they take and the
 * type of their result. Also a rough size of the JVM code that each becomes.
 */
final class Effects {
    private static final byte[] POPS = new byte[256];
    private static final Slot[] RESULT = new Slot[256];

    static {
        set(I32_LOAD, I32_LOAD16_U, 1, Slot.I32);
        set(I32_LOAD, I32_LOAD, 1, Slot.I32);
        set(I64_LOAD, I64_LOAD, 1, Slot.I64);
        set(F32_LOAD, F32_LOAD, 1, Slot.F32);
        set(F64_LOAD, F64_LOAD, 1, Slot.F64);
        set(I64_LOAD8_S, I64_LOAD32_U, 1, Slot.I64);
        set(I32_STORE, I64_STORE32, 2, null);
        set(I32_CONST, I32_CONST, 0, Slot.I32);
        set(I64_CONST, I64_CONST, 0, Slot.I64);
        set(F32_CONST, F32_CONST, 0, Slot.F32);
        set(F64_CONST, F64_CONST, 0, Slot.F64);
        set(I32_EQZ, I32_EQZ, 1, Slot.I32);
        set(I32_EQ, I32_GE_U, 2, Slot.I32);
        set(I64_EQZ, I64_EQZ, 1, Slot.I32);
        set(I64_EQ, F64_GE, 2, Slot.I32);
        set(I32_CLZ, I32_POPCNT, 1, Slot.I32);
        set(I32_ADD, I32_ROTR, 2, Slot.I32);
        set(I64_CLZ, I64_POPCNT, 1, Slot.I64);
        set(I64_ADD, I64_ROTR, 2, Slot.I64);
        set(F32_ABS, F32_SQRT, 1, Slot.F32);
        set(F32_ADD, F32_COPYSIGN, 2, Slot.F32);
        set(F64_ABS, F64_SQRT, 1, Slot.F64);
        set(F64_ADD, F64_COPYSIGN, 2, Slot.F64);
        set(I32_WRAP_I64, I32_TRUNC_F64_U, 1, Slot.I32);
        set(I64_EXTEND_I32_S, I64_TRUNC_F64_U, 1, Slot.I64);
        set(F32_CONVERT_I32_S, F32_DEMOTE_F64, 1, Slot.F32);
        set(F64_CONVERT_I32_S, F64_PROMOTE_F32, 1, Slot.F64);
        set(I32_REINTERPRET_F32, I32_REINTERPRET_F32, 1, Slot.I32);
        set(I64_REINTERPRET_F64, I64_REINTERPRET_F64, 1, Slot.I64);
        set(F32_REINTERPRET_I32, F32_REINTERPRET_I32, 1, Slot.F32);
        set(F64_REINTERPRET_I64, F64_REINTERPRET_I64, 1, Slot.F64);
        set(I32_EXTEND8_S, I32_EXTEND16_S, 1, Slot.I32);
        set(I64_EXTEND8_S, I64_EXTEND32_S, 1, Slot.I64);
    }

    private Effects() {}

    private static void set(int first, int last, int pops, Slot result) {
        for (int op = first; op <= last; op++) {
            POPS[op] = (byte) pops;
            RESULT[op] = result;
        }
    }

    /** How many operands an instruction takes; for numeric instructions, loads, stores and constants. */
    static int pops(int op) {
        return op < 256 ? POPS[op] : 1;
    }

    /** The type of its result, or null for none. */
    static Slot result(int op) {
        if (op < 256) {
            return RESULT[op];
        }
        return op <= I32_TRUNC_SAT_F64_U ? Slot.I32 : Slot.I64;
    }

    /** Whether it compares two numbers, or one with zero. */
    static boolean isComparison(int op) {
        return op >= I32_EQZ && op <= F64_GE;
    }

    /** Whether it is a memory load. */
    static boolean isLoad(int op) {
        return op >= I32_LOAD && op <= I64_LOAD32_U;
    }

    /** Whether it is a memory store. */
    static boolean isStore(int op) {
        return op >= I32_STORE && op <= I64_STORE32;
    }

    /** About how many bytes of JVM code an instruction becomes, a little on the high side. */
    static int size(int op) {
        if (isLoad(op)) {
            return 26;
        }
        if (isStore(op)) {
            return 30;
        }
        if (isComparison(op)) {
            return 9;
        }
        return switch (op) {
            case LOCAL_GET, LOCAL_SET, LOCAL_TEE, DROP, NOP -> 3;
            case GLOBAL_GET, GLOBAL_SET -> 8;
            case SELECT, SELECT_T -> 9;
            case CALL -> 22;
            case RETURN_CALL -> 24;
            case CALL_INDIRECT -> 42;
            case RETURN_CALL_INDIRECT -> 50;
            case LOOP -> 40;
            case TRY_TABLE -> 60;
            case THROW -> 40;
            case BR -> 14;
            case BR_IF, IF -> 8;
            case BLOCK, ELSE, END, RETURN -> 5;
            default -> op >= 0x100 ? 14 : 4;
        };
    }
}
