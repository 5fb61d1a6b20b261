package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Emits what decides where execution goes on: blocks, branches, exits of pieces, exceptions, fuel and stops. */
abstract class ControlEmitter extends StraightEmitter {
    static final MethodTypeDesc REFUEL = MethodTypeDesc.of(CD_int, CD_int, Descs.GUEST_INSTANCE);
    private static final MethodTypeDesc POLL = MethodTypeDesc.of(CD_void, Descs.GUEST_INSTANCE);
    /** Functions without loops and calls that do so little are not checked when they start. */
    private static final int UNCHECKED_COST = 40;
    /** Tables of branches with more entries are looked up first, so that the JVM's table has an entry for each target. */
    static final int LARGE_TABLE = 64;

    /** One load of a local behind a piece for so many bytes of a method, at most. */
    private static final int RELOADS_SHARE = 40;

    /** The locals of a split function that the method keeps in variables, of those that it accesses itself. */
    final BitSet direct = new BitSet();
    /** Number of frames that are outside of this method. */
    int outer;

    private int fuel = -1;
    /** Index of the frame of the loop from which on fuel is counted in the local variable; -1 outside of such loops. */
    private int fuelFrame = -1;

    private final Label epilogue;

    ControlEmitter(FunctionContext context, CodeBuilder code, Piece piece) {
        super(context, code, piece);
        epilogue = code.newLabel();
        if (context.framed) {
            findDirect();
            leaveInFrame();
        }
    }

    private void findDirect() {
        List<Scan.LocalAccess> accesses = context.scan.accesses;
        int start = piece == null ? 0 : piece.start;
        int end = piece == null ? Integer.MAX_VALUE : piece.end;
        int next = 0;
        for (int i = Scan.first(accesses.size(), at -> accesses.get(at).position() >= start);
                i < accesses.size();
                i++) {
            int at = accesses.get(i).position();
            if (at >= end) {
                return;
            }
            while (next < nested.size() && nested.get(next).end <= at) {
                next++;
            }
            if (next == nested.size() || at < nested.get(next).start) {
                direct.set(accesses.get(i).local());
            }
        }
    }

    /**
     * Locals that would be loaded again behind most of the method's pieces stay in the frame array, so that these loads are
     * never much of the method.
     */
    private void leaveInFrame() {
        int[] loads = new int[locals.length];
        int all = 0;
        for (Piece called : nested) {
            for (int i = called.written.nextSetBit(0); i >= 0; i = called.written.nextSetBit(i + 1)) {
                if (direct.get(i)) {
                    loads[i]++;
                    all++;
                }
            }
        }
        int room = context.options.methodSize() / RELOADS_SHARE;
        int[] byLoads = direct.stream()
                .boxed()
                .sorted(Comparator.comparingInt(i -> -loads[i]))
                .mapToInt(i -> i)
                .toArray();
        for (int i = 0; all > room; i++) {
            direct.clear(byLoads[i]);
            all -= loads[byLoads[i]];
        }
    }

