package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Generates statements: structured instructions, and whatever else stands on its own. */
final class Control {
    private static final int MAX_LOOP_DEPTH = 3;

    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;
    private int loopDepth;

    Control(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** Adds a statement of about a size at most. */
    void statement(int size) {
        boolean deep = body.shape.profile() == Shape.Profile.DEEP;
        int nested = deep && rng.chance(0.8) ? size - 4 : rng.between(2, Math.max(2, Math.min(size, 400) / 2));
        int nest = body.mayNest() && size > 6 ? 1 : 0;
        boolean exceptions = !body.program.tags.isEmpty();
        boolean switches = nest == 1 && size > 60 && body.shape.arms() > 0;
        emitter.reuse(true);
        switch (rng.weighted(
                16,
                10,
                3,
                8,
                emitter.height() > 0 ? 3 : 0,
                nest * (deep ? 40 : 12),
                5,
                nest * 4,
                body.function.leaf ? 0 : 4,
                2,
                2,
                switches ? body.shape.profile() == Shape.Profile.SWITCH ? 15 : 2 : 0,
                exceptions ? nest * 5 : 0,
                emitter.frames().size() > 2 && !deep ? 1 : 0,
                emitter.height() > 0 ? 6 : 0)) {
            case 0 -> leave();
            case 1 -> body.local(body.anyType()).ifPresent(this::assign);
            case 2 -> assignGlobal();
            case 3 -> body.memory.store(rng.between(1, 3));
            case 4 -> body.absorb();
            case 5 -> nested(nested);
            case 6 -> body.escapes.conditional();
            case 7 -> body.escapes.guarded();
            case 8 -> body.calls.any(2);
            case 9 -> body.memory.bulk(2);
            case 10 -> body.tables.change(2);
            case 11 -> {
                if (rng.chance(0.5)) {
                    new Switch(body).add(size);
                } else {
                    new StateMachine(body, size).add();
                }
            }
            case 12 -> body.exceptions.guarded(nested);
            case 13 -> body.escapes.leave(emitter.frames().getLast());
            default -> transform();
        }
        emitter.reuse(false);
    }

    /** Pushes a value and leaves it on the stack, while there is room. */
    private void leave() {
        body.values.push(body.anyType(), rng.between(1, 4));
        while (emitter.height() > body.shape.stack()) {
            body.absorb();
        }
    }

    private void assign(Entity.Local local) {
        body.values.push(List.of(local.type), rng.between(1, 4));
        emitter.emit(Ops.set(local));
    }

    private void assignGlobal() {
        var candidates = body.program.globals.stream()
                .filter(g -> g.mutable && g != body.program.fuel)
                .toList();
        var global = rng.pick(candidates);
        body.values.push(List.of(global.type), 3);
        emitter.emit(Ops.set(global));
    }

    /** Applies a numeric instruction to the operand on top. */
    private void transform() {
        Type type = emitter.top().type();
        if (type.isReference()) {
            body.absorb();
            return;
        }
        var unary = Numerics.giving(rng.number()).stream()
                .filter(op -> op.pops().equals(List.of(type)))
                .toList();
        if (!unary.isEmpty()) {
            body.values.apply(rng.pick(unary));
        }
    }

    /** Up to so many types. */
    List<Type> types(int most) {
        var types = new ArrayList<Type>();
        for (int i = rng.below(most + 1); i > 0; i--) {
            types.add(body.anyType());
        }
        return types;
    }

    /** Types of operands on top of the stack that a block takes as its parameters. */
    List<Type> operandsForBlock() {
        if (!typed()) {
            return List.of();
        }
        int most = rng.chance(0.1) ? emitter.height() : Math.min(3, emitter.height());
        return emitter.topTypes(rng.below(most + 1));
    }

    private boolean typed() {
        return body.shape.has(Trait.TYPED_BLOCKS);
    }

    private int resultCount() {
        return rng.chance(0.05) ? Math.min(20, body.shape.params()) : 3;
    }

    /** Adds a block, loop or if that takes operands and leaves results. */
    private void nested(int size) {
        switch (rng.weighted(4, loopDepth < MAX_LOOP_DEPTH ? 4 : 0, 4)) {
            case 0 -> block(operandsForBlock(), types(resultCount()), size);
            case 1 -> loop(operandsForBlock(), types(typed() ? resultCount() : 0), size);
            default -> {
                body.values.push(Type.I32, 2);
                choice(types(resultCount()), size);
            }
        }
    }

    /** Adds a block or if that leaves one value. */
    void valued(Type type) {
        int size = rng.between(1, 12);
        if (rng.chance(0.4)) {
            block(List.of(), List.of(type), size);
        } else {
            body.values.push(Type.I32, 2);
            var scope = new Scope(Scope.Kind.IF, new Signature(List.of(), List.of(type)));
            arms(scope, size);
        }
    }

    private void block(List<Type> params, List<Type> results, int size) {
        var scope = new Scope(Scope.Kind.BLOCK, new Signature(params, results));
        scope.body = emitter.inside(scope, params, () -> {
            body.statements(size);
            body.settle(scope, results);
        });
        emitter.emit(scope);
    }

    /** Adds an if whose condition is on the stack; without else if it may. */
    private void choice(List<Type> results, int size) {
        boolean bare = rng.chance(0.3);
        int known = typed() ? emitter.height() - 1 : 0;
        int taken = known < 1 ? 0 : rng.below(Math.min(3, known) + 1);
        var params = known < 1 ? List.<Type>of() : emitter.topTypes(taken + 1).subList(0, taken);
        var scope = new Scope(Scope.Kind.IF, new Signature(params, bare ? params : results));
        if (bare) {
            scope.body = emitter.inside(scope, params, () -> {
                body.statements(size);
                body.settle(scope, params);
            });
            emitter.emit(scope);
        } else {
            arms(scope, size);
        }
    }

    private void arms(Scope scope, int size) {
        scope.body = arm(scope, size / 2);
        scope.orElse = arm(scope, size / 2);
        emitter.emit(scope);
    }

    private List<Node> arm(Scope scope, int size) {
        return emitter.inside(scope, scope.signature.params(), () -> {
            body.statements(size);
            body.settle(scope, scope.signature.results());
        });
    }

    /** Adds a loop, mostly within a block that it leaves to when it has run often enough. */
    private void loop(List<Type> params, List<Type> results, int size) {
        var counter = body.reserve(Type.I32);
        emitter.emit(Ops.i32(0));
        emitter.emit(Ops.set(counter));
        var outer = outerExit();
        if (outer != null) {
            loop(params, results, size, outer, counter);
            return;
        }
        var exit = new Scope(Scope.Kind.BLOCK, new Signature(params, results));
        exit.body = emitter.inside(exit, params, () -> {
            loop(params, results, size, exit, counter);
            body.settle(exit, results);
        });
        emitter.emit(exit);
    }

    /** Sometimes an enclosing frame that is no loop, else null. */
    private Frame outerExit() {
        var frames = emitter.frames();
        var outer = frames.get(frames.size() - 1 - rng.near(frames.size()));
        boolean usable = frames.size() > 2 && !(outer instanceof Scope s && s.kind == Scope.Kind.LOOP);
        return usable && rng.chance(0.2) ? outer : null;
    }

    private void loop(List<Type> params, List<Type> results, int size, Frame exit, Entity.Local counter) {
        var scope = new Scope(Scope.Kind.LOOP, new Signature(params, results));
        int rounds = rng.chance(0.9) ? rng.between(1, 6) : rng.between(10, 100);
        var burn = new Burn(body.program.fuel, exit, counter, rounds);
        int before = emitter.emitted();
        loopDepth++;
        scope.body = emitter.inside(scope, params, () -> {
            emitter.emit(burn);
            body.statements(size);
            if (rng.chance(0.8) && !emitter.dead()) {
                back(scope);
            }
            body.settle(scope, results);
        });
        loopDepth--;
        burn.cost = 1 + (emitter.emitted() - before) / 2;
        emitter.emit(scope);
    }

    /** Adds a branch to the head of the loop, likely taken. */
    private void back(Scope loop) {
        var types = loop.labelTypes();
        body.values.push(types, 2);
        body.values.push(Type.I32, 2);
        emitter.emit(Ops.i32(rng.chance(0.5) ? 1 : 0));
        emitter.emit(Op.plain("i32.or", 0x72, List.of(Type.I32, Type.I32), List.of(Type.I32)));
        emitter.emit(Op.with("br_if", 0x0D, new Immediate.Label(loop), Types.append(types, Type.I32), types));
    }
}
