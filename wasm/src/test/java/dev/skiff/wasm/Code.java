package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.Op;

/**
 * Writes instructions: the body of a function ({@link FuncBuilder}) or a constant expression. The final {@code end} is
 * added by the module.
 */
public class Code {
    final Bytes bytes = new Bytes();
    private final ModuleBuilder module;

    Code(ModuleBuilder module) {
        this.module = module;
    }

    /** An instruction with unsigned immediates, such as indices, as its encoding has them. */
    public Code op(int op, int... immediates) {
        if (op > 0xFF) {
            bytes.u8(op >>> 12).u32(op & 0xFFF);
        } else {
            bytes.u8(op);
        }
        for (int immediate : immediates) {
            bytes.u32(Integer.toUnsignedLong(immediate));
        }
        return this;
    }

    public Code i32(int value) {
        bytes.u8(Op.I32_CONST).s64(value);
        return this;
    }

    public Code i64(long value) {
        bytes.u8(Op.I64_CONST).s64(value);
        return this;
    }

    public Code f32(float value) {
        bytes.u8(Op.F32_CONST).littleEndian(Float.floatToRawIntBits(value), 4);
        return this;
    }

    public Code f64(double value) {
        bytes.u8(Op.F64_CONST).littleEndian(Double.doubleToRawLongBits(value), 8);
        return this;
    }

    public Code get(int local) {
        return op(Op.LOCAL_GET, local);
    }

    public Code set(int local) {
        return op(Op.LOCAL_SET, local);
    }

    public Code tee(int local) {
        return op(Op.LOCAL_TEE, local);
    }

    public Code globalGet(int global) {
        return op(Op.GLOBAL_GET, global);
    }

    public Code globalSet(int global) {
        return op(Op.GLOBAL_SET, global);
    }

    /** Opens a block of a type such as {@code "i32 -> i64"}, or {@code ""}. */
    public Code block(String type) {
        return open(Op.BLOCK, type);
    }

    public Code loop(String type) {
        return open(Op.LOOP, type);
    }

    /** The instruction {@code if}. */
    public Code when(String type) {
        return open(Op.IF, type);
    }

    /** The instruction {@code else}. */
    public Code otherwise() {
        return op(Op.ELSE);
    }

    public Code end() {
        return op(Op.END);
    }

    public Code br(int label) {
        return op(Op.BR, label);
    }

    public Code brIf(int label) {
        return op(Op.BR_IF, label);
    }

    /** Branches by the index on the stack; the last label is the default. */
    public Code brTable(int... labels) {
        bytes.u8(Op.BR_TABLE).u32(labels.length - 1L);
        for (int label : labels) {
            bytes.u32(label);
        }
        return this;
    }

    public Code ret() {
        return op(Op.RETURN);
    }

    public Code call(int function) {
        return op(Op.CALL, function);
    }

    public Code call(FuncBuilder function) {
        return call(function.index());
    }

    public Code callIndirect(String type, int table) {
        return op(Op.CALL_INDIRECT, module.type(type), table);
    }

    public Code returnCall(int function) {
        return op(Op.RETURN_CALL, function);
    }

    public Code returnCall(FuncBuilder function) {
        return returnCall(function.index());
    }

    public Code returnCallIndirect(String type, int table) {
        return op(Op.RETURN_CALL_INDIRECT, module.type(type), table);
    }

    /** A load or store of memory 0, with the alignment that is always right. */
    public Code mem(int op, int offset) {
        return op(op, 0, offset);
    }

    /** A load or store of any memory. */
    public Code mem(int op, int memory, int offset) {
        return op(op, 0x40, memory, offset);
    }

    public Code refNull(HeapType heap) {
        bytes.u8(Op.REF_NULL).heap(heap);
        return this;
    }

    public Code refFunc(FuncBuilder function) {
        return op(Op.REF_FUNC, function.index());
    }

    /** A {@code select} with a type, which references need. */
    public Code select(String type) {
        bytes.u8(Op.SELECT_T).u32(1).type(Signature.type(type));
        return this;
    }

    public Code throwing(int tag) {
        return op(Op.THROW, tag);
    }

    /** Opens a {@code try_table}; the labels of the clauses count from outside it. */
    public Code tryTable(String type, Catch... clauses) {
        open(Op.TRY_TABLE, type);
        bytes.u32(clauses.length);
        for (Catch clause : clauses) {
            clause.writeTo(bytes);
        }
        return this;
    }

    /** Adds what another piece of code has. */
    public Code append(Code other) {
        bytes.append(other.bytes);
        return this;
    }

    private Code open(int op, String text) {
        bytes.u8(op);
        FuncType type = Signature.of(text);
        if (!type.params().isEmpty() || type.results().size() > 1) {
            bytes.s64(module.type(type));
        } else if (type.results().isEmpty()) {
            bytes.u8(0x40);
        } else {
            bytes.type(type.results().getFirst());
        }
        return this;
    }
}
