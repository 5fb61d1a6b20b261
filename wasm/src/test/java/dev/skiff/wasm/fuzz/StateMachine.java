package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * Generates what compilers make of jumps that WebAssembly does not have: a loop that starts with blocks one in the other and
 * a br_table by a local, and code behind each of the blocks that sets the local to a constant and goes to the loop's start.
 */
final class StateMachine {
    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;
    private final Entity.Local state;
    private final Entity.Local counter;
    private final Scope exit = new Scope(Scope.Kind.BLOCK, Signature.NONE);
    private final Scope head = new Scope(Scope.Kind.LOOP, Signature.NONE);
    private final List<Scope> blocks = new ArrayList<>();
    private final int states;
    private final int armSize;

    StateMachine(BodyGenerator body, int size) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
        state = body.reserve(Type.I32);
        counter = body.reserve(Type.I32);
        int arms = Math.max(1, Math.min(rng.between(1, body.shape.arms()), size / 8));
        armSize = Math.max(2, Math.min(size, 6_000) / arms / 2);
        for (int i = 0; i < arms; i++) {
            blocks.add(new Scope(Scope.Kind.BLOCK, Signature.NONE));
        }
        states = arms + rng.below(4);
    }

    void add() {
        emitter.emit(Ops.i32(rng.below(states + 2)));
        emitter.emit(Ops.set(state));
        emitter.emit(Ops.i32(0));
        emitter.emit(Ops.set(counter));
        exit.body = emitter.inside(exit, List.of(), () -> {
            head.body = emitter.inside(head, List.of(), () -> {
                block(blocks.size() - 1);
                arm();
                body.settle(head, List.of());
            });
            emitter.emit(head);
            body.settle(exit, List.of());
        });
        emitter.emit(exit);
    }

    private void block(int i) {
        var block = blocks.get(i);
        block.body = emitter.inside(block, List.of(), () -> {
            if (i > 0) {
                block(i - 1);
                arm();
            } else {
                dispatch();
            }
            body.settle(block, List.of());
        });
        emitter.emit(block);
    }

    private void dispatch() {
        var targets = new ArrayList<Frame>(blocks);
        while (targets.size() < states) {
            targets.add(rng.chance(0.1) ? exit : rng.pick(blocks));
        }
        emitter.emit(Ops.get(state));
        emitter.emit(Escapes.table(targets, rng.pick(blocks), List.of()));
    }

    private void arm() {
        // Every way round goes through an arm, if not through the loop's start.
        var burn = new Burn(body.program.fuel, exit, counter, rng.between(5, 60));
        burn.cost = 10 + armSize * 4;
        emitter.emit(burn);
        body.statements(rng.between(1, armSize));
        if (!emitter.dead() && rng.chance(0.5)) {
            body.values.push(Type.I32, 2);
            var choice = new Scope(Scope.Kind.IF, Signature.NONE);
            choice.body = emitter.inside(choice, List.of(), this::go);
            emitter.emit(choice);
        }
        if (!emitter.dead() && rng.chance(0.4)) {
            go();
        }
    }

    private void go() {
        emitter.emit(Ops.i32(rng.below(states + 2)));
        emitter.emit(Ops.set(state));
        emitter.emit(new Op("br", 0x0C, List.of(new Immediate.Label(head)), List.of(), List.of(), true));
    }
}
