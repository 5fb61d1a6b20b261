package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.binary.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Walks over the instructions of a validated function body, keeping track of operand types, of the control stack and of
 * what is reachable; calls a method for each reachable instruction. Operands are popped before that call and results
 * pushed after it, except that what a branch takes along stays on the stack.
 */
abstract class BodyWalker {
    final ModuleData module;
    /** Index of the function. */
    final int function;
    /** Types of the locals, parameters first. */
    final Slot[] locals;

    final Shape shape;
    final Reader in;
    /** Position of the current instruction. */
    int position;

    Slot[] stack = new Slot[32];
    int height;
    Frame[] frames = new Frame[16];
    int depth;
    boolean reachable = true;

    BodyWalker(ModuleData module, int function) {
        this.module = module;
        this.function = function;
        shape = Shape.of(module.functions().get(function));
        ModuleData.Code code = module.code().get(function - module.importedFunctions());
        locals = localTypes(shape, code);
        in = new Reader(module.binary(), code.body().start(), code.body().end());
    }

    private static Slot[] localTypes(Shape shape, ModuleData.Code code) {
        int count = shape.params().length;
        for (ModuleData.LocalRun run : code.locals()) {
            count += run.count();
        }
        Slot[] types = Arrays.copyOf(shape.params(), count);
        int at = shape.params().length;
        for (ModuleData.LocalRun run : code.locals()) {
            Arrays.fill(types, at, at + run.count(), Slot.of(run.type()));
            at += run.count();
        }
        return types;
    }

    /** Walks the whole body. */
    final void walkBody() {
        push(frame(BLOCK, new Shape(Slot.NONE, shape.results())));
        walk(in.end());
    }

    /** Walks on to a position. */
    final void walk(int to) {
        while (in.position() < to) {
            position = in.position();
            int jump = before();
            if (jump >= 0) {
                in.range(jump, in.end());
                continue;
            }
            step(in.op());
            if (!reachable) {
                skipDead();
            }
        }
    }

    /** Called before each instruction; a position to go on at instead, or -1. */
    int before() {
        return -1;
    }

    /** What the scan knows about a construct that opens here; null if nothing. */
    abstract Construct construct(int op, Shape type, int base);

    private Frame frame(int op, Shape type) {
        int base = height - type.params().length;
        return new Frame(op, type, base, construct(op, type, base));
    }

    final void push(Frame frame) {
        if (depth == frames.length) {
            frames = Arrays.copyOf(frames, depth * 2);
        }
        frames[depth++] = frame;
    }

    final void push(Slot slot) {
        if (height == stack.length) {
            stack = Arrays.copyOf(stack, height * 2);
        }
        stack[height++] = slot;
    }

    final void pushAll(Slot[] slots) {
        for (Slot slot : slots) {
            push(slot);
        }
    }

    /** Operands on top of the stack are about to be used, or another is about to come on top of them. */
    void need(int operands) {}

    /** Operands on top of the stack are about to be used one by one, so that they need not be in their places. */
    void needEach(int operands) {}

    private void take(int operands) {
        need(operands);
        height -= operands;
    }

    private void takeEach(int operands) {
        needEach(operands);
        height -= operands;
    }

    final Frame top() {
        return frames[depth - 1];
    }

    private void step(int op) {
        if (op == I64_EXTEND_I32_U && addsAsInt()) {
            return;
        }
        if (op >= I32_EQZ && op <= I64_EXTEND32_S || op >= I32_TRUNC_SAT_F32_S && op <= I64_TRUNC_SAT_F64_U) {
            take(Effects.pops(op));
            numeric(op);
            push(Effects.result(op));
            return;
        }
        if (op >= I32_LOAD && op <= I64_STORE32) {
            memoryAccess(op);
            return;
        }
        switch (op) {
            case LOCAL_GET -> {
                int index = in.u32();
                localGet(index);
                push(locals[index]);
            }
            case LOCAL_SET -> {
                take(1);
                localSet(in.u32());
            }
            case LOCAL_TEE -> {
                need(1);
                localTee(in.u32());
            }
            case GLOBAL_GET -> {
                int index = in.u32();
                need(0);
                globalGet(index);
                push(Slot.of(module.globals().get(index).type().value()));
            }
            case GLOBAL_SET -> {
                takeEach(1);
                globalSet(in.u32());
            }
            case I32_CONST -> {
                i32Const(in.s32());
                push(Slot.I32);
            }
            case I64_CONST -> {
                i64Const(in.s64());
                push(Slot.I64);
            }
            case F32_CONST -> {
                f32Const(in.f32Bits());
                push(Slot.F32);
            }
            case F64_CONST -> {
                f64Const(in.f64Bits());
                push(Slot.F64);
            }
            case NOP -> {}
            case DROP -> {
                take(1);
                drop(stack[height]);
            }
            case SELECT -> select();
            case SELECT_T -> {
                for (int i = in.u32(); i > 0; i--) {
                    skipValueType();
                }
                select();
            }
            default -> other(op);
        }
    }

