package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;
import static java.lang.constant.ConstantDescs.CD_Double;
import static java.lang.constant.ConstantDescs.CD_Float;
import static java.lang.constant.ConstantDescs.CD_Integer;
import static java.lang.constant.ConstantDescs.CD_Long;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** Emits numeric instructions (specification, section 4.3). Operands are on the JVM's stack. */
final class NumericEmitter {
    private static final ClassDesc CD_MATH = Descs.of(Math.class);
    private static final MethodTypeDesc I_I = MethodTypeDesc.of(CD_int, CD_int);
    private static final MethodTypeDesc II_I = MethodTypeDesc.of(CD_int, CD_int, CD_int);
    private static final MethodTypeDesc J_I = MethodTypeDesc.of(CD_int, CD_long);
    private static final MethodTypeDesc J_F = MethodTypeDesc.of(CD_float, CD_long);
    private static final MethodTypeDesc J_D = MethodTypeDesc.of(CD_double, CD_long);
    private static final MethodTypeDesc JJ_J = MethodTypeDesc.of(CD_long, CD_long, CD_long);
    private static final MethodTypeDesc JJ_I = MethodTypeDesc.of(CD_int, CD_long, CD_long);
    private static final MethodTypeDesc JI_J = MethodTypeDesc.of(CD_long, CD_long, CD_int);
    private static final MethodTypeDesc F_F = MethodTypeDesc.of(CD_float, CD_float);
    private static final MethodTypeDesc FF_F = MethodTypeDesc.of(CD_float, CD_float, CD_float);
    private static final MethodTypeDesc D_D = MethodTypeDesc.of(CD_double, CD_double);
    private static final MethodTypeDesc DD_D = MethodTypeDesc.of(CD_double, CD_double, CD_double);
    private static final MethodTypeDesc D_I = MethodTypeDesc.of(CD_int, CD_double);
    private static final MethodTypeDesc D_J = MethodTypeDesc.of(CD_long, CD_double);
    private static final MethodTypeDesc F_I = MethodTypeDesc.of(CD_int, CD_float);
    private static final MethodTypeDesc I_F = MethodTypeDesc.of(CD_float, CD_int);

    private NumericEmitter() {}

    /** Emits an instruction that is not a comparison. */
    static void emit(CodeBuilder code, int op) {
        switch (op) {
            case I32_CLZ -> code.invokestatic(CD_Integer, "numberOfLeadingZeros", I_I);
            case I32_CTZ -> code.invokestatic(CD_Integer, "numberOfTrailingZeros", I_I);
            case I32_POPCNT -> code.invokestatic(CD_Integer, "bitCount", I_I);
            case I32_ADD -> code.iadd();
            case I32_SUB -> code.isub();
            case I32_MUL -> code.imul();
            case I32_DIV_S -> code.invokestatic(Descs.OPS, "divS", II_I);
            case I32_DIV_U -> code.invokestatic(CD_Integer, "divideUnsigned", II_I);
            case I32_REM_S -> code.irem();
            case I32_REM_U -> code.invokestatic(CD_Integer, "remainderUnsigned", II_I);
            case I32_AND -> code.iand();
            case I32_OR -> code.ior();
            case I32_XOR -> code.ixor();
            case I32_SHL -> code.ishl();
            case I32_SHR_S -> code.ishr();
            case I32_SHR_U -> code.iushr();
            case I32_ROTL -> code.invokestatic(CD_Integer, "rotateLeft", II_I);
            case I32_ROTR -> code.invokestatic(CD_Integer, "rotateRight", II_I);
            case I64_CLZ ->
                code.invokestatic(CD_Long, "numberOfLeadingZeros", J_I).i2l();
            case I64_CTZ ->
                code.invokestatic(CD_Long, "numberOfTrailingZeros", J_I).i2l();
            case I64_POPCNT -> code.invokestatic(CD_Long, "bitCount", J_I).i2l();
            case I64_ADD -> code.ladd();
            case I64_SUB -> code.lsub();
            case I64_MUL -> code.lmul();
            case I64_DIV_S -> code.invokestatic(Descs.OPS, "divS", JJ_J);
            case I64_DIV_U -> code.invokestatic(CD_Long, "divideUnsigned", JJ_J);
            case I64_REM_S -> code.lrem();
            case I64_REM_U -> code.invokestatic(CD_Long, "remainderUnsigned", JJ_J);
            case I64_AND -> code.land();
            case I64_OR -> code.lor();
            case I64_XOR -> code.lxor();
            case I64_SHL -> code.l2i().lshl();
            case I64_SHR_S -> code.l2i().lshr();
            case I64_SHR_U -> code.l2i().lushr();
            case I64_ROTL -> code.l2i().invokestatic(CD_Long, "rotateLeft", JI_J);
            case I64_ROTR -> code.l2i().invokestatic(CD_Long, "rotateRight", JI_J);
            case F32_ADD -> code.fadd();
            case F32_SUB -> code.fsub();
            case F32_MUL -> code.fmul();
            case F32_DIV -> code.fdiv();
            case F32_SQRT -> code.f2d().invokestatic(CD_MATH, "sqrt", D_D).d2f();
            case F64_ADD -> code.dadd();
            case F64_SUB -> code.dsub();
            case F64_MUL -> code.dmul();
            case F64_DIV -> code.ddiv();
            case F64_SQRT -> code.invokestatic(CD_MATH, "sqrt", D_D);
            default -> {
                if (op >= F32_ABS && op <= F64_COPYSIGN) {
                    floatHelper(code, op);
                } else {
                    convert(code, op);
                }
            }
        }
    }

