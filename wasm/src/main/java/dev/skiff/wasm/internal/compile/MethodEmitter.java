package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Translates a function, or a piece of one, to a method. The operand stack is the JVM's; locals are local variables of the
 * method, or elements of the frame array where several methods share them.
 */
final class MethodEmitter extends BodyWalker {
    /** A function with more locals keeps them in its frame array. */
    static final int MAX_JVM_LOCALS = 1_000;

    /** Functions without loops and calls that do so little are not checked when they start. */
    private static final int UNCHECKED_COST = 40;
    /** Tables of branches with more entries are looked up first, so that the JVM's table has an entry for each target. */
    private static final int LARGE_TABLE = 64;

    private static final ClassDesc CD_FUNC_REFS = Descs.FUNC_REF.arrayType();
    private static final ClassDesc CD_CELLS = Descs.GLOBAL_CELL.arrayType();
    static final MethodTypeDesc REFUEL = MethodTypeDesc.of(CD_int, CD_int, Descs.GUEST_INSTANCE);
    private static final MethodTypeDesc POLL = MethodTypeDesc.of(CD_void, Descs.GUEST_INSTANCE);
    private static final MethodTypeDesc FUNCTION = MethodTypeDesc.of(Descs.FUNC_REF, CD_int, Descs.GUEST_INSTANCE);

    private final FunctionContext context;
    private final CodeBuilder code;
    private final Piece piece;
    private final List<Piece> nested;
    private final boolean container;
    private final boolean writeThrough;
    private final int bodyStart;
    /** Positions of the lines; null where a line's number says its position. */
    private final StringBuilder positions;

    private int lastPosition = -1;

    private final JvmLocals jvm;
    private final Values values;
    private final MemoryEmitter memory;
    private final int instance;
    private int self = -1;
    private int frame = -1;
    private int references = -1;
    /** Local variable of each local, or -1 if it is only in the frame array. */
    private final int[] variable;
    /** Number of frames that are outside of this method. */
    private int outer;
    /**
     * Operands of the innermost construct up to this height are in the frame array, where a piece left them, and not on the
     * JVM's stack.
     */
    private int inFrame;

    private int fuel = -1;
    /** Index of the frame of the loop from which on fuel is counted in the local variable; -1 outside of such loops. */
    private int fuelFrame = -1;

    private final Label epilogue;
    private int nextPiece;
    private int pendingComparison = -1;
    private boolean pendingNegated;

