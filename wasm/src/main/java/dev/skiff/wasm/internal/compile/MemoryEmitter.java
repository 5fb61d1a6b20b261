package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Objects;

/**
 * The one place that emits accesses to linear memory. Each is preceded by a check of its whole range against the memory's
 * size: the effective address, a sum of at most 34 bits that cannot overflow, must be below {@code size - width + 1}.
 *
 * <p>A method keeps the first memory's base and, for each width that it uses, that bound in local variables. Off-heap the
 * base never changes, and address and bound both include it, so that what was checked is what is accessed. Whatever may
 * have grown the memory makes the bounds stale, and they are loaded anew before the next access.
 */
final class MemoryEmitter {
    private static final ClassDesc CD_OBJECTS = Descs.of(Objects.class);
    private static final ClassDesc CD_LINEAR_MEMORIES = Descs.LINEAR_MEMORY.arrayType();
    private static final ClassDesc CD_BYTES = CD_byte.arrayType();
    private static final MethodTypeDesc CHECK_INDEX = MethodTypeDesc.of(CD_long, CD_long, CD_long);

    private final CodeBuilder code;
    private final boolean offHeap;
    private final int instance;
    private final int widths;
    private int memory;
    private int base;
    private int accessor;
    private final int[] bounds = new int[9];
    /** Whether the bounds in local variables may be too small. */
    boolean stale;

    /**
     * Emits the loading of what accesses need.
     *
     * @param instance local variable of the instance
     * @param widths bits for the widths that will be accessed
     * @param locals where local variables come from
     */
    MemoryEmitter(CodeBuilder code, boolean offHeap, int instance, int widths, JvmLocals locals) {
        this.code = code;
        this.offHeap = offHeap;
        this.instance = instance;
        this.widths = widths;
        accessor = -1;
        if (widths == 0) {
            return;
        }
        memory = locals.allocate(1);
        base = locals.allocate(offHeap ? 2 : 1);
        code.aload(instance).getfield(Descs.GUEST_INSTANCE, "memory", Descs.LINEAR_MEMORY);
        code.astore(memory);
        if (offHeap) {
            accessor = locals.allocate(1);
            code.getstatic(Descs.UNSAFE_HOLDER, "UNSAFE", Descs.UNSAFE).astore(accessor);
            code.aload(memory).getfield(Descs.LINEAR_MEMORY, "base", CD_long).lstore(base);
        }
        for (int width = 1; width <= 8; width <<= 1) {
            if ((widths & width) != 0) {
                bounds[width] = locals.allocate(2);
            }
        }
        stale = true;
        refresh();
    }

    /** Loads the bounds anew if they may be out of date. */
    void refresh() {
        if (!stale || widths == 0) {
            return;
        }
        stale = false;
        if (!offHeap) {
            code.aload(memory).getfield(Descs.LINEAR_MEMORY, "heap", CD_BYTES).astore(base);
        }
        for (int width = 1; width <= 8; width <<= 1) {
            if ((widths & width) != 0) {
                code.aload(memory);
                bound(width);
                if (offHeap) {
                    code.lload(base).ladd();
                }
                code.lstore(bounds[width]);
            }
        }
    }

    /** From a memory on the stack to the bound that addresses of a width must stay below. */
    private void bound(int width) {
        code.getfield(Descs.LINEAR_MEMORY, "size", CD_long);
        if (width > 1) {
            code.loadConstant(width - 1L).lsub();
        }
    }

    /** Emits a load; the address is on the stack, or {@code operand} emits it. */
    void load(int op, int index, long offset, JvmLocals locals, Runnable operand) {
        MemoryAccess access = MemoryAccess.of(op);
        int other = accessorAndAddress(index, offset, access.width(), locals, operand);
        String name = "get" + access.accessor();
        if (offHeap) {
            code.invokevirtual(Descs.UNSAFE, name, MethodTypeDesc.of(access.type(), CD_Object, CD_long));
        } else {
            heap(other);
            code.invokestatic(Descs.HEAP_ACCESS, name, MethodTypeDesc.of(access.type(), CD_long, CD_BYTES));
        }
        if (other >= 0) {
            locals.release(1);
        }
        extend(op);
    }

    private void extend(int op) {
        switch (op) {
            case I32_LOAD8_U -> code.loadConstant(0xFF).iand();
            case I64_LOAD8_U -> code.loadConstant(0xFF).iand().i2l();
            case I64_LOAD8_S, I64_LOAD16_S, I64_LOAD16_U, I64_LOAD32_S -> code.i2l();
            case I64_LOAD32_U -> NumericEmitter.unsigned(code);
            default -> {}
        }
    }

