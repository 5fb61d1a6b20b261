package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.skiff.wasm.internal.runtime.LinearMemory;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Objects;

/**
 * The one place that emits accesses to linear memory. Each is preceded by a check of its whole range against the memory's
 * size, unless {@link CheckedAddresses} or the memory's smallest size show that it is inside.
 *
 * <p>A method keeps the first memory's base and size in local variables. Off-heap the base never changes. When the memory may
 * have grown, the size is loaded anew: at once where the method has loops, which then need not do so in every round, and
 * otherwise before the next check.
 *
 * <p>The address of an access to the first memory is checked as an int below {@code size - offset - width + 1}, which HotSpot
 * knows how to hoist out of loops. That is right for memories of less than 2 GiB. Where the first memory may be larger, and
 * for all others, the effective address, a sum of at most 34 bits that cannot overflow, is checked as a long.
 */
final class MemoryEmitter {
    private static final ClassDesc CD_OBJECTS = Descs.of(Objects.class);
    private static final ClassDesc CD_LINEAR_MEMORIES = Descs.LINEAR_MEMORY.arrayType();
    private static final ClassDesc CD_BYTES = CD_byte.arrayType();
    private static final MethodTypeDesc CHECK_INT = MethodTypeDesc.of(CD_int, CD_int, CD_int);
    private static final MethodTypeDesc CHECK_LONG = MethodTypeDesc.of(CD_long, CD_long, CD_long);

    final CheckedAddresses checked = new CheckedAddresses();

    private final CodeBuilder code;
    private final JvmLocals locals;
    private final boolean offHeap;
    private final boolean far;
    private final int instance;
    /** Whether the first memory is accessed. */
    private final boolean used;
    /** What the first memory has from the start, in bytes. */
    private final long smallest;

    /** Whether the first memory is imported, and then may have been smaller at first than the module declares. */
    private final boolean imported;

    private int memory;
    private int base;
    private int accessor;
    private int size;
    /** Whether the size in a local variable, and in the heap the array, may be out of date. */
    boolean stale;
    /** Whether they are loaded anew at once, and not where they are needed: then loops need not do so in every round. */
    private final boolean eager;

    /**
     * Emits the loading of what accesses need.
     *
     * @param instance local variable of the instance
     * @param eager whether the size is to be loaded anew at once when it may be out of date, not where it is needed
     * @param locals where local variables come from
     */
    MemoryEmitter(CodeBuilder code, FunctionContext context, int instance, boolean eager, JvmLocals locals) {
        this.code = code;
        this.locals = locals;
        this.instance = instance;
        this.eager = eager;
        offHeap = context.options.offHeap();
        far = context.options.far();
        used = context.scan.usesMemory;
        imported = context.module.importedMemories() > 0;
        long min = used ? context.module.memories().getFirst().size().min() << 16 : 0;
        smallest = far ? min : Math.min(min, LinearMemory.MAX_NEAR);
        accessor = -1;
        if (!used) {
            return;
        }
        memory = locals.allocate(1);
        base = locals.allocate(offHeap ? 2 : 1);
        size = locals.allocate(far ? 2 : 1);
        code.aload(instance).getfield(Descs.GUEST_INSTANCE, "memory", Descs.LINEAR_MEMORY);
        code.astore(memory);
        if (offHeap) {
            accessor = locals.allocate(1);
            code.getstatic(Descs.UNSAFE_HOLDER, "UNSAFE", Descs.UNSAFE).astore(accessor);
            code.aload(memory).getfield(Descs.LINEAR_MEMORY, "base", CD_long).lstore(base);
        }
        stale = true;
        refresh();
    }

    /** Says that the memory may have grown. */
    void mayHaveGrown() {
        stale = true;
        if (eager) {
            refresh();
        }
    }

    /** Says that a round of a loop starts, in which the memory may grow. */
    void mayGrowInLoop() {
        stale |= !eager;
    }

    /** Loads the size anew if it may be out of date. */
    void refresh() {
        if (!stale || !used) {
            return;
        }
        stale = false;
        code.aload(memory);
        if (far) {
            code.getfield(Descs.LINEAR_MEMORY, "size", CD_long).lstore(size);
        } else {
            loadNearSize();
            code.istore(size);
        }
        if (!offHeap) {
            code.aload(memory).getfield(Descs.LINEAR_MEMORY, "heap", CD_BYTES).astore(base);
        }
    }