    private MethodEmitter(FunctionContext context, CodeBuilder code, Piece piece) {
        super(context.module, context.function);
        this.context = context;
        this.code = code;
        this.piece = piece;
        nested = piece == null ? context.pieces : piece.nested;
        container = context.framed && (piece == null || !nested.isEmpty());
        writeThrough = context.scan.hasTry;
        epilogue = code.newLabel();
        bodyStart = in.position();
        position = bodyStart;
        positions = ModuleLayout.fitsLines(in.remaining()) ? null : new StringBuilder();
        variable = new int[locals.length];
        Arrays.fill(variable, -1);
        boolean wide = piece == null && context.layout.signature(function).wide();
        int arguments = 0;
        if (piece != null) {
            frame = 0;
            references = 1;
            arguments = 2;
        } else if (!wide) {
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
        int widths = !context.framed || context.pieces.isEmpty()
                ? context.scan.widths
                : context.scan.widths(piece == null ? 0 : piece.start, piece == null ? Integer.MAX_VALUE : piece.end);
        if (piece == null) {
            startFunction(wide);
        } else {
            startPiece();
        }
        memory = new MemoryEmitter(code, context.offHeap, instance, widths, jvm);
    }

    /** Emits the method that the function's callers call; returns the positions of its lines if it has a table of them. */
    static String emitFunction(FunctionContext context, CodeBuilder code) {
        MethodEmitter emitter = new MethodEmitter(context, code, null);
        emitter.enterCheck();
        emitter.walkBody();
        return emitter.positions();
    }

    /** Emits the method of a piece, which returns 0 if it runs to its end, or the number of the exit that it takes. */
    static String emitPiece(FunctionContext context, Piece piece, CodeBuilder code) {
        MethodEmitter emitter = new MethodEmitter(context, code, piece);
        emitter.walkPiece();
        return emitter.positions();
    }

    private String positions() {
        return positions == null ? "" : positions.toString();
    }

    static MethodTypeDesc pieceType() {
        return MethodTypeDesc.of(CD_int, CD_long.arrayType(), CD_Object.arrayType(), Descs.GUEST_INSTANCE);
    }

    static String pieceName(int function, Piece piece) {
        return ModuleLayout.methodName(function) + "$" + piece.id;
    }

    // Starts of methods

    private void startFunction(boolean wide) {
        if (context.framed) {
            frame = jvm.allocate(1);
            references = jvm.allocate(1);
            code.loadConstant(context.frameSize).newarray(TypeKind.LONG).astore(frame);
            if (context.framedReferences) {
                code.loadConstant(context.frameSize).anewarray(CD_Object);
            } else {
                code.aconst_null();
            }
            code.astore(references);
        }
        int params = shape.params().length;
        for (int i = 0; i < locals.length; i++) {
            boolean param = i < params;
            if (context.home[i] >= 0) {
                if (param) {
                    if (wide) {
                        values.fromTransfer(locals[i], i);
                    } else {
                        code.loadLocal(locals[i].kind, variable[i]);
                    }
                    storeHome(i);
                }
                variable[i] = -1;
            } else if (!context.own.get(i)) {
                if (!param || wide) {
                    variable[i] = jvm.allocate(locals[i].width);
                    if (wide && param) {
                        values.fromTransfer(locals[i], i);
                    } else {
                        values.zero(locals[i]);
                    }
                    code.storeLocal(locals[i].kind, variable[i]);
                }
            } else if (wide && param) {
                values.fromTransfer(locals[i], i);
                values.pop(locals[i]);
            }
        }
    }

    private void startPiece() {
        for (int i = piece.own.nextSetBit(0); i >= 0; i = piece.own.nextSetBit(i + 1)) {
            variable[i] = jvm.allocate(locals[i].width);
            values.zero(locals[i]);
            code.storeLocal(locals[i].kind, variable[i]);
        }
        if (!container) {
            for (int i = piece.used.nextSetBit(0); i >= 0; i = piece.used.nextSetBit(i + 1)) {
                if (context.home[i] >= 0) {
                    variable[i] = jvm.allocate(locals[i].width);
                    loadHome(i);
                    code.storeLocal(locals[i].kind, variable[i]);
                }
            }
        }
    }

    private void walkPiece() {
        List<Construct> around = new ArrayList<>();
        for (Construct c = piece.within; c != null; c = c.parent) {
            around.add(c);
        }
        for (Construct c : around.reversed()) {
            push(new Frame(c.op, c.shape, c.base, c));
        }
        outer = depth;
        height = piece.within.base;
        if (stack.length < height + 64) {
            stack = Arrays.copyOf(stack, height + 64);
        }
        pushAll(piece.in);
        inFrame = height;
        position = piece.start;
        in.range(piece.start, in.end());
        walk(piece.end);
        if (reachable) {
            materialize();
            storeOperands(height - inFrame, inFrame);
            returnCode(0);
        }
        emitEpilogue();
    }

    private void enterCheck() {
        Scan scan = context.scan;
        if (!scan.hasCall && !scan.hasLoop && scan.root.cost <= UNCHECKED_COST) {
            return;
        }
        if (context.metered) {
            chargeInstance(scan.root.cost);
        } else {
            pollIfAsked();
        }
    }

    // Fuel and stops

    /** Looks at the flag that asks the guest to stop or pause. It is hardly ever set, so that the JVM leaves the call out. */
    private void pollIfAsked() {
        Label on = code.newLabel();
        code.aload(instance).getfield(Descs.GUEST_INSTANCE, "stop", CD_int).ifeq(on);
        line();
        code.aload(instance).invokestatic(Descs.GUEST_INSTANCE, "poll", POLL);
        code.labelBinding(on);
    }

    private void chargeInstance(int cost) {
        Label enough = code.newLabel();
        code.aload(instance).dup().getfield(Descs.GUEST_INSTANCE, "fuel", CD_int);
        code.loadConstant(cost).isub().dup_x1().putfield(Descs.GUEST_INSTANCE, "fuel", CD_int);
        code.ifge(enough);
        line();
        code.aload(instance).getfield(Descs.GUEST_INSTANCE, "fuel", CD_int).aload(instance);
        code.invokestatic(Descs.GUEST_INSTANCE, "refuel", REFUEL).pop();
        code.labelBinding(enough);
    }

    private void chargeVariable(int cost) {
        Label enough = code.newLabel();
        if (cost <= Short.MAX_VALUE) {
            code.iinc(fuel, -cost);
        } else {
            code.iload(fuel).loadConstant(cost).isub().istore(fuel);
        }
        code.iload(fuel).ifge(enough);
        line();
        code.iload(fuel)
                .aload(instance)
                .invokestatic(Descs.GUEST_INSTANCE, "refuel", REFUEL)
                .istore(fuel);
        code.labelBinding(enough);
    }

    private void saveFuel() {
        code.aload(instance).iload(fuel).putfield(Descs.GUEST_INSTANCE, "fuel", CD_int);
    }

    private void loadFuel() {
        if (fuel < 0) {
            fuel = jvm.allocate(1);
        }
        code.aload(instance).getfield(Descs.GUEST_INSTANCE, "fuel", CD_int).istore(fuel);
    }

    private boolean leavesFuelLoop(int target) {
        return fuelFrame >= 0 && target < fuelFrame;
    }

    // Walking

    @Override
    Construct construct(int op, Shape type, int base) {
        return depth == 0 && piece == null ? context.scan.root : context.scan.constructs.get(position);
    }

    @Override
    int before() {
        if (!reachable) {
            return -1;
        }
        while (nextPiece < nested.size() && nested.get(nextPiece).start < position) {
            nextPiece++;
        }
        if (nextPiece == nested.size() || nested.get(nextPiece).start != position) {
            return -1;
        }
        materialize();
        Piece next = nested.get(nextPiece++);
        callPiece(next);
        return next.end;
    }

    private void line() {
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

    // Pieces

    private void callPiece(Piece next) {
        storeOperands(height - inFrame, inFrame);
        height -= next.in.length;
        inFrame = height;
        code.aload(frame).aload(references).aload(instance);
        code.invokestatic(context.classOf(next), pieceName(function, next), pieceType());
        memory.stale = true;
        if (!next.exits.isEmpty()) {
            takeExits(next);
        } else if (next.falls) {
            code.pop();
        } else {
            // The piece always traps or throws, but the JVM does not know.
            code.pop();
            unreachable();
        }
        reachable = next.falls;
        if (next.falls) {
            pushAll(next.out);
            inFrame = height;
        }
    }

    private void takeExits(Piece next) {
        List<Construct> local = new ArrayList<>();
        for (Construct exit : next.exits) {
            if (frameOf(exit) >= outer) {
                local.add(exit);
            }
        }
        boolean passesOn = local.size() < next.exits.size();
        if (local.isEmpty() && !next.falls) {
            passOn(-1);
            return;
        }
        if (!passesOn && !next.falls && local.size() == 1) {
            code.pop();
            takeExit(local.getFirst());
            return;
        }
        Label on = code.newLabel();
        int exitCode = -1;
        if (passesOn) {
            exitCode = jvm.temporary(1);
            code.dup().istore(exitCode);
        }
        if (next.falls && next.exits.size() == 1) {
            code.ifeq(on);
            if (passesOn) {
                passOn(exitCode);
            } else {
                takeExit(local.getFirst());
            }
        } else {
            switchExits(next, local, on, passesOn ? exitCode : -1);
        }
        code.labelBinding(on);
        if (passesOn) {
            jvm.release(1);
        }
    }

    private void switchExits(Piece next, List<Construct> local, Label on, int exitCode) {
        List<SwitchCase> cases = new ArrayList<>();
        if (next.falls) {
            cases.add(SwitchCase.of(0, on));
        }
        local.sort(Comparator.comparingInt(c -> c.id));
        Map<Construct, Label> labels = new LinkedHashMap<>();
        for (Construct exit : local) {
            Label label = code.newLabel();
            labels.put(exit, label);
            cases.add(SwitchCase.of(exit.id, label));
        }
        Label rest = exitCode < 0 ? cases.getFirst().target() : code.newLabel();
        int low = cases.getFirst().caseValue();
        int high = cases.getLast().caseValue();
        if (high - low < 3 * cases.size()) {
            code.tableswitch(low, high, rest, cases);
        } else {
            code.lookupswitch(rest, cases);
        }
        labels.forEach((exit, label) -> {
            code.labelBinding(label);
            takeExit(exit);
        });
        if (exitCode >= 0) {
            code.labelBinding(rest);
            passOn(exitCode);
        }
    }

    /** Leaves with the exit code of a piece in this one: on the stack if {@code exitCode} is negative. */
    private void passOn(int exitCode) {
        if (piece == null) {
            // Only a tail call leaves the function itself, and then what it returns is of no interest.
            if (exitCode < 0) {
                code.pop();
            }
            returnAnything();
            return;
        }
        if (exitCode >= 0) {
            dropOperands(height);
            code.iload(exitCode);
        } else {
            int kept = jvm.temporary(1);
            code.istore(kept);
            dropOperands(height);
            code.iload(kept);
            jvm.release(1);
        }
        returnCodeOnStack();
    }

    /** The frame of a construct; -1 for the exit of tail calls, which is outside of all. */
    private int frameOf(Construct construct) {
        int index = depth - 1;
        while (index >= 0 && frames[index].construct != construct) {
            index--;
        }
        return index;
    }

    /** Goes on where an exit of a piece leads, with the values that the piece left in the frame array. */
    private void takeExit(Construct to) {
        int target = frameOf(to);
        frames[target].branched = true;
        Slot[] types = frames[target].labelTypes();
        int before = height;
        for (int i = 0; i < types.length; i++) {
            loadOperand(types[i], frames[target].base + i);
            push(types[i]);
        }
        jump(target);
        height = before;
    }

    /** Returns from the piece by an exit, removing what is on the stack up to a height. */
    private void leavePiece(int top, Construct to) {
        dropOperands(top);
        returnCode(to.id);
    }

    private void dropOperands(int top) {
        popOperands(top, piece.within.base);
    }

    /** Pops what is on the JVM's stack of the operands from one height down to another. */
    private void popOperands(int top, int bottom) {
        int level = depth;
        int framed = inFrame;
        for (int i = top - 1; i >= bottom; i--) {
            while (i < frames[level - 1].base) {
                framed = frames[--level].inFrameBeneath;
            }
            if (i >= framed) {
                values.pop(stack[i]);
            }
        }
    }

    @Override
    void need(int operands) {
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

    private void returnCode(int exit) {
        code.loadConstant(exit);
        returnCodeOnStack();
    }

    private void returnCodeOnStack() {
        if (container || writeThrough || piece.written.isEmpty()) {
            code.ireturn();
        } else {
            code.goto_(epilogue);
        }
    }

    /** Stores the locals that other methods may read and returns the exit code on the stack. */
    private void emitEpilogue() {
        if (container || writeThrough || piece.written.isEmpty()) {
            return;
        }
        code.labelBinding(epilogue);
        for (int i = piece.written.nextSetBit(0); i >= 0; i = piece.written.nextSetBit(i + 1)) {
            if (context.home[i] >= 0) {
                code.loadLocal(locals[i].kind, variable[i]);
                storeHome(i);
            }
        }
        code.ireturn();
    }

    /** Moves the topmost operands to the frame array, as those from a height on. */
    private void storeOperands(int count, int bottom) {
        for (int i = count - 1; i >= 0; i--) {
            values.intoArray(stack[height - count + i], frame, references, context.operandBase + bottom + i);
        }
    }

    private void loadOperand(Slot slot, int at) {
        values.fromArray(slot, frame, references, context.operandBase + at);
    }

    private void loadHome(int local) {
        values.fromArray(locals[local], frame, references, context.home[local]);
    }

    private void storeHome(int local) {
        values.intoArray(locals[local], frame, references, context.home[local]);
    }

    // Comparisons are held back until it is known whether a branch wants them.

    private void materialize() {
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

    private void jumpIf(boolean when, Label target) {
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
        code.loadConstant(value);
    }

    @Override
    void i64Const(long value) {
        code.loadConstant(value);
    }

    @Override
    void f32Const(int bits) {
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
        memory.load(op, index, offset, jvm);
    }

    @Override
    void store(int op, int index, long offset) {
        line();
        memory.store(op, index, offset, jvm);
    }

    // Variables

    @Override
    void localGet(int index) {
        if (variable[index] >= 0) {
            code.loadLocal(locals[index].kind, variable[index]);
        } else {
            loadHome(index);
        }
    }

    @Override
    void localSet(int index) {
        if (variable[index] < 0) {
            storeHome(index);
            return;
        }
        code.storeLocal(locals[index].kind, variable[index]);
        if (writeThrough && context.home[index] >= 0) {
            code.loadLocal(locals[index].kind, variable[index]);
            storeHome(index);
        }
    }

    @Override
    void localTee(int index) {
        values.dup(locals[index]);
        localSet(index);
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
        if (isCell && !slot.isReference()) {
            values.toBits(slot);
        }
        Slot stored = isCell ? (slot.isReference() ? Slot.EXTERN : Slot.I64) : slot;
        int value = jvm.temporary(stored.width);
        code.storeLocal(stored.kind, value);
        if (isCell) {
            cell(index);
        } else {
            code.aload(self);
        }
        code.loadLocal(stored.kind, value);
        if (isCell) {
            code.putfield(Descs.GLOBAL_CELL, slot.isReference() ? "reference" : "bits", stored.desc);
        } else {
            code.putfield(Descs.INSTANCE, InstanceClass.fieldName(index), slot.desc);
        }
        jvm.release(stored.width);
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

    // Control

    @Override
    void unreachable() {
        line();
        code.invokestatic(Descs.CALLS, "unreachable", MethodTypeDesc.of(Values.CD_TRAP))
                .athrow();
    }

    @Override
    void open(Frame opened) {
        enter(opened);
        if (opened.op == IF) {
            opened.elseLabel = code.newLabel();
            jumpIf(false, opened.elseLabel);
            opened.staleAtOpen = memory.stale;
        } else if (opened.isLoop()) {
            openLoop(opened);
        }
    }

    private void enter(Frame opened) {
        opened.label = code.newLabel();
        opened.inFrameBeneath = inFrame;
        inFrame = opened.base;
    }

    private void openLoop(Frame loop) {
        Construct scanned = loop.construct;
        if (!scanned.hasCall) {
            memory.refresh();
            if (context.metered && fuelFrame < 0) {
                loadFuel();
                loop.localFuel = true;
                fuelFrame = depth;
            }
        }
        code.labelBinding(loop.label);
        memory.stale |= scanned.hasCall;
        if (!context.metered) {
            pollIfAsked();
        } else if (scanned.hasCall) {
            chargeInstance(scanned.cost);
        } else {
            chargeVariable(scanned.cost);
        }
    }

    @Override
    void openElse(Frame conditional, boolean falls) {
        if (falls) {
            conditional.staleAtEnd |= memory.stale;
            code.goto_(conditional.label);
        }
        code.labelBinding(conditional.elseLabel);
        inFrame = conditional.base;
        memory.stale = conditional.staleAtOpen;
    }

    @Override
    void close(Frame closed, boolean falls) {
        if (depth == 0) {
            // Branches to the function's own label return where they are.
            if (falls) {
                values.returnResults(shape.results());
            }
            return;
        }
        inFrame = closed.inFrameBeneath;
        if (closed.isLoop()) {
            if (closed.localFuel) {
                fuelFrame = -1;
                if (falls) {
                    saveFuel();
                }
            }
            return;
        }
        boolean stale = closed.staleAtEnd || (falls && memory.stale);
        if (closed.op == IF && !closed.hasElse) {
            code.labelBinding(closed.elseLabel);
            stale |= closed.staleAtOpen;
        }
        if (closed.region != null) {
            code.labelBinding(closed.region.end());
            if (falls) {
                code.goto_(closed.label);
            }
            handler(closed);
        }
        if (closed.branched || closed.region != null && falls) {
            code.labelBinding(closed.label);
        }
        memory.stale = stale;
    }

    /** Jumps, returns or leaves the piece, with what the target takes along on top of the stack. */
    private void jump(int target) {
        Frame to = frames[target];
        if (leavesFuelLoop(target)) {
            saveFuel();
        }
        if (target < outer) {
            storeOperands(to.labelTypes().length, to.base);
            leavePiece(height - to.labelTypes().length, to.construct);
        } else if (target == 0) {
            values.returnResults(shape.results());
        } else {
            unwind(to);
            noteStale(to);
            code.goto_(to.label);
        }
    }

    /** Removes operands between those that a branch takes along and those that its target keeps. */
    private void unwind(Frame to) {
        Slot[] kept = to.labelTypes();
        int excess = height - kept.length - to.base;
        if (excess == 0) {
            return;
        }
        int[] saved = values.saveAll(kept);
        popOperands(height - kept.length, to.base);
        values.loadAll(kept, saved);
        values.release(kept);
    }

    /** Whether a branch is a jump and nothing else. */
    private boolean isPlain(int target) {
        Frame to = frames[target];
        return target >= Math.max(outer, 1) && !leavesFuelLoop(target) && height == to.base + to.labelTypes().length;
    }

    @Override
    void branch(int target) {
        jump(target);
    }

    @Override
    void branchIf(int target) {
        if (isPlain(target)) {
            noteStale(frames[target]);
            jumpIf(true, frames[target].label);
            return;
        }
        Label on = code.newLabel();
        jumpIf(false, on);
        jump(target);
        code.labelBinding(on);
    }

    @Override
    void branchTable(int[] targets) {
        int fallback = targets[targets.length - 1];
        if (targets.length == 1) {
            code.pop();
            jump(fallback);
            return;
        }
        Map<Integer, Label> stubs = new LinkedHashMap<>();
        Map<Integer, Label> labels = new LinkedHashMap<>();
        Label out = null;
        for (int target : targets) {
            if (labels.containsKey(target)) {
                continue;
            }
            if (leavesWithNothing(target)) {
                out = out == null ? code.newLabel() : out;
                labels.put(target, out);
            } else if (isPlain(target)) {
                labels.put(target, frames[target].label);
                noteStale(frames[target]);
            } else {
                Label stub = code.newLabel();
                labels.put(target, stub);
                stubs.put(target, stub);
            }
        }
        int index = -1;
        if (out != null) {
            index = jvm.temporary(1);
            code.dup().istore(index);
        }
        switchTargets(targets, labels);
        stubs.forEach((target, label) -> {
            code.labelBinding(label);
            jump(target);
        });
        if (out != null) {
            code.labelBinding(out);
            dropOperands(height);
            code.iload(index);
            StringBuilder codes = new StringBuilder(targets.length);
            for (int target : targets) {
                codes.append(leavesWithNothing(target) ? (char) frames[target].construct.id : 0);
            }
            values.lookUp(codes.toString());
            returnCodeOnStack();
            jvm.release(1);
        }
    }

    /** Whether a branch leaves this piece with no values, so that many of them can share their code. */
    private boolean leavesWithNothing(int target) {
        return target < outer
                && frames[target].labelTypes().length == 0
                && !leavesFuelLoop(target)
                && frames[target].construct.id <= Character.MAX_VALUE;
    }

    private void switchTargets(int[] targets, Map<Integer, Label> labels) {
        Label fallback = labels.get(targets[targets.length - 1]);
        List<Label> distinct = List.copyOf(new LinkedHashSet<>(labels.values()));
        List<SwitchCase> cases = new ArrayList<>();
        if (targets.length > LARGE_TABLE && distinct.size() * 2 < targets.length) {
            // A string of the labels' numbers is the smallest table that a class file can hold.
            StringBuilder table = new StringBuilder(targets.length);
            for (int target : targets) {
                table.append((char) distinct.indexOf(labels.get(target)));
            }
            values.lookUp(table.toString());
            for (int i = 0; i < distinct.size(); i++) {
                cases.add(SwitchCase.of(i, distinct.get(i)));
            }
        } else {
            for (int i = 0; i < targets.length - 1; i++) {
                cases.add(SwitchCase.of(i, labels.get(targets[i])));
            }
        }
        code.tableswitch(0, cases.size() - 1, fallback, cases);
    }

    private void noteStale(Frame to) {
        if (!to.isLoop()) {
            to.staleAtEnd |= memory.stale;
        }
    }

    // Exceptions

    @Override
    void tryTable(Frame opened, List<TryRegion.CatchClause> clauses) {
        saveOperands(opened);
        enter(opened);
        opened.region = new TryRegion(code.newLabel(), code.newLabel(), code.newLabel(), clauses);
        code.labelBinding(opened.region.start());
        code.nop();
    }

    /** Keeps what is beneath a try_table on the JVM's stack, which an exception empties. */
    private void saveOperands(Frame opened) {
        int first = outer == 0 ? 0 : frames[outer - 1].base;
        opened.savedOperands = new int[opened.base - first];
        Arrays.fill(opened.savedOperands, -1);
        int[] params = values.saveAll(opened.shape.params());
        int level = depth;
        int framed = inFrame;
        for (int i = opened.base - 1; i >= first; i--) {
            while (i < frames[level - 1].base) {
                framed = frames[--level].inFrameBeneath;
            }
            if (i >= framed) {
                int variable = jvm.allocate(stack[i].width);
                code.storeLocal(stack[i].kind, variable);
                opened.savedOperands[i - first] = variable;
            }
        }
        loadSaved(opened, opened.base);
        values.loadAll(opened.shape.params(), params);
    }

    /** Loads what {@link #saveOperands} kept, up to a height. */
    private void loadSaved(Frame opened, int height) {
        int first = outer == 0 ? 0 : frames[outer - 1].base;
        for (int i = first; i < height; i++) {
            int variable = opened.savedOperands[i - first];
            if (variable >= 0) {
                code.loadLocal(stack[i].kind, variable);
            }
        }
    }

    private void handler(Frame closed) {
        TryRegion region = closed.region;
        if (region.clauses().isEmpty()) {
            return;
        }
        code.exceptionCatch(region.start(), region.end(), region.handler(), Descs.WASM_EXCEPTION);
        code.labelBinding(region.handler());
        memory.stale = true;
        int exception = jvm.allocate(1);
        code.astore(exception);
        Slot[] stackBefore = stack.clone();
        int heightBefore = height;
        boolean caughtAll = false;
        for (TryRegion.CatchClause clause : region.clauses()) {
            Label next = code.newLabel();
            if (clause.tag() >= 0) {
                code.aload(exception).aload(instance).loadConstant(clause.tag());
                code.invokestatic(
                        Descs.CALLS,
                        "hasTag",
                        MethodTypeDesc.of(CD_boolean, Descs.WASM_EXCEPTION, Descs.GUEST_INSTANCE, CD_int));
                code.ifeq(next);
            }
            catchClause(closed, clause, exception);
            stack = stackBefore.clone();
            height = heightBefore;
            code.labelBinding(next);
            if (clause.tag() < 0) {
                caughtAll = true;
                break;
            }
        }
        if (!caughtAll) {
            code.aload(exception).athrow();
        }
    }

    private void catchClause(Frame closed, TryRegion.CatchClause clause, int exception) {
        Frame to = frames[clause.target()];
        int first = outer == 0 ? 0 : frames[outer - 1].base;
        if (clause.target() >= outer) {
            loadSaved(closed, to.base);
            height = to.base;
        } else {
            height = first;
        }
        if (clause.tag() >= 0) {
            Slot[] payload = Slot.of(module.tags().get(clause.tag()).signature().params());
            for (int i = 0; i < payload.length; i++) {
                code.aload(exception).loadConstant(i);
                code.invokestatic(Descs.CALLS, "payload", MethodTypeDesc.of(CD_Object, Descs.WASM_EXCEPTION, CD_int));
                values.unbox(payload[i]);
                push(payload[i]);
            }
        }
        if (clause.withReference()) {
            code.aload(exception);
            push(Slot.EXN);
        }
        jump(clause.target());
    }

    @Override
    void throwTag(int tag, Shape type) {
        int[] variables = values.saveAll(type.params());
        code.loadConstant(variables.length).anewarray(CD_Object);
        for (int i = 0; i < variables.length; i++) {
            code.dup().loadConstant(i).loadLocal(type.params()[i].kind, variables[i]);
            values.box(type.params()[i]);
            code.aastore();
        }
        values.release(type.params());
        code.aload(instance).loadConstant(tag);
        line();
        code.invokestatic(
                Descs.CALLS,
                "exception",
                MethodTypeDesc.of(Descs.WASM_EXCEPTION, CD_Object.arrayType(), Descs.GUEST_INSTANCE, CD_int));
        code.athrow();
    }

    @Override
    void throwRef() {
        line();
        code.invokestatic(Descs.CALLS, "throwable", MethodTypeDesc.of(Descs.WASM_EXCEPTION, Descs.WASM_EXCEPTION));
        code.athrow();
    }

    // Calls

    @Override
    void call(int callee, Shape type) {
        line();
        if (context.layout.signature(callee).wide()) {
            values.allIntoTransfer(type.params());
        }
        code.aload(instance);
        boolean imported = callee < module.importedFunctions();
        code.invokestatic(
                imported ? Descs.INSTANCE : context.layout.classOf(callee),
                imported ? InstanceClass.importName(callee) : ModuleLayout.methodName(callee),
                context.layout.methodType(callee));
        afterCall(type);
    }

    private void afterCall(Shape type) {
        for (int i = 1; i < type.results().length; i++) {
            values.fromTransfer(type.results()[i], i);
        }
        memory.stale = true;
    }

    @Override
    void callIndirect(int typeIndex, int table, Shape type) {
        line();
        callee(typeIndex, table);
        if (context.layout.typeSignature(typeIndex).wide()) {
            int callee = jvm.temporary(1);
            code.astore(callee);
            values.allIntoTransfer(type.params());
            code.aload(callee);
            jvm.release(1);
        }
        invokeReference(typeIndex, table);
        afterCall(type);
    }

    /** From an index on the stack to the function in a table. */
    private void callee(int typeIndex, int table) {
        code.aload(instance).loadConstant(table).loadConstant(typeIndex);
        code.invokestatic(
                Descs.CALLS, "callee", MethodTypeDesc.of(Descs.FUNC_REF, CD_int, Descs.GUEST_INSTANCE, CD_int, CD_int));
    }

    private void invokeReference(int typeIndex, int table) {
        context.calledTypes.add(typeIndex);
        code.dup().aload(instance).loadConstant(table);
        code.invokestatic(
                Descs.CALLS,
                "owner",
                MethodTypeDesc.of(Descs.GUEST_INSTANCE, Descs.FUNC_REF, Descs.GUEST_INSTANCE, CD_int));
        code.invokestatic(
                context.layout.classOf(function),
                GroupClass.invokerName(typeIndex),
                GroupClass.invokerType(context.layout.typeSignature(typeIndex)));
    }

    @Override
    void returnCall(int callee, Shape type) {
        if (callee < module.importedFunctions()) {
            code.aload(instance).getfield(Descs.GUEST_INSTANCE, "imports", CD_FUNC_REFS);
            code.loadConstant(callee).aaload();
            tailCallReference(type, () -> call(callee, type));
            return;
        }
        line();
        values.allIntoTransfer(type.params());
        code.loadConstant(callee).aload(instance).invokestatic(Descs.GUEST_INSTANCE, "function", FUNCTION);
        requestTailCall();
    }

    @Override
    void returnCallIndirect(int typeIndex, int table, Shape type) {
        line();
        callee(typeIndex, table);
        int reference = jvm.allocate(1);
        code.dup().astore(reference);
        tailCallReference(type, () -> {
            if (context.layout.typeSignature(typeIndex).wide()) {
                values.allIntoTransfer(type.params());
            }
            code.aload(reference);
            invokeReference(typeIndex, table);
            afterCall(type);
        });
    }

    /**
     * Tail-calls the function on the stack if it makes tail calls itself, and otherwise calls it; then no chain of frames
     * can grow through it.
     */
    private void tailCallReference(Shape type, Runnable call) {
        int reference = jvm.allocate(1);
        Label plain = code.newLabel();
        code.dup().astore(reference);
        code.invokestatic(Descs.CALLS, "canTailCall", MethodTypeDesc.of(CD_boolean, Descs.FUNC_REF));
        code.ifeq(plain);
        values.allIntoTransfer(type.params());
        code.aload(reference);
        requestTailCall();
        code.labelBinding(plain);
        call.run();
        int before = height;
        pushAll(type.results());
        jump(0);
        height = before;
    }

    /** Returns, asking whoever called to call the function on the stack; its arguments are in the transfer. */
    private void requestTailCall() {
        code.aload(instance);
        code.invokestatic(Descs.CALLS, "tailCall", MethodTypeDesc.of(CD_void, Descs.FUNC_REF, Descs.GUEST_INSTANCE));
        if (piece != null) {
            leavePiece(height, context.scan.tailExit);
        } else {
            returnAnything();
        }
    }

    /** Returns without touching the transfer, in which the arguments of the tail call are. */
    private void returnAnything() {
        if (shape.results().length > 0) {
            values.zero(shape.results()[0]);
            code.return_(shape.results()[0].kind);
        } else {
            code.return_();
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
            memory.stale = true;
        }
    }
}
