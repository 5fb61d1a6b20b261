package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;

/**
 * How a load or store touches memory.
 *
 * @param width bytes: 1, 2, 4 or 8
 * @param accessor second part of the accessor's name, as in getInt
 * @param type what the accessor takes or gives
 */
record MemoryAccess(int width, String accessor, ClassDesc type) {
    private static final MemoryAccess BYTE = new MemoryAccess(1, "Byte", ConstantDescs.CD_byte);
    private static final MemoryAccess SHORT = new MemoryAccess(2, "Short", ConstantDescs.CD_short);
    private static final MemoryAccess CHAR = new MemoryAccess(2, "Char", ConstantDescs.CD_char);
    private static final MemoryAccess INT = new MemoryAccess(4, "Int", ConstantDescs.CD_int);
    private static final MemoryAccess LONG = new MemoryAccess(8, "Long", ConstantDescs.CD_long);
    private static final MemoryAccess FLOAT = new MemoryAccess(4, "Float", ConstantDescs.CD_float);
    private static final MemoryAccess DOUBLE = new MemoryAccess(8, "Double", ConstantDescs.CD_double);

    static MemoryAccess of(int op) {
        return switch (op) {
            case I32_LOAD8_S, I32_LOAD8_U, I64_LOAD8_S, I64_LOAD8_U, I32_STORE8, I64_STORE8 -> BYTE;
            case I32_LOAD16_U, I64_LOAD16_U -> CHAR;
            case I32_LOAD16_S, I64_LOAD16_S, I32_STORE16, I64_STORE16 -> SHORT;
            case I32_LOAD, I64_LOAD32_S, I64_LOAD32_U, I32_STORE, I64_STORE32 -> INT;
            case I64_LOAD, I64_STORE -> LONG;
            case F32_LOAD, F32_STORE -> FLOAT;
            case F64_LOAD, F64_STORE -> DOUBLE;
            default -> throw new IllegalArgumentException("no memory access: " + name(op));
        };
    }
}
