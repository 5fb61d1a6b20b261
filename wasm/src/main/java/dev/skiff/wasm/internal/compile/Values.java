package dev.skiff.wasm.internal.compile;

import static java.lang.constant.ConstantDescs.CD_Double;
import static java.lang.constant.ConstantDescs.CD_Float;
import static java.lang.constant.ConstantDescs.CD_Integer;
import static java.lang.constant.ConstantDescs.CD_Long;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.skiff.wasm.Trap;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** Emits what moves values about: between the stack, local variables, arrays and the transfer. */
final class Values {
    static final ClassDesc CD_FLOAT = CD_Float;
    static final ClassDesc CD_DOUBLE = CD_Double;
    static final ClassDesc CD_TRAP = Descs.of(Trap.class);
    static final MethodTypeDesc I_F = MethodTypeDesc.of(CD_float, CD_int);
    static final MethodTypeDesc J_D = MethodTypeDesc.of(CD_double, CD_long);
    private static final MethodTypeDesc F_I = MethodTypeDesc.of(CD_int, CD_float);
    private static final MethodTypeDesc D_J = MethodTypeDesc.of(CD_long, CD_double);

    private final CodeBuilder code;
    private final JvmLocals jvm;
    private final int instance;

    Values(CodeBuilder code, JvmLocals jvm, int instance) {
        this.code = code;
        this.jvm = jvm;
        this.instance = instance;
    }

    void zero(Slot slot) {
        switch (slot) {
            case I32 -> code.iconst_0();
            case I64 -> code.lconst_0();
            case F32 -> code.fconst_0();
            case F64 -> code.dconst_0();
            case FUNC, EXTERN, EXN -> code.aconst_null();
        }
    }

    void pop(Slot slot) {
        if (slot.width == 2) {
            code.pop2();
        } else {
            code.pop();
        }
    }

    void dup(Slot slot) {
        if (slot.width == 2) {
            code.dup2();
        } else {
            code.dup();
        }
    }

    /** Gives an Object on the stack its type. */
    void cast(Slot slot) {
        if (slot.isReference() && slot != Slot.EXTERN) {
            code.checkcast(slot.desc);
        }
    }

    /** From a number to its bits as a long. */
    void toBits(Slot slot) {
        switch (slot) {
            case I32 -> code.i2l();
            case F32 -> code.invokestatic(CD_Float, "floatToRawIntBits", F_I).i2l();
            case F64 -> code.invokestatic(CD_Double, "doubleToRawLongBits", D_J);
            default -> {}
        }
    }

    /** From the bits in a long to the number. */
    void fromBits(Slot slot) {
        switch (slot) {
            case I32 -> code.l2i();
            case F32 -> code.l2i().invokestatic(CD_Float, "intBitsToFloat", I_F);
            case F64 -> code.invokestatic(CD_Double, "longBitsToDouble", J_D);
            default -> {}
        }
    }

    /** Moves the value on the stack to an element of the array of numbers or of that of references. */
    void intoArray(Slot slot, int numbers, int references, int index) {
        if (slot.isReference()) {
            code.aload(references).swap();
            code.loadConstant(index).swap().aastore();
        } else {
            toBits(slot);
            // Beneath the long come the array and the index.
            code.aload(numbers).loadConstant(index).dup2_x2().pop2().lastore();
        }
    }

    /** Stores a local variable as {@link #intoArray} does what is on the stack. */
    void variableIntoArray(Slot slot, int variable, int numbers, int references, int index) {
        code.aload(slot.isReference() ? references : numbers).loadConstant(index);
        code.loadLocal(slot.kind, variable);
        if (slot.isReference()) {
            code.aastore();
        } else {
            toBits(slot);
            code.lastore();
        }
    }

    /** Loads what {@link #intoArray} stored. */
    void fromArray(Slot slot, int numbers, int references, int index) {
        if (slot.isReference()) {
            code.aload(references).loadConstant(index).aaload();
            cast(slot);
        } else {
            code.aload(numbers).loadConstant(index).laload();
            fromBits(slot);
        }
    }

    /** Moves the value on the stack to the transfer. */
    void intoTransfer(Slot slot, int index) {
        code.loadConstant(index).aload(instance);
        code.invokestatic(
                Descs.TRANSFER, "put", MethodTypeDesc.of(CD_void, slot.erased(), CD_int, Descs.GUEST_INSTANCE));
    }

    /** Moves all values on the stack to the transfer, in their order. */
    void allIntoTransfer(Slot[] slots) {
        for (int i = slots.length - 1; i >= 0; i--) {
            intoTransfer(slots[i], i);
        }
    }

    /** Loads a value from the transfer. */
    void fromTransfer(Slot slot, int index) {
        String name = switch (slot) {
            case I32 -> "getInt";
            case I64 -> "getLong";
            case F32 -> "getFloat";
            case F64 -> "getDouble";
            case FUNC, EXTERN, EXN -> "getObject";
        };
        code.loadConstant(index).aload(instance);
        code.invokestatic(Descs.TRANSFER, name, MethodTypeDesc.of(slot.erased(), CD_int, Descs.GUEST_INSTANCE));
        cast(slot);
    }

    /** Returns the values on the stack: the first as the method's result, the others in the transfer. */
    void returnResults(Slot[] results) {
        for (int i = results.length - 1; i > 0; i--) {
            intoTransfer(results[i], i);
        }
        if (results.length == 0) {
            code.return_();
        } else {
            code.return_(results[0].kind);
        }
    }

    /** Moves the values on top of the stack to temporary variables; {@link #release} them in the end. */
    int[] saveAll(Slot[] slots) {
        int[] variables = new int[slots.length];
        for (int i = 0; i < slots.length; i++) {
            variables[i] = jvm.temporary(slots[i].width);
        }
        for (int i = slots.length - 1; i >= 0; i--) {
            code.storeLocal(slots[i].kind, variables[i]);
        }
        return variables;
    }

    void loadAll(Slot[] slots, int[] variables) {
        for (int i = 0; i < slots.length; i++) {
            code.loadLocal(slots[i].kind, variables[i]);
        }
    }

    void release(Slot[] slots) {
        for (Slot slot : slots) {
            jvm.release(slot.width);
        }
    }

    void box(Slot slot) {
        ClassDesc box = boxOf(slot);
        if (box != null) {
            code.invokestatic(box, "valueOf", MethodTypeDesc.of(box, slot.desc));
        }
    }

    void unbox(Slot slot) {
        ClassDesc box = boxOf(slot);
        if (box == null) {
            cast(slot);
        } else {
            code.checkcast(box);
            code.invokevirtual(box, slot.desc.displayName() + "Value", MethodTypeDesc.of(slot.desc));
        }
    }

    private static ClassDesc boxOf(Slot slot) {
        return switch (slot) {
            case I32 -> CD_Integer;
            case I64 -> CD_Long;
            case F32 -> CD_Float;
            case F64 -> CD_Double;
            case FUNC, EXTERN, EXN -> null;
        };
    }

    /** From a number on the stack, unsigned, to the character at that place in a string, or to its last character. */
    void lookUp(String table) {
        code.loadConstant(table);
        code.invokestatic(Descs.CALLS, "lookUp", MethodTypeDesc.of(CD_int, CD_int, CD_String));
    }

    static ClassDesc objectArray() {
        return CD_Object.arrayType();
    }
}