    private void loadNearSize() {
        if (smallest == 0) {
            code.getfield(Descs.LINEAR_MEMORY, "reach", CD_int);
            return;
        }
        // The check tells HotSpot that the size is at least so large; otherwise it makes sure for each different
        // offset.
        if (imported) {
            code.getfield(Descs.LINEAR_MEMORY, "reach", CD_int)
                    .loadConstant((int) smallest)
                    .isub();
        } else {
            code.getfield(Descs.LINEAR_MEMORY, "beyond", CD_int);
        }
        code.loadConstant(LinearMemory.MAX_NEAR - (int) smallest + 1);
        code.invokestatic(CD_OBJECTS, "checkIndex", CHECK_INT);
        code.loadConstant((int) smallest).iadd();
    }

    /**
     * Emits a load.
     *
     * @param operand the address; null if it is on the stack
     * @param local the local that has the address on the stack too; negative if there is none
     */
    void load(int op, int index, long offset, Operand operand, int local) {
        MemoryAccess access = MemoryAccess.of(op);
        int other = accessorAndAddress(index, offset, access.width(), operand, local);
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
     * Emits a store.
     *
     * @param operand the address; null if it is on the stack
     * @param value the value; null if it is on the stack, above the address
     */
    void store(int op, int index, long offset, Operand operand, Operand value) {
        MemoryAccess access = MemoryAccess.of(op);
        Slot slot = switch (op) {
            case F32_STORE -> Slot.F32;
            case F64_STORE -> Slot.F64;
            case I64_STORE -> Slot.I64;
            default -> Slot.I32;
        };
        int saved = -1;
        if (value == null) {
            narrow(op);
            saved = locals.temporary(slot.width);
            code.storeLocal(slot.kind, saved);
        }
        int other = accessorAndAddress(index, offset, access.width(), operand, -1);
        if (value != null) {
            value.code().run();
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

    /**
     * Puts what accesses go through off-heap onto the stack, and above it the checked address: absolute off-heap, an index in
     * the heap. Returns the local variable that holds the memory if it is not the first, or else -1.
     */
    private int accessorAndAddress(int index, long offset, int width, Operand operand, int local) {
        if (operand == null) {
            int other = address(index, offset, width, local, -1);
            if (offHeap) {
                accessor();
                code.dup2_x2().pop2();
            }
            return other;
        }
        if (offHeap) {
            accessor();
        }
        operand.code().run();
        return address(index, offset, width, operand.local(), operand.address());
    }

    private int address(int index, long offset, int width, int local, long constant) {
        if (index != 0) {
            return addressInOther(index, offset, width);
        }
        long end = offset + width;
        boolean inside = constant >= 0 && constant + end <= smallest || local >= 0 && checked.covers(local, end);
        if (!inside || !offHeap) {
            refresh();
        }
        if (far) {
            NumericEmitter.unsigned(code);
            add(offset);
            if (!inside) {
                code.lload(size).loadConstant(width - 1L).lsub();
                code.invokestatic(CD_OBJECTS, "checkIndex", CHECK_LONG);
            }
        } else {
            if (!inside) {
                checkNear(end);
            }
            code.i2l();
            add(offset);
        }
        if (offHeap) {
            code.lload(base).ladd();
        }
        if (!inside && local >= 0) {
            checked.learn(local, end);
        }
        return -1;
    }

    /** Checks the i32 address on the stack, which stays there. No address is negative that passes. */
    private void checkNear(long end) {
        if (end > LinearMemory.MAX_NEAR) {
            code.iconst_0();
        } else {
            // The difference does not overflow: the size is not negative.
            code.iload(size);
            if (end > 1) {
                code.loadConstant((int) end - 1).isub();
            }
        }
        code.invokestatic(CD_OBJECTS, "checkIndex", CHECK_INT);
    }

    private int addressInOther(int index, long offset, int width) {
        NumericEmitter.unsigned(code);
        add(offset);
        int other = locals.temporary(1);
        code.aload(instance).getfield(Descs.GUEST_INSTANCE, "memories", CD_LINEAR_MEMORIES);
        code.loadConstant(index).aaload().dup().astore(other);
        code.getfield(Descs.LINEAR_MEMORY, "size", CD_long)
                .loadConstant(width - 1L)
                .lsub();
        code.invokestatic(CD_OBJECTS, "checkIndex", CHECK_LONG);
        if (offHeap) {
            code.aload(other).getfield(Descs.LINEAR_MEMORY, "base", CD_long).ladd();
        }
        return other;
    }

    private void add(long offset) {
        if (offset != 0) {
            code.loadConstant(offset).ladd();
        }
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
