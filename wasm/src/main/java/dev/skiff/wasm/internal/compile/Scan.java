package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;

import dev.skiff.wasm.internal.binary.ModuleData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Looks over a body before it is translated: what its loops cost and whether they call, whether it accesses
 * memory; for large bodies also where they can be cut, how they branch and which locals they use where.
 */
final class Scan extends BodyWalker {
    /** No byte of a body becomes more bytes of JVM code, by our estimates. */
    private static final int MAX_GROWTH = 14;

    /** Behind constructs the code is cut at once where no more operands than this are on the stack. */
    private static final int FEW_OPERANDS = 64;
    /** Where more operands are on the stack, the code is not cut. */
    private static final int MAX_OPERANDS = 20_000;
    /**
     * About how many instructions loops without calls run between two looks at the stop flag: enough to make a look, which
     * keeps HotSpot from moving accesses to memory, cost nothing, and few enough for the interpreter to run them in a few
     * milliseconds.
     */
    static final int UNPOLLED_COST = 100_000;
    /** Innermost loops leave some of these instructions for those around them. */
    private static final int MAX_ROUNDS = 1_000;

    private static final int TABLE_SIZE = 24;
    /** A large table has no entry for a target in another method, so that an entry belongs to its target. */
    private static final int ENTRY_SIZE = 8;

    /** A branch out of a construct. */
    record Branch(int position, Construct target) {}

    /** An access to a local. */
    record LocalAccess(int position, int local, boolean write, int depth) {}

    final Construct root;
    /** Where pieces leave to that ask for a tail call: no construct, but the function's caller. */
    final Construct tailExit;

    final List<Branch> branches = new ArrayList<>();
    final List<LocalAccess> accesses = new ArrayList<>();
    final Map<Integer, Construct> constructs = new HashMap<>();
    /** Whether it has loads or stores of the first memory. */
    boolean usesMemory;

    boolean usesGlobals;
    boolean hasCall;
    boolean hasLoop;
    boolean hasTailCall;
    private final boolean large;
    /** Between two cuts there are about as many bytes of JVM code, unless a construct starts or ends. */
    private final int cutDistance;
    /** After so many bytes without a place where the operand stack is empty, the code is cut all the same. */
    private final int forcedCutDistance;

    private int constructCount;
    private int size;
    private Construct current;
    private Construct costBearer;
    private final List<Construct> bearers = new ArrayList<>();
    private int lastCutSize;
    private boolean cutNext;

    Scan(ModuleData module, int function, int methodSize) {
        super(module, function);
        cutDistance = methodSize / 140;
        forcedCutDistance = methodSize / 7;
        large = in.remaining() > methodSize / MAX_GROWTH || locals.length > MethodEmitter.MAX_JVM_LOCALS;
        root = new Construct(BLOCK, null, ++constructCount, in.position(), new Shape(Slot.NONE, shape.results()), 0);
        tailExit = new Construct(RETURN_CALL, null, ++constructCount, -1, Shape.EMPTY, 0);
        tailExit.end = -1;
        current = root;
        costBearer = root;
        cutNext = true;
        walkBody();
        root.end = in.end();
        root.size = size;
    }

    @Override
    Construct construct(int op, Shape type, int base) {
        if (depth == 0) {
            return root;
        }
        Construct made = new Construct(op, current, ++constructCount, position, type, base);
        if (large || op == LOOP) {
            constructs.put(position, made);
        }
        return made;
    }

    @Override
    int before() {
        int op = in.peek();
        costBearer.cost++;
        if (large) {
            cut(op);
        }
        size += Effects.size(op == PREFIX_MISC ? MEMORY_FILL : op);
        return -1;
    }

    private void cut(int op) {
        boolean last = op == END || op == ELSE;
        if (!reachable) {
            if (last) {
                current.cuts.add(new Cut(position, Slot.NONE, size, false, true));
                cutNext = op == ELSE;
            }
            return;
        }
        boolean opens = op == BLOCK || op == LOOP || op == IF || op == TRY_TABLE;
        int operands = height - top().base;
        int distance = size - lastCutSize;
        boolean wanted = last
                || cutNext && operands <= FEW_OPERANDS
                || operands == 0 && (opens || distance >= cutDistance)
                // Cuts keep the operands' types: not more of them than there is code.
                || distance >= Math.max(forcedCutDistance, operands / 2) && operands <= MAX_OPERANDS;
        if (wanted) {
            Slot[] types = operands == 0 ? Slot.NONE : Arrays.copyOfRange(stack, height - operands, height);
            current.cuts.add(new Cut(position, types, size, true, last));
            lastCutSize = size;
            cutNext = op == ELSE;
        }
    }

    @Override
    void open(Frame frame) {
        enter(frame);
        if (frame.isLoop()) {
            hasLoop = true;
            bearers.add(costBearer);
            costBearer = frame.construct;
        }
    }

