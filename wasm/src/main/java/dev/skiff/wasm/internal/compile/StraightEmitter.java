package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Emits instructions that run one after another: on numbers, variables, memory and references. The operand stack is the
 * JVM's; locals are local variables of the method, or elements of the frame array where several methods share them.
 */
abstract class StraightEmitter extends BodyWalker {
    private static final ClassDesc CD_CELLS = Descs.GLOBAL_CELL.arrayType();
    static final MethodTypeDesc FUNCTION = MethodTypeDesc.of(Descs.FUNC_REF, CD_int, Descs.GUEST_INSTANCE);

    final FunctionContext context;
    final CodeBuilder code;
    /** What the method is for; null for the function's first method. */
    final Piece piece;
    /** Pieces directly in the method. */
    final List<Piece> nested;
    /** Whether the method calls pieces. */
    final boolean container;

    final JvmLocals jvm;
    final Values values;
    /** Set when what its setup needs has been emitted. */
    MemoryEmitter memory;
    /** Local variables of the instance, of the same as its own class if globals are used, and of the frame arrays. */
    final int instance;

    int self = -1;
    int frame = -1;
    int references = -1;
    /** Local variable of each local, or -1 if it is only in the frame array. */
    final int[] variable;
    /**
     * Whether homes of locals always have their values: pieces that are called find them there, and a handler what a piece
     * did before it threw.
     */
    final boolean writeThrough;
    /**
     * Operands of the innermost construct up to this height are in the frame array, where a piece left them, and not on the
     * JVM's stack.
     */
    int inFrame;

    /**
     * The topmost operands that are constants or locals. They are held back until they are used, because an access to memory
     * wants other things beneath them.
     */
    private final List<Operand> held = new ArrayList<>();
    /** The local that has the topmost operand too if the next instruction is at a position. */
    private int teed;

    private int teedAt = -1;

    final Dispatch.Finder dispatches = new Dispatch.Finder();

    private final int bodyStart;
    /** Positions of the lines; null where a line's number says its position. */
    private final StringBuilder positions;

    private int lastPosition = -1;
    private int pendingComparison = -1;
    private boolean pendingNegated;

    StraightEmitter(FunctionContext context, CodeBuilder code, Piece piece) {
        super(context.module, context.function);
        this.context = context;
        this.code = code;
        this.piece = piece;
        nested = piece == null ? context.pieces : piece.nested;
        container = !nested.isEmpty();
        writeThrough = container || piece != null && piece.isTried();
        bodyStart = in.position();
        position = bodyStart;
        positions = ModuleLayout.fitsLines(in.remaining()) ? null : new StringBuilder();
        variable = new int[locals.length];
        Arrays.fill(variable, -1);
        int arguments = 0;
        if (piece != null) {
            frame = 0;
            references = 1;
            arguments = 2;
        } else if (!context.layout.signature(function).wide()) {
            for (int i = 0; i < shape.params().length; i++) {
                variable[i] = arguments;
                arguments += shape.params()[i].width;
            }
        }
        instance = arguments;
        jvm = new JvmLocals(instance + 1);
        values = new Values(code, jvm, instance);
        if (context.scan.usesGlobals) {
            self = jvm.allocate(1);
            code.aload(instance).checkcast(Descs.INSTANCE).astore(self);
        }
    }

    final String positions() {
        return positions == null ? "" : positions.toString();
    }

    void line() {
        int distance = position - bodyStart;
        if (positions == null) {
            code.lineNumber(distance + 1);
            return;
        }
        if (distance != lastPosition) {
            lastPosition = distance;
            positions.append((char) (distance >>> 16)).append((char) distance);
        }
        code.lineNumber(positions.length() / 2);
    }

    /** Pops what is on the JVM's stack of the operands from one height down to another. */
    void popOperands(int top, int bottom) {
        forStacked(top, bottom, i -> values.pop(stack[i]));
    }

    /** Does something with each of the operands from one height down to another that is on the JVM's stack. */
    final void forStacked(int top, int bottom, IntConsumer action) {
        int level = depth;
        int framed = inFrame;
        for (int i = top - 1; i >= bottom; i--) {
            while (i < frames[level - 1].base) {
                framed = frames[--level].inFrameBeneath;
            }
            if (i >= framed) {
                action.accept(i);
            }
        }
    }

    @Override
    final void needEach(int operands) {
        int stacked = height - held.size();
        if (height - operands < Math.min(stacked, inFrame)) {
            need(operands);
            return;
        }
        if (held.size() > operands) {
            emit(held.subList(0, held.size() - operands));
        }
    }

