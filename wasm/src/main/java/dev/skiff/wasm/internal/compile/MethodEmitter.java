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
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Translates a function, or a piece of one, to a method. */
final class MethodEmitter extends ControlEmitter {
    /** A function with more locals keeps them in its frame array. */
    static final int MAX_JVM_LOCALS = 1_000;

    /** A method that calls more pieces has little code of its own, and no room to look at the memory behind each. */
    private static final int MANY_PIECES = 50;

    private static final ClassDesc CD_FUNC_REFS = Descs.FUNC_REF.arrayType();

    private int nextPiece;

    private MethodEmitter(FunctionContext context, CodeBuilder code, Piece piece) {
        super(context, code, piece);
        if (piece == null) {
            startFunction(context.layout.signature(function).wide());
        } else {
            startPiece();
        }
        boolean eager = context.scan.hasLoop && nested.size() <= MANY_PIECES;
        memory = new MemoryEmitter(code, context, instance, eager, jvm);
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
        for (int i = 0; i < locals.length; i++) {
            boolean homed = context.home[i] >= 0;
            boolean kept = homed ? container && direct.get(i) : !context.own.get(i);
            if (i < shape.params().length) {
                takeParameter(i, wide, homed, kept);
            } else if (kept) {
                variable[i] = jvm.allocate(locals[i].width);
                values.zero(locals[i]);
                code.storeLocal(locals[i].kind, variable[i]);
            }
        }
    }

    /** Puts a parameter where the method's code and its pieces look for it. */
    private void takeParameter(int index, boolean wide, boolean homed, boolean kept) {
        Slot slot = locals[index];
        if (wide) {
            values.fromTransfer(slot, index);
            variable[index] = jvm.allocate(slot.width);
            code.storeLocal(slot.kind, variable[index]);
        }
        if (homed) {
            storeVariable(index);
        }
        if (!kept) {
            variable[index] = -1;
        }
    }

    private void startPiece() {
        for (int i = piece.own.nextSetBit(0); i >= 0; i = piece.own.nextSetBit(i + 1)) {
            variable[i] = jvm.allocate(locals[i].width);
            values.zero(locals[i]);
            code.storeLocal(locals[i].kind, variable[i]);
        }
        for (int i = direct.nextSetBit(0); i >= 0; i = direct.nextSetBit(i + 1)) {
            if (context.home[i] >= 0) {
                variable[i] = jvm.allocate(locals[i].width);
            }
        }
        reload(direct);
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

    // Pieces

    private void callPiece(Piece next) {
        storeOperands(height - inFrame, inFrame);
        height -= next.in.length;
        inFrame = height;
        code.aload(frame).aload(references).aload(instance);
        code.invokestatic(context.classOf(next), pieceName(function, next), pieceType());
        memory.mayHaveGrown();
        memory.checked.forgetAll();
        reload(next.written);
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
        memory.mayHaveGrown();
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
}