    void enterCheck() {
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

    void takeExits(Piece next) {
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

    /** Returns without touching the transfer, in which the arguments of the tail call are. */
    void returnAnything() {
        if (shape.results().length > 0) {
            values.zero(shape.results()[0]);
            code.return_(shape.results()[0].kind);
        } else {
            code.return_();
        }
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
    void leavePiece(int top, Construct to) {
        dropOperands(top);
        returnCode(to.id);
    }

    private void dropOperands(int top) {
        popOperands(top, lowest());
    }

    void returnCode(int exit) {
        code.loadConstant(exit);
        returnCodeOnStack();
    }

    private void returnCodeOnStack() {
        if (writeThrough || piece.written.isEmpty()) {
            code.ireturn();
        } else {
            code.goto_(epilogue);
        }
    }

    /** Stores the locals that other methods may read and returns the exit code on the stack. */
    void emitEpilogue() {
        if (writeThrough || piece.written.isEmpty()) {
            return;
        }
        code.labelBinding(epilogue);
        for (int i = piece.written.nextSetBit(0); i >= 0; i = piece.written.nextSetBit(i + 1)) {
            if (context.home[i] >= 0) {
                storeVariable(i);
            }
        }
        code.ireturn();
    }

    // Control

    @Override
    void unreachable() {
        forgetHeld();
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
        if (opened.isLoop() && opened.shape.params().length == 0 && !context.metered) {
            dispatches.loop(opened, in.position());
        } else if (opened.op == BLOCK && opened.shape == Shape.EMPTY) {
            dispatches.block(position, in.position());
        }
    }

    /**
     * Jumps where a loop's {@link Dispatch} would lead, if the local that decides got a constant just before. So loops that
     * were one in the guest's source are one to HotSpot too.
     */
    private boolean jumpThrough(int target) {
        Frame loop = frames[target];
        Frame to = target < outer ? null : dispatches.target(loop, position);
        if (to == null) {
            return false;
        }
        unwind(loop);
        if (to.ended) {
            // Now and then, or if there is a stop, on through the start of the loop, which looks. Where the memory's
            // size may
            // be out of date here, it was said to be at the start of the loop, and so at the ends of its blocks.
            if (loop.polled != null) {
                code.iinc(loop.rounds, -1);
                code.iload(loop.rounds).ifgt(to.label);
            } else {
                code.aload(instance)
                        .getfield(Descs.GUEST_INSTANCE, "stop", CD_int)
                        .ifeq(to.label);
            }
            code.goto_(loop.label);
        } else {
            noteStale(to);
            to.branched = true;
            code.goto_(to.label);
        }
        return true;
    }

    private void enter(Frame opened) {
        opened.label = code.newLabel();
        opened.inFrameBeneath = inFrame;
        opened.openedAt = memory.checked.now();
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
        memory.checked.forgetAll();
        if (!context.metered && scanned.pollsFirst) {
            pollIfAsked();
        }
        code.labelBinding(loop.label);
        if (scanned.hasCall) {
            memory.mayGrowInLoop();
        }
        if (!context.metered) {
            if (scanned.rounds > 0) {
                openUnpolled(loop);
            } else {
                pollIfAsked();
            }
        } else if (scanned.hasCall) {
            chargeInstance(scanned.cost);
        } else {
            chargeVariable(scanned.cost);
        }
    }

    /**
     * Starts a loop within the loop, of rounds that do not look at the stop flag: to HotSpot an inner loop that counts down
     * and has nothing in it but what the guest does.
     */
    private void openUnpolled(Frame loop) {
        loop.rounds = jvm.allocate(1);
        code.loadConstant(loop.construct.rounds).istore(loop.rounds);
        loop.polled = loop.label;
        loop.unpolled = code.newLabel();
        code.labelBinding(loop.unpolled);
        loop.label = code.newLabel();
    }

    /** Emits what leads from the end of a round to the next. */
    private void closeUnpolled(Frame loop, boolean falls) {
        Label done = code.newLabel();
        if (falls) {
            code.goto_(done);
        }
        code.labelBinding(loop.label);
        code.iinc(loop.rounds, -1);
        code.iload(loop.rounds).ifgt(loop.unpolled);
        int end = position;
        position = loop.construct.start;
        pollIfAsked();
        position = end;
        code.goto_(loop.polled);
        if (falls) {
            code.labelBinding(done);
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
        memory.checked.forgetSince(conditional.openedAt);
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
            if (closed.polled != null && closed.branched) {
                closeUnpolled(closed, falls);
            }
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
        if (closed.branched || closed.op != BLOCK) {
            memory.checked.forgetSince(closed.openedAt);
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
        closed.ended = true;
        memory.stale = stale;
    }

    /** Jumps, returns or leaves the piece, with what the target takes along on top of the stack. */
    void jump(int target) {
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
        if (!jumpThrough(target)) {
            jump(target);
        }
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
        dispatches.table(frames, depth, targets, position);
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
        Map<Label, Integer> distinct = new LinkedHashMap<>();
        labels.values().forEach(label -> distinct.putIfAbsent(label, distinct.size()));
        List<SwitchCase> cases = new ArrayList<>();
        if (targets.length > LARGE_TABLE && distinct.size() * 2 < targets.length) {
            // A string of the labels' numbers is the smallest table that a class file can hold.
            StringBuilder table = new StringBuilder(targets.length);
            for (int target : targets) {
                table.append((char) (int) distinct.get(labels.get(target)));
            }
            values.lookUp(table.toString());
            distinct.forEach((label, number) -> cases.add(SwitchCase.of(number, label)));
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

    /** The height beneath which operands are none of this method's. */
    private int lowest() {
        return piece == null ? 0 : piece.within.base;
    }

    /** Keeps what is beneath a try_table on the JVM's stack, which an exception empties. */
    private void saveOperands(Frame opened) {
        int first = lowest();
        opened.savedOperands = new int[opened.base - first];
        Arrays.fill(opened.savedOperands, -1);
        int[] params = values.saveAll(opened.shape.params());
        forStacked(opened.base, first, i -> {
            int variable = jvm.allocate(stack[i].width);
            code.storeLocal(stack[i].kind, variable);
            opened.savedOperands[i - first] = variable;
        });
        loadSaved(opened, opened.base);
        values.loadAll(opened.shape.params(), params);
    }

    /** Loads what {@link #saveOperands} kept, up to a height. */
    private void loadSaved(Frame opened, int height) {
        int first = lowest();
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
        int exception = jvm.allocate(1);
        code.astore(exception);
        memory.mayHaveGrown();
        if (container) {
            reload(direct);
        }
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
        int first = lowest();
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
}