    /**
     * Takes an addition in 64 bits of which 32 are kept, as Go's compiler makes for every address, as one in 32 bits; false if
     * what follows an i64.extend_i32_u is none.
     */
    private boolean addsAsInt() {
        int start = in.position();
        if (in.peek() == I64_CONST) {
            in.op();
            int addend = (int) in.s64();
            if (in.peek() == I64_ADD) {
                in.op();
                if (in.peek() == I32_WRAP_I64) {
                    in.op();
                    i32Const(addend);
                    push(Slot.I32);
                    take(2);
                    numeric(I32_ADD);
                    push(Slot.I32);
                    return true;
                }
            }
        }
        in.range(start, in.end());
        return false;
    }

    private void select() {
        need(3);
        height -= 2;
        select(stack[height - 1]);
    }

    private void memoryAccess(int op) {
        int align = in.u32();
        int memory = (align & 0x40) != 0 ? in.u32() : 0;
        long offset = Integer.toUnsignedLong(in.u32());
        takeEach(Effects.pops(op));
        if (Effects.isLoad(op)) {
            load(op, memory, offset);
            push(Effects.result(op));
        } else {
            store(op, memory, offset);
        }
    }

    private void other(int op) {
        switch (op) {
            case UNREACHABLE -> {
                unreachable();
                reachable = false;
            }
            case BLOCK, LOOP -> {
                Shape type = blockType();
                need(type.params().length);
                open(op, type);
            }
            case IF -> {
                Shape type = blockType();
                need(1 + type.params().length);
                height--;
                open(op, type);
            }
            case TRY_TABLE -> {
                Shape type = blockType();
                List<TryRegion.CatchClause> clauses = catchClauses();
                need(type.params().length);
                Frame frame = frame(op, type);
                tryTable(frame, clauses);
                push(frame);
            }
            case ELSE -> openElse();
            case END -> close();
            case BR -> {
                int target = target(in.u32());
                need(frames[target].labelTypes().length);
                branch(target);
                reachable = false;
            }
            case BR_IF -> {
                int target = target(in.u32());
                need(1 + frames[target].labelTypes().length);
                height--;
                branchIf(target);
            }
            case BR_TABLE -> {
                int count = in.u32();
                int[] targets = new int[count + 1];
                for (int i = 0; i <= count; i++) {
                    targets[i] = target(in.u32());
                }
                need(1 + frames[targets[count]].labelTypes().length);
                height--;
                branchTable(targets);
                reachable = false;
            }
            case RETURN -> {
                frames[0].branched = true;
                need(shape.results().length);
                branch(0);
                reachable = false;
            }
            default -> callOrBulk(op);
        }
    }