    private static void emit(List<Operand> operands) {
        operands.forEach(operand -> operand.code().run());
        operands.clear();
    }

    /** An operand that is held back, no longer held; null if the topmost is on the JVM's stack. */
    private Operand takeHeld() {
        return held.isEmpty() ? null : held.removeLast();
    }

    final void forgetHeld() {
        held.clear();
    }

    @Override
    final void need(int operands) {
        emit(held);
        int lowest = height - operands;
        if (lowest >= inFrame) {
            return;
        }
        materialize();
        Slot[] above = Arrays.copyOfRange(stack, inFrame, height);
        int[] saved = values.saveAll(above);
        for (int i = lowest; i < inFrame; i++) {
            loadOperand(stack[i], i);
        }
        values.loadAll(above, saved);
        values.release(above);
        inFrame = lowest;
    }

    /** Moves the topmost operands to the frame array, as those from a height on. */
    void storeOperands(int count, int bottom) {
        for (int i = count - 1; i >= 0; i--) {
            values.intoArray(stack[height - count + i], frame, references, context.operandBase + bottom + i);
        }
    }

    void loadOperand(Slot slot, int at) {
        values.fromArray(slot, frame, references, context.operandBase + at);
    }

    void loadHome(int local) {
        values.fromArray(locals[local], frame, references, context.home[local]);
    }

    /** Stores the local variable of a local in its home. */
    void storeVariable(int local) {
        values.variableIntoArray(locals[local], variable[local], frame, references, context.home[local]);
    }

    /** Loads local variables of locals from their homes. */
    final void reload(BitSet some) {
        for (int i = some.nextSetBit(0); i >= 0; i = some.nextSetBit(i + 1)) {
            if (variable[i] >= 0 && context.home[i] >= 0) {
                loadHome(i);
                code.storeLocal(locals[i].kind, variable[i]);
            }
        }
    }

    void storeHome(int local) {
        values.intoArray(locals[local], frame, references, context.home[local]);
    }

    // Comparisons are held back until it is known whether a branch wants them.

    void materialize() {
        emit(held);
        if (pendingComparison < 0) {
            return;
        }
        Label yes = code.newLabel();
        Label end = code.newLabel();
        jumpIfPending(true, yes);
        code.iconst_0().goto_(end);
        code.labelBinding(yes);
        code.iconst_1();
        code.labelBinding(end);
    }

    private void jumpIfPending(boolean when, Label target) {
        int op = pendingComparison;
        boolean outcome = when != pendingNegated;
        pendingComparison = -1;
        pendingNegated = false;
        NumericEmitter.compareAndJump(code, op, outcome, target);
    }

    void jumpIf(boolean when, Label target) {
        if (pendingComparison >= 0) {
            jumpIfPending(when, target);
        } else if (when) {
            code.ifne(target);
        } else {
            code.ifeq(target);
        }
    }

    @Override
    void numeric(int op) {
        dispatches.noConstant();
        if (Effects.isComparison(op)) {
            if (op == I32_EQZ && pendingComparison >= 0) {
                pendingNegated = !pendingNegated;
            } else {
                pendingComparison = op;
            }
            int next = in.peek();
            if (next != BR_IF && next != IF && next != SELECT && next != I32_EQZ) {
                materialize();
            }
            return;
        }
        if (op >= I32_DIV_S && op <= I32_REM_U
                || op >= I64_DIV_S && op <= I64_REM_U
                || op >= I32_TRUNC_F32_S && op <= I64_TRUNC_F64_U) {
            line();
        }
        NumericEmitter.emit(code, op);
    }

    @Override
    void i32Const(int value) {
        held.add(new Operand(() -> code.loadConstant(value), -1, Integer.toUnsignedLong(value)));
        dispatches.constant(value, in.position());
    }

    @Override
    void i64Const(long value) {
        held.add(Operand.constant(() -> code.loadConstant(value)));
    }

    @Override
    void f32Const(int bits) {
        held.add(Operand.constant(() -> loadFloat(bits)));
    }

    private void loadFloat(int bits) {
        float value = Float.intBitsToFloat(bits);
        if (Float.isNaN(value)) {
            // The constant pool's NaN may not keep its bits.
            code.loadConstant(bits).invokestatic(Values.CD_FLOAT, "intBitsToFloat", Values.I_F);
        } else {
            code.loadConstant(value);
        }
    }

    @Override
    void f64Const(long bits) {
        held.add(Operand.constant(() -> loadDouble(bits)));
    }

