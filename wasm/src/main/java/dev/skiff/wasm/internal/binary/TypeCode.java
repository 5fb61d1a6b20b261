package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.HeapType;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.ValType;

/**
 * Value types as ints, for validation without allocation. A reference is {@link #REF} with the ordinal of its heap type
 * in the low bits and {@link #NULLABLE} if null is a value of it.
 */
final class TypeCode {
    /** The type below all others: an operand that unreachable code makes up (specification, appendix A.3). */
    static final int UNKNOWN = 0;

    static final int I32 = 1;
    static final int I64 = 2;
    static final int F32 = 3;
    static final int F64 = 4;

    static final int REF = 0x10;
    static final int NULLABLE = 0x20;
    static final int FUNCREF = REF | NULLABLE | HeapType.FUNC.ordinal();
    static final int EXTERNREF = REF | NULLABLE | HeapType.EXTERN.ordinal();
    static final int EXNREF = REF | NULLABLE | HeapType.EXN.ordinal();
    /** What {@code ref.func} makes. */
    static final int NON_NULL_FUNC = FUNCREF & ~NULLABLE;
    /** What {@code catch_ref} delivers. */
    static final int NON_NULL_EXN = EXNREF & ~NULLABLE;

    private static final int COUNT = 0x40;
    private static final HeapType[] HEAP_TYPES = HeapType.values();
    private static final ValType[] VALUE_TYPES = new ValType[COUNT];
    private static final int[][] ALONE = new int[COUNT][];

    static {
        for (NumType type : NumType.values()) {
            VALUE_TYPES[I32 + type.ordinal()] = type;
        }
        for (HeapType heap : HEAP_TYPES) {
            VALUE_TYPES[REF | heap.ordinal()] = new RefType(false, heap);
        }
        VALUE_TYPES[FUNCREF] = RefType.FUNCREF;
        VALUE_TYPES[EXTERNREF] = RefType.EXTERNREF;
        VALUE_TYPES[EXNREF] = RefType.EXNREF;
        for (int code = 0; code < COUNT; code++) {
            ALONE[code] = new int[] {code};
        }
    }

    private TypeCode() {}

    /** The type of a code other than {@link #UNKNOWN}. */
    static ValType type(int code) {
        return VALUE_TYPES[code];
    }

    /** The reference type of a reference's code. */
    static RefType refType(int code) {
        return (RefType) VALUE_TYPES[code];
    }

    /** The sequence of this one type; shared, not to be written to. */
    static int[] alone(int code) {
        return ALONE[code];
    }

    static boolean isRef(int code) {
        return (code & REF) != 0;
    }

    /** Whether an operand of the one type can stand where the other is expected (specification, section 3.3.2). */
    static boolean matches(int actual, int expected) {
        return actual == expected || actual == UNKNOWN || (isRef(actual) && actual == (expected & ~NULLABLE));
    }

    /** Whether each type of the one sequence matches its neighbour in the other (section 3.3.4). */
    static boolean matches(int[] actual, int[] expected) {
        if (actual.length != expected.length) {
            return false;
        }
        for (int i = 0; i < actual.length; i++) {
            if (!matches(actual[i], expected[i])) {
                return false;
            }
        }
        return true;
    }

    /** For messages: {@code i32}, {@code funcref}. */
    static String text(int code) {
        return code == UNKNOWN ? "any type" : VALUE_TYPES[code].toString();
    }

    /** For messages: {@code (i32, funcref)}. */
    static String text(int[] codes) {
        StringBuilder text = new StringBuilder("(");
        for (int i = 0; i < codes.length && i < 16; i++) {
            text.append(i == 0 ? "" : ", ").append(text(codes[i]));
        }
        return text.append(codes.length > 16 ? ", ...)" : ")").toString();
    }
}