    private static void floatHelper(CodeBuilder code, int op) {
        boolean single = op < F64_ABS;
        String name = switch (single ? op : op - (F64_ABS - F32_ABS)) {
            case F32_ABS -> "abs";
            case F32_NEG -> "neg";
            case F32_CEIL -> "ceil";
            case F32_FLOOR -> "floor";
            case F32_TRUNC -> "trunc";
            case F32_NEAREST -> "nearest";
            case F32_MIN -> "min";
            case F32_MAX -> "max";
            case F32_COPYSIGN -> "copysign";
            default -> throw new IllegalArgumentException(dev.skiff.wasm.internal.binary.Op.name(op));
        };
        boolean binary = Effects.pops(op) == 2;
        code.invokestatic(Descs.OPS, name, single ? (binary ? FF_F : F_F) : (binary ? DD_D : D_D));
    }

    private static void convert(CodeBuilder code, int op) {
        switch (op) {
            case I32_WRAP_I64 -> code.l2i();
            case I32_TRUNC_F32_S -> code.f2d().invokestatic(Descs.OPS, "truncI32S", D_I);
            case I32_TRUNC_F32_U -> code.f2d().invokestatic(Descs.OPS, "truncI32U", D_I);
            case I32_TRUNC_F64_S -> code.invokestatic(Descs.OPS, "truncI32S", D_I);
            case I32_TRUNC_F64_U -> code.invokestatic(Descs.OPS, "truncI32U", D_I);
            case I64_EXTEND_I32_S -> code.i2l();
            case I64_EXTEND_I32_U -> unsigned(code);
            case I64_TRUNC_F32_S -> code.f2d().invokestatic(Descs.OPS, "truncI64S", D_J);
            case I64_TRUNC_F32_U -> code.f2d().invokestatic(Descs.OPS, "truncI64U", D_J);
            case I64_TRUNC_F64_S -> code.invokestatic(Descs.OPS, "truncI64S", D_J);
            case I64_TRUNC_F64_U -> code.invokestatic(Descs.OPS, "truncI64U", D_J);
            case F32_CONVERT_I32_S -> code.i2f();
            case F32_CONVERT_I32_U -> unsigned(code).l2f();
            case F32_CONVERT_I64_S -> code.l2f();
            case F32_CONVERT_I64_U -> code.invokestatic(Descs.OPS, "convertU", J_F);
            case F32_DEMOTE_F64 -> code.d2f();
            case F64_CONVERT_I32_S -> code.i2d();
            case F64_CONVERT_I32_U -> unsigned(code).l2d();
            case F64_CONVERT_I64_S -> code.l2d();
            case F64_CONVERT_I64_U -> code.invokestatic(Descs.OPS, "convertUToDouble", J_D);
            case F64_PROMOTE_F32 -> code.f2d();
            case I32_REINTERPRET_F32 -> code.invokestatic(CD_Float, "floatToRawIntBits", F_I);
            case I64_REINTERPRET_F64 -> code.invokestatic(CD_Double, "doubleToRawLongBits", D_J);
            case F32_REINTERPRET_I32 -> code.invokestatic(CD_Float, "intBitsToFloat", I_F);
            case F64_REINTERPRET_I64 -> code.invokestatic(CD_Double, "longBitsToDouble", J_D);
            case I32_EXTEND8_S -> code.i2b();
            case I32_EXTEND16_S -> code.i2s();
            case I64_EXTEND8_S -> code.l2i().i2b().i2l();
            case I64_EXTEND16_S -> code.l2i().i2s().i2l();
            case I64_EXTEND32_S -> code.l2i().i2l();
            case I32_TRUNC_SAT_F32_S -> code.f2i();
            case I32_TRUNC_SAT_F32_U -> code.f2d().invokestatic(Descs.OPS, "truncSatI32U", D_I);
            case I32_TRUNC_SAT_F64_S -> code.d2i();
            case I32_TRUNC_SAT_F64_U -> code.invokestatic(Descs.OPS, "truncSatI32U", D_I);
            case I64_TRUNC_SAT_F32_S -> code.f2l();
            case I64_TRUNC_SAT_F32_U -> code.f2d().invokestatic(Descs.OPS, "truncSatI64U", D_J);
            case I64_TRUNC_SAT_F64_S -> code.d2l();
            case I64_TRUNC_SAT_F64_U -> code.invokestatic(Descs.OPS, "truncSatI64U", D_J);
            default -> throw new IllegalArgumentException(dev.skiff.wasm.internal.binary.Op.name(op));
        }
    }