    private void enter(Frame frame) {
        current = frame.construct;
        cutNext = true;
    }

    @Override
    void openElse(Frame frame, boolean falls) {
        cutNext = true;
    }

    @Override
    void close(Frame frame, boolean falls) {
        Construct closed = frame.construct;
        if (closed == root) {
            return;
        }
        closed.end = in.position();
        size += closed.tables * ENTRY_SIZE;
        if (!closed.cuts.isEmpty()) {
            closed.size = size - closed.cuts.getFirst().size() + Effects.size(closed.op);
        }
        if (closed.hasCall) {
            closed.parent.hasCall = true;
        }
        if (frame.isLoop()) {
            costBearer = bearers.removeLast();
            if (!closed.hasCall) {
                int round = Math.max(1, closed.cost + closed.unpolled);
                closed.rounds = Math.clamp(UNPOLLED_COST / round, 1, MAX_ROUNDS);
                closed.pollsFirst = costBearer.unpolled > UNPOLLED_COST;
                costBearer.unpolled = Math.min(costBearer.unpolled + closed.rounds * round, UNPOLLED_COST + 1);
            }
        }
        current = closed.parent;
        cutNext = true;
    }

    @Override
    void tryTable(Frame frame, List<TryRegion.CatchClause> clauses) {
        for (TryRegion.CatchClause clause : clauses) {
            noteBranch(clause.target());
            size += 30;
        }
        enter(frame);
    }

    private void noteBranch(int target) {
        if (large) {
            branches.add(new Branch(position, frames[target].construct));
        }
    }

    @Override
    void branch(int target) {
        noteBranch(target);
    }

    @Override
    void branchIf(int target) {
        noteBranch(target);
    }

    @Override
    void branchTable(int[] targets) {
        boolean isLarge = targets.length > ControlEmitter.LARGE_TABLE;
        size += TABLE_SIZE + (isLarge ? 0 : 4 * targets.length);
        for (int target : Arrays.stream(targets).distinct().toArray()) {
            noteBranch(target);
            if (isLarge) {
                frames[target].construct.tables++;
            }
        }
    }

    private void access(int local, boolean write) {
        if (large) {
            accesses.add(new LocalAccess(position, local, write, depth));
        }
    }

    @Override
    void localGet(int index) {
        access(index, false);
    }

    @Override
    void localSet(int index) {
        access(index, true);
    }

    @Override
    void localTee(int index) {
        access(index, true);
    }

    private void memoryAccess(int memory) {
        usesMemory |= memory == 0;
    }

    /** The first of so many sorted things that is far enough. */
    static int first(int count, IntPredicate isFarEnough) {
        int low = 0;
        for (int high = count; low < high; ) {
            int middle = low + high >>> 1;
            if (isFarEnough.test(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    @Override
    void load(int op, int memory, long offset) {
        memoryAccess(memory);
    }

    @Override
    void store(int op, int memory, long offset) {
        memoryAccess(memory);
    }

    private void noteCall(Shape type) {
        hasCall = true;
        current.hasCall = true;
        size += 2 * type.params().length + 10 * Math.max(0, type.results().length - 1);
        if (type.params().length > 200) {
            size += 10 * type.params().length;
        }
    }

    @Override
    void call(int callee, Shape type) {
        noteCall(type);
    }

    @Override
    void callIndirect(int typeIndex, int table, Shape type) {
        noteCall(type);
    }

    @Override
    void returnCall(int callee, Shape type) {
        noteTailCall(type);
    }

    @Override
    void returnCallIndirect(int typeIndex, int table, Shape type) {
        noteTailCall(type);
    }

    private void noteTailCall(Shape type) {
        hasTailCall = true;
        noteCall(type);
        size += 14 * type.params().length;
        noteBranch(0);
        if (large) {
            branches.add(new Branch(position, tailExit));
        }
    }

    @Override
    void throwTag(int tag, Shape type) {
        noteCall(type);
        size += 12 * type.params().length;
    }

    @Override
    void bulk(int op, int first, int second, Slot slot) {
        noteCall(Shape.EMPTY);
    }

    @Override
    void numeric(int op) {}

    @Override
    void i32Const(int value) {}

    @Override
    void i64Const(long value) {}

    @Override
    void f32Const(int bits) {}

    @Override
    void f64Const(long bits) {}

    @Override
    void globalGet(int index) {
        usesGlobals = true;
    }

    @Override
    void globalSet(int index) {
        usesGlobals = true;
    }

    @Override
    void drop(Slot slot) {}

    @Override
    void select(Slot slot) {}

    @Override
    void unreachable() {}

    @Override
    void throwRef() {
        noteCall(Shape.EMPTY);
    }

    @Override
    void refNull() {}

    @Override
    void refIsNull() {}

    @Override
    void refFunc(int index) {}
}