    private void loadDouble(long bits) {
        double value = Double.longBitsToDouble(bits);
        if (Double.isNaN(value)) {
            code.loadConstant(bits).invokestatic(Values.CD_DOUBLE, "longBitsToDouble", Values.J_D);
        } else {
            code.loadConstant(value);
        }
    }

    // Memory

    @Override
    void load(int op, int index, long offset) {
        line();
        memory.load(op, index, offset, takeHeld(), position == teedAt ? teed : -1);
    }

    @Override
    void store(int op, int index, long offset) {
        line();
        Operand value = takeHeld();
        memory.store(op, index, offset, takeHeld(), value);
    }

    // Variables

    @Override
    void localGet(int index) {
        dispatches.localGet(index, position, in.position());
        held.add(Operand.local(index, () -> {
            if (variable[index] >= 0) {
                code.loadLocal(locals[index].kind, variable[index]);
            } else {
                loadHome(index);
            }
        }));
    }

    @Override
    void localSet(int index) {
        memory.checked.forget(index);
        dispatches.localSet(index, position, in.position());
        if (variable[index] < 0) {
            storeHome(index);
            return;
        }
        code.storeLocal(locals[index].kind, variable[index]);
        if (writeThrough && context.home[index] >= 0) {
            storeVariable(index);
        }
    }

    @Override
    void localTee(int index) {
        values.dup(locals[index]);
        localSet(index);
        teed = index;
        teedAt = in.position();
    }

    @Override
    void globalGet(int index) {
        Slot slot = Slot.of(module.globals().get(index).type().value());
        if (!context.layout.isCell(index)) {
            code.aload(self).getfield(Descs.INSTANCE, InstanceClass.fieldName(index), slot.desc);
            return;
        }
        cell(index);
        if (slot.isReference()) {
            code.getfield(Descs.GLOBAL_CELL, "reference", CD_Object);
            values.cast(slot);
        } else {
            code.getfield(Descs.GLOBAL_CELL, "bits", CD_long);
            values.fromBits(slot);
        }
    }

    @Override
    void globalSet(int index) {
        Slot slot = Slot.of(module.globals().get(index).type().value());
        boolean isCell = context.layout.isCell(index);
        Slot stored = isCell ? (slot.isReference() ? Slot.EXTERN : Slot.I64) : slot;
        Operand value = takeHeld();
        if (value == null && isCell) {
            values.toBits(slot);
        }
        if (isCell) {
            cell(index);
        } else {
            code.aload(self);
        }
        if (value != null) {
            value.code().run();
            if (isCell) {
                values.toBits(slot);
            }
        } else if (stored.width == 2) {
            code.dup_x2().pop();
        } else {
            code.swap();
        }
        if (isCell) {
            code.putfield(Descs.GLOBAL_CELL, slot.isReference() ? "reference" : "bits", stored.desc);
        } else {
            code.putfield(Descs.INSTANCE, InstanceClass.fieldName(index), slot.desc);
        }
    }

    private void cell(int index) {
        code.aload(instance).getfield(Descs.GUEST_INSTANCE, "cells", CD_CELLS);
        code.loadConstant(index).aaload();
    }

    // Parametric instructions

    @Override
    void drop(Slot slot) {
        values.pop(slot);
    }

    @Override
    void select(Slot slot) {
        Label first = code.newLabel();
        jumpIf(true, first);
        if (slot.width == 1) {
            code.swap();
            code.labelBinding(first);
            code.pop();
        } else {
            code.dup2_x2().pop2();
            code.labelBinding(first);
            code.pop2();
        }
    }

    // References

    @Override
    void refNull() {
        code.aconst_null();
    }

    @Override
    void refIsNull() {
        Label isNull = code.newLabel();
        Label end = code.newLabel();
        code.ifnull(isNull).iconst_0().goto_(end);
        code.labelBinding(isNull);
        code.iconst_1();
        code.labelBinding(end);
    }

    @Override
    void refFunc(int index) {
        code.loadConstant(index).aload(instance).invokestatic(Descs.GUEST_INSTANCE, "function", FUNCTION);
    }

    @Override
    void bulk(int op, int first, int second, Slot slot) {
        if (op == MEMORY_SIZE) {
            memory.size(first);
            return;
        }
        line();
        BulkEmitter.emit(code, instance, op, first, second);
        if (op == TABLE_GET) {
            values.cast(slot);
        } else if (op == MEMORY_GROW) {
            memory.mayHaveGrown();
        }
    }
}
