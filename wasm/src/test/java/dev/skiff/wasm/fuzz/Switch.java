package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Generates what interpreters look like: a loop around a br_table with many arms, each of which may go round again. */
final class Switch {
    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;

    Switch(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** Adds a switch of about a size. */
    void add(int size) {
        int arms = Math.max(1, Math.min(rng.between(1, body.shape.arms()), size / 8));
        int armSize = Math.max(2, Math.min(size, 6_000) / arms / 2);
        List<Type> carried = body.control.types(rng.chance(0.5) || !body.shape.has(Trait.TYPED_BLOCKS) ? 0 : 2);
        var state = body.reserve(Type.I32);
        var counter = body.reserve(Type.I32);
        body.values.push(Type.I32, 2);
        emitter.emit(Ops.set(state));
        emitter.emit(Ops.i32(0));
        emitter.emit(Ops.set(counter));
        var exit = new Scope(Scope.Kind.BLOCK, new Signature(List.of(), carried));
        exit.body = emitter.inside(exit, List.of(), () -> {
            loop(exit, carried, state, counter, arms, armSize);
            body.settle(exit, carried);
        });
        emitter.emit(exit);
    }

    private void loop(Scope exit, List<Type> carried, Entity.Local state, Entity.Local counter, int arms, int armSize) {
        var head = new Scope(Scope.Kind.LOOP, new Signature(List.of(), carried));
        var burn = new Burn(body.program.fuel, exit, counter, rng.between(5, 60));
        burn.cost = 10 + armSize * 4;
        head.body = emitter.inside(head, List.of(), () -> {
            emitter.emit(burn);
            var blocks = new ArrayList<Scope>();
            for (int i = 0; i < arms; i++) {
                blocks.add(new Scope(Scope.Kind.BLOCK, new Signature(List.of(), carried)));
            }
            block(blocks, arms - 1, carried, state, head, armSize);
            if (!emitter.dead() && rng.chance(0.9)) {
                again(head, state);
            }
            body.settle(head, carried);
        });
        emitter.emit(head);
    }

    /** Adds block i, which holds the blocks before it, and then the code of arm i. */
    private void block(List<Scope> blocks, int i, List<Type> carried, Entity.Local state, Scope head, int armSize) {
        var block = blocks.get(i);
        block.body = emitter.inside(block, List.of(), () -> {
            if (i > 0) {
                block(blocks, i - 1, carried, state, head, armSize);
                arm(state, head, armSize);
            } else {
                dispatch(blocks, carried, state);
            }
            body.settle(block, carried);
        });
        emitter.emit(block);
    }

    private void dispatch(List<Scope> blocks, List<Type> carried, Entity.Local state) {
        var targets = new ArrayList<Frame>(blocks);
        if (rng.chance(0.3)) {
            targets.add(rng.pick(blocks));
        }
        body.values.push(carried, 1);
        emitter.emit(Ops.get(state));
        emitter.emit(Ops.i32(targets.size() + 1));
        emitter.emit(Op.plain("i32.rem_u", 0x70, List.of(Type.I32, Type.I32), List.of(Type.I32)));
        emitter.emit(Escapes.table(targets, rng.pick(blocks), carried));
    }

    private void arm(Entity.Local state, Scope head, int armSize) {
        body.statements(rng.between(1, armSize));
        if (emitter.dead()) {
            return;
        }
        if (rng.chance(0.6)) {
            again(head, state);
        }
    }

    /** Sets the next state and goes to the head. */
    private void again(Scope head, Entity.Local state) {
        body.values.push(Type.I32, 2);
        emitter.emit(Ops.get(state));
        emitter.emit(Ops.i32(rng.i32() | 1));
        emitter.emit(Op.plain("i32.add", 0x6A, List.of(Type.I32, Type.I32), List.of(Type.I32)));
        emitter.emit(Op.plain("i32.add", 0x6A, List.of(Type.I32, Type.I32), List.of(Type.I32)));
        emitter.emit(Ops.set(state));
        emitter.emit(new Op("br", 0x0C, List.of(new Immediate.Label(head)), List.of(), List.of(), true));
    }
}