    private void callOrBulk(int op) {
        switch (op) {
            case CALL, RETURN_CALL -> {
                int callee = in.u32();
                Shape type = Shape.of(module.functions().get(callee));
                take(type.params().length);
                if (op == CALL) {
                    call(callee, type);
                    pushAll(type.results());
                } else {
                    returnCall(callee, type);
                    reachable = false;
                }
            }
            case CALL_INDIRECT, RETURN_CALL_INDIRECT -> {
                int typeIndex = in.u32();
                int table = in.u32();
                Shape type = Shape.of(module.types().get(typeIndex));
                take(type.params().length + 1);
                if (op == CALL_INDIRECT) {
                    callIndirect(typeIndex, table, type);
                    pushAll(type.results());
                } else {
                    returnCallIndirect(typeIndex, table, type);
                    reachable = false;
                }
            }
            case THROW -> {
                int tag = in.u32();
                Shape type = Shape.of(module.tags().get(tag).signature());
                take(type.params().length);
                throwTag(tag, type);
                reachable = false;
            }
            case THROW_REF -> {
                take(1);
                throwRef();
                reachable = false;
            }
            case REF_NULL -> {
                Slot slot = heapType();
                need(0);
                refNull();
                push(slot);
            }
            case REF_IS_NULL -> {
                take(1);
                refIsNull();
                push(Slot.I32);
            }
            case REF_FUNC -> {
                need(0);
                refFunc(in.u32());
                push(Slot.FUNC);
            }
            case TABLE_GET -> {
                int table = in.u32();
                Slot element = elementType(table);
                take(1);
                bulk(op, table, 0, element);
                push(element);
            }
            case TABLE_SET -> {
                int table = in.u32();
                take(2);
                bulk(op, table, 0, elementType(table));
            }
            case MEMORY_SIZE, TABLE_SIZE -> {
                need(0);
                bulk(op, in.u32(), 0, Slot.I32);
                push(Slot.I32);
            }
            case MEMORY_GROW -> bulkWithResult(op, 1);
            case TABLE_GROW -> bulkWithResult(op, 2);
            case MEMORY_FILL, TABLE_FILL -> {
                take(3);
                bulk(op, in.u32(), 0, Slot.I32);
            }
            case MEMORY_COPY, TABLE_COPY, MEMORY_INIT, TABLE_INIT -> {
                take(3);
                int first = in.u32();
                bulk(op, first, in.u32(), Slot.I32);
            }
            case DATA_DROP, ELEM_DROP -> bulk(op, in.u32(), 0, Slot.I32);
            default -> throw new IllegalStateException("instruction " + name(op) + " was validated but is unknown");
        }
    }

    private void bulkWithResult(int op, int pops) {
        take(pops);
        bulk(op, in.u32(), 0, Slot.I32);
        push(Slot.I32);
    }

    private Slot elementType(int table) {
        return Slot.of(module.tables().get(table).type().element());
    }

    private int target(int label) {
        int index = depth - 1 - label;
        frames[index].branched = true;
        return index;
    }

    private void open(int op, Shape type) {
        Frame frame = frame(op, type);
        open(frame);
        push(frame);
    }

    private void openElse() {
        Frame frame = top();
        frame.hasElse = true;
        if (reachable) {
            need(frame.shape.results().length);
        }
        openElse(frame, reachable);
        height = frame.base;
        pushAll(frame.shape.params());
        if (reachable) {
            frame.branched = true;
        }
        reachable = true;
    }

    private void close() {
        Frame frame = top();
        boolean falls = reachable;
        if (falls) {
            need(frame.shape.results().length);
        }
        if (frame.op == IF && !frame.hasElse) {
            frame.branched = true;
        }
        depth--;
        height = frame.base;
        pushAll(frame.shape.results());
        reachable = falls || (frame.branched && !frame.isLoop());
        close(frame, falls);
    }

    private Shape blockType() {
        long type = in.s33();
        if (type >= 0) {
            return Shape.of(module.types().get((int) type));
        }
        return type == -64 ? Shape.EMPTY : new Shape(Slot.NONE, new Slot[] {valueType(type)});
    }

    private Slot valueType(long code) {
        return switch ((int) code) {
            case -1 -> Slot.I32;
            case -2 -> Slot.I64;
            case -3 -> Slot.F32;
            case -4 -> Slot.F64;
            case -28, -29 -> heapType();
            default -> heapType(code);
        };
    }

    private Slot heapType() {
        return heapType(in.s33());
    }

    private static Slot heapType(long code) {
        return switch ((int) code) {
            case -16 -> Slot.FUNC;
            case -17 -> Slot.EXTERN;
            case -23 -> Slot.EXN;
            default -> throw new IllegalStateException("heap type " + code + " was validated but is unknown");
        };
    }

    private void skipValueType() {
        valueType(in.s33());
    }