    /**
     * Emits a store; the address and the value are on the stack, or {@code valueOperand} emits the value, or {@code operand}
     * the address and that the value.
     */
    void store(int op, int index, long offset, JvmLocals locals, Runnable operand, Runnable valueOperand) {
        MemoryAccess access = MemoryAccess.of(op);
        Slot slot = switch (op) {
            case F32_STORE -> Slot.F32;
            case F64_STORE -> Slot.F64;
            case I64_STORE -> Slot.I64;
            default -> Slot.I32;
        };
        int saved = -1;
        if (valueOperand == null) {
            narrow(op);
            saved = locals.temporary(slot.width);
            code.storeLocal(slot.kind, saved);
        }
        int other = accessorAndAddress(index, offset, access.width(), locals, operand);
        if (valueOperand != null) {
            valueOperand.run();
            narrow(op);
        } else {
            code.loadLocal(slot.kind, saved);
            locals.release(slot.width);
        }
        String name = "put" + access.accessor();
        if (offHeap) {
            code.invokevirtual(Descs.UNSAFE, name, MethodTypeDesc.of(CD_void, CD_Object, CD_long, access.type()));
        } else {
            heap(other);
            ClassDesc type = slot == Slot.I32 ? CD_int : access.type();
            code.invokestatic(Descs.HEAP_ACCESS, name, MethodTypeDesc.of(CD_void, CD_long, type, CD_BYTES));
        }
        if (other >= 0) {
            locals.release(1);
        }
    }

    private void narrow(int op) {
        switch (op) {
            case I64_STORE8 -> code.l2i().i2b();
            case I64_STORE16 -> code.l2i().i2s();
            case I64_STORE32 -> code.l2i();
            case I32_STORE8 -> code.i2b();
            case I32_STORE16 -> code.i2s();
            default -> {}
        }
    }

    /** Puts what accesses go through off-heap onto the stack, and above it the checked address. */
    private int accessorAndAddress(int index, long offset, int width, JvmLocals locals, Runnable operand) {
        if (operand != null) {
            if (offHeap) {
                accessor();
            }
            operand.run();
            return address(index, offset, width, locals);
        }
        int other = address(index, offset, width, locals);
        if (offHeap) {
            accessor();
            code.dup2_x2().pop2();
        }
        return other;
    }

    /**
     * From an i32 address on the stack to the checked address of the access: absolute off-heap, an index in the heap.
     * Returns the local variable that holds the memory if it is not the first, or else -1.
     */
    private int address(int index, long offset, int width, JvmLocals locals) {
        NumericEmitter.unsigned(code);
        int other = -1;
        if (index == 0 && offHeap) {
            code.lload(base).ladd();
        }
        if (offset != 0) {
            code.loadConstant(offset).ladd();
        }
        if (index == 0) {
            refresh();
            code.lload(bounds[width]);
        } else {
            other = locals.temporary(1);
            code.aload(instance).getfield(Descs.GUEST_INSTANCE, "memories", CD_LINEAR_MEMORIES);
            code.loadConstant(index).aaload().dup().astore(other);
            bound(width);
        }
        code.invokestatic(CD_OBJECTS, "checkIndex", CHECK_INDEX);
        if (offHeap && index != 0) {
            code.aload(other).getfield(Descs.LINEAR_MEMORY, "base", CD_long);
            code.ladd();
        }
        return other;
    }

    private void accessor() {
        if (accessor >= 0) {
            code.aload(accessor);
        } else {
            code.getstatic(Descs.UNSAFE_HOLDER, "UNSAFE", Descs.UNSAFE);
        }
        code.aconst_null();
    }

    private void heap(int other) {
        if (other >= 0) {
            code.aload(other).getfield(Descs.LINEAR_MEMORY, "heap", CD_BYTES);
        } else {
            code.aload(base);
        }
    }

    /** Emits memory.size. */
    void size(int index) {
        code.aload(instance);
        if (index == 0) {
            code.getfield(Descs.GUEST_INSTANCE, "memory", Descs.LINEAR_MEMORY);
        } else {
            code.getfield(Descs.GUEST_INSTANCE, "memories", CD_LINEAR_MEMORIES);
            code.loadConstant(index).aaload();
        }
        code.getfield(Descs.LINEAR_MEMORY, "size", ConstantDescs.CD_long);
        code.bipush(16).lushr().l2i();
    }
}
