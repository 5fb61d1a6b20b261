package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Generates what leaves a region: branches of all kinds, returns, traps, throws and tail calls. */
final class Escapes {
    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;

    Escapes(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** An enclosing frame: mostly a near one, sometimes any. */
    private Frame target() {
        var frames = emitter.frames();
        int distance = rng.chance(0.2) ? rng.below(frames.size()) : rng.near(frames.size());
        return frames.get(frames.size() - 1 - distance);
    }

    /** Pushes a condition for a branch; one that leaves much code behind is rarely true. */
    private void condition(Frame target) {
        body.values.push(Type.I32, 2);
        int distance = emitter.frames().size() - 1 - emitter.frames().indexOf(target);
        if (distance > 0 || body.shape.size() > 1_000 && emitter.frames().size() < 3) {
            emitter.emit(Ops.i32(distance > 1 ? 0x1F : 7));
            emitter.emit(Op.plain("i32.and", 0x71, List.of(Type.I32, Type.I32), List.of(Type.I32)));
            emitter.emit(Op.plain("i32.eqz", 0x45, List.of(Type.I32), List.of(Type.I32)));
        }
    }

    /** Adds a br_if; operands beneath its values stay. */
    void conditional() {
        var target = target();
        var types = target.labelTypes();
        body.values.push(types, 2);
        condition(target);
        emitter.emit(Op.with("br_if", 0x0D, new Immediate.Label(target), Types.append(types, Type.I32), types));
    }

    /** Adds a br to a frame; operands beneath its values are left behind. */
    void branch(Frame target) {
        var types = target.labelTypes();
        body.values.push(types, 2);
        if (target == body.function && rng.chance(0.5)) {
            emitter.emit(new Op("return", 0x0F, List.of(), types, List.of(), true));
        } else {
            emitter.emit(new Op("br", 0x0C, List.of(new Immediate.Label(target)), types, List.of(), true));
        }
    }

    /** Adds an if, rarely entered, that leaves. */
    void guarded() {
        var target = target();
        condition(target);
        var scope = new Scope(Scope.Kind.IF, Signature.NONE);
        scope.body = emitter.inside(scope, List.of(), () -> {
            body.statements(rng.below(6));
            leave(target);
            body.statements(rng.chance(0.1) ? 4 : 0);
            body.settle(scope, List.of());
        });
        emitter.emit(scope);
    }

    /** Leaves unconditionally, with whatever is on the stack left behind. */
    void leave(Frame target) {
        boolean exceptions = !body.program.tags.isEmpty();
        switch (rng.weighted(
                10,
                4,
                4,
                body.risky() ? 40 : 0,
                exceptions ? 4 : 0,
                exceptions ? 1 : 0,
                body.calls.canTailCall() ? 5 : 0)) {
            case 0 -> branch(target);
            case 1 -> branch(body.function);
            case 2 -> table(target);
            case 3 -> emitter.emit(Ops.unreachable());
            case 4 -> body.exceptions.raise();
            case 5 -> body.exceptions.raiseAgain();
            default -> body.calls.tailCall(2);
        }
    }

    /** Adds a br_table whose default is the target. */
    void table(Frame target) {
        var types = target.labelTypes();
        var fitting = emitter.frames().stream()
                .filter(f -> f.labelTypes().equals(types))
                .toList();
        var targets = new ArrayList<Frame>();
        int arms = rng.chance(0.8) ? rng.below(6) : rng.below(body.shape.arms() + 1);
        for (int i = 0; i < arms; i++) {
            targets.add(fitting.get(fitting.size() - 1 - rng.near(fitting.size())));
        }
        body.values.push(types, 2);
        selector(arms);
        emitter.emit(table(targets, target, types));
    }

    /** Pushes an index into so many arms, mostly. */
    void selector(int arms) {
        body.values.push(Type.I32, 2);
        if (rng.chance(0.8)) {
            emitter.emit(Ops.i32(arms + 1));
            emitter.emit(Op.plain("i32.rem_u", 0x70, List.of(Type.I32, Type.I32), List.of(Type.I32)));
        }
    }

    static Op table(List<Frame> targets, Frame otherwise, List<Type> types) {
        var labels = new Immediate.Labels(List.copyOf(targets), otherwise);
        return new Op("br_table", 0x0E, List.of(labels), Types.append(types, Type.I32), List.of(), true);
    }
}