    private List<TryRegion.CatchClause> catchClauses() {
        int count = in.u32();
        List<TryRegion.CatchClause> clauses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int kind = in.u8();
            int tag = kind < 2 ? in.u32() : -1;
            clauses.add(new TryRegion.CatchClause(tag, (kind & 1) != 0, target(in.u32())));
        }
        return clauses;
    }

    /** Passes over what cannot be reached, to the else or end of the current construct. */
    private void skipDead() {
        for (int nested = 0; in.hasMore(); ) {
            int next = in.peek();
            if (nested == 0 && (next == END || next == ELSE)) {
                return;
            }
            int op = in.op();
            if (op == BLOCK || op == LOOP || op == IF || op == TRY_TABLE) {
                nested++;
            } else if (op == END) {
                nested--;
            }
            skipImmediates(op);
        }
    }

    private void skipImmediates(int op) {
        switch (op) {
            case BLOCK, LOOP, IF -> blockTypeSkipped();
            case TRY_TABLE -> {
                blockTypeSkipped();
                for (int i = in.u32(); i > 0; i--) {
                    if (in.u8() < 2) {
                        in.u32();
                    }
                    in.u32();
                }
            }
            case BR,
                    BR_IF,
                    CALL,
                    RETURN_CALL,
                    LOCAL_GET,
                    LOCAL_SET,
                    LOCAL_TEE,
                    GLOBAL_GET,
                    GLOBAL_SET,
                    THROW,
                    REF_FUNC,
                    TABLE_GET,
                    TABLE_SET,
                    MEMORY_SIZE,
                    MEMORY_GROW,
                    MEMORY_FILL,
                    DATA_DROP,
                    ELEM_DROP,
                    TABLE_GROW,
                    TABLE_SIZE,
                    TABLE_FILL -> in.u32();
            case CALL_INDIRECT, RETURN_CALL_INDIRECT, MEMORY_COPY, MEMORY_INIT, TABLE_COPY, TABLE_INIT -> {
                in.u32();
                in.u32();
            }
            case BR_TABLE -> {
                for (int i = in.u32(); i >= 0; i--) {
                    in.u32();
                }
            }
            case SELECT_T -> {
                for (int i = in.u32(); i > 0; i--) {
                    skipValueType();
                }
            }
            case I32_CONST -> in.s32();
            case I64_CONST -> in.s64();
            case F32_CONST -> in.skip(4);
            case F64_CONST -> in.skip(8);
            case REF_NULL -> in.s33();
            default -> {
                if (op >= I32_LOAD && op <= I64_STORE32) {
                    if ((in.u32() & 0x40) != 0) {
                        in.u32();
                    }
                    in.u32();
                }
            }
        }
    }

    private void blockTypeSkipped() {
        long type = in.s33();
        if (type == -28 || type == -29) {
            in.s33();
        }
    }

    // What subclasses do with each reachable instruction.

    abstract void numeric(int op);

    abstract void load(int op, int memory, long offset);

    abstract void store(int op, int memory, long offset);

    abstract void i32Const(int value);

    abstract void i64Const(long value);

    abstract void f32Const(int bits);

    abstract void f64Const(long bits);

    abstract void localGet(int index);

    abstract void localSet(int index);

    abstract void localTee(int index);

    abstract void globalGet(int index);

    abstract void globalSet(int index);

    abstract void drop(Slot slot);

    abstract void select(Slot slot);

    abstract void unreachable();

    /** A block, loop or if starts. */
    abstract void open(Frame frame);

    /** The first branch of an if ends; {@code falls} says whether its end is reached. */
    abstract void openElse(Frame frame, boolean falls);

    /** A construct ends; {@code falls} says whether its last part's end is reached. Its frame is popped already. */
    abstract void close(Frame frame, boolean falls);

    abstract void tryTable(Frame frame, List<TryRegion.CatchClause> clauses);

    /** Branches to the frame of an index. */
    abstract void branch(int target);

    abstract void branchIf(int target);

    /** Branches by the number on the stack; the last target is the default. */
    abstract void branchTable(int[] targets);

    abstract void call(int callee, Shape type);

    abstract void callIndirect(int typeIndex, int table, Shape type);

    abstract void returnCall(int callee, Shape type);

    abstract void returnCallIndirect(int typeIndex, int table, Shape type);

    abstract void throwTag(int tag, Shape type);

    abstract void throwRef();

    abstract void refNull();

    abstract void refIsNull();

    abstract void refFunc(int index);

    /** An instruction on a whole memory, table or segment, or a table access; its immediates in their order. */
    abstract void bulk(int op, int first, int second, Slot slot);
}