    /** Widens an i32 as unsigned. */
    static CodeBuilder unsigned(CodeBuilder code) {
        return code.i2l().loadConstant(0xFFFF_FFFFL).land();
    }

    /** Emits a comparison and jumps if its outcome is {@code when}. */
    static void compareAndJump(CodeBuilder code, int op, boolean when, Label target) {
        if (op == I32_EQZ) {
            jump(code, Opcode.IFEQ, when, target);
        } else if (op >= I32_EQ && op <= I32_GE_U) {
            compareInts(code, op, when, target);
        } else {
            jump(code, compare(code, op), when, target);
        }
    }

    private static void compareInts(CodeBuilder code, int op, boolean when, Label target) {
        switch (op) {
            case I32_EQ -> jump(code, Opcode.IF_ICMPEQ, when, target);
            case I32_NE -> jump(code, Opcode.IF_ICMPNE, when, target);
            case I32_LT_S -> jump(code, Opcode.IF_ICMPLT, when, target);
            case I32_GT_S -> jump(code, Opcode.IF_ICMPGT, when, target);
            case I32_LE_S -> jump(code, Opcode.IF_ICMPLE, when, target);
            case I32_GE_S -> jump(code, Opcode.IF_ICMPGE, when, target);
            default -> {
                code.invokestatic(CD_Integer, "compareUnsigned", II_I);
                Opcode jump = switch (op) {
                    case I32_LT_U -> Opcode.IFLT;
                    case I32_GT_U -> Opcode.IFGT;
                    case I32_LE_U -> Opcode.IFLE;
                    default -> Opcode.IFGE;
                };
                jump(code, jump, when, target);
            }
        }
    }

    /** Compares other than i32 values to a number below, at or above zero; returns the jump for a true outcome. */
    private static Opcode compare(CodeBuilder code, int op) {
        switch (op) {
            case I64_EQZ -> code.lconst_0().lcmp();
            case I64_EQ, I64_NE, I64_LT_S, I64_GT_S, I64_LE_S, I64_GE_S -> code.lcmp();
            case I64_LT_U, I64_GT_U, I64_LE_U, I64_GE_U -> code.invokestatic(CD_Long, "compareUnsigned", JJ_I);
            // A NaN makes every comparison but != false.
            case F32_LT, F32_LE -> code.fcmpg();
            case F32_EQ, F32_NE, F32_GT, F32_GE -> code.fcmpl();
            case F64_LT, F64_LE -> code.dcmpg();
            case F64_EQ, F64_NE, F64_GT, F64_GE -> code.dcmpl();
            default -> throw new IllegalArgumentException(dev.skiff.wasm.internal.binary.Op.name(op));
        }
        return switch (op) {
            case I64_EQZ, I64_EQ, F32_EQ, F64_EQ -> Opcode.IFEQ;
            case I64_NE, F32_NE, F64_NE -> Opcode.IFNE;
            case I64_LT_S, I64_LT_U, F32_LT, F64_LT -> Opcode.IFLT;
            case I64_GT_S, I64_GT_U, F32_GT, F64_GT -> Opcode.IFGT;
            case I64_LE_S, I64_LE_U, F32_LE, F64_LE -> Opcode.IFLE;
            default -> Opcode.IFGE;
        };
    }

    private static void jump(CodeBuilder code, Opcode whenTrue, boolean when, Label target) {
        code.branch(when ? whenTrue : inverse(whenTrue), target);
    }

    private static Opcode inverse(Opcode jump) {
        return switch (jump) {
            case IFEQ -> Opcode.IFNE;
            case IFNE -> Opcode.IFEQ;
            case IFLT -> Opcode.IFGE;
            case IFGE -> Opcode.IFLT;
            case IFGT -> Opcode.IFLE;
            case IFLE -> Opcode.IFGT;
            case IF_ICMPEQ -> Opcode.IF_ICMPNE;
            case IF_ICMPNE -> Opcode.IF_ICMPEQ;
            case IF_ICMPLT -> Opcode.IF_ICMPGE;
            case IF_ICMPGE -> Opcode.IF_ICMPLT;
            case IF_ICMPGT -> Opcode.IF_ICMPLE;
            case IF_ICMPLE -> Opcode.IF_ICMPGT;
            default -> throw new IllegalArgumentException(jump.toString());
        };
    }
}
