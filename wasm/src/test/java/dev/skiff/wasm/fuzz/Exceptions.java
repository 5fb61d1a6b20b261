package dev.skiff.wasm.fuzz;

import java.util.List;

/** Generates try_table, throw and throw_ref. */
final class Exceptions {
    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;

    Exceptions(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** Throws a new exception. */
    void raise() {
        var tag = rng.pick(body.program.tags);
        body.values.push(tag.params, 2);
        emitter.emit(new Op("throw", 0x08, List.of(new Immediate.Index(tag)), tag.params, List.of(), true));
    }

    /** Throws an exception that was caught before; traps if the reference is null. */
    void raiseAgain() {
        var caught = body.local(Type.EXNREF);
        if (caught.isEmpty() && !body.risky()) {
            raise();
            return;
        }
        body.values.push(Type.EXNREF, 1);
        emitter.emit(new Op("throw_ref", 0x0A, List.of(), List.of(Type.EXNREF), List.of(), true));
    }

    /** A try_table in a block that its first handler branches to; leaves what was caught on the stack. */
    void guarded(int size) {
        var tag = rng.chance(0.8) ? rng.pick(body.program.tags) : null;
        boolean reference = rng.chance(0.4);
        List<Type> payload = tag == null ? List.of() : tag.params;
        var caught = reference ? Types.append(payload, Type.EXNREF) : payload;
        var handler = new Scope(Scope.Kind.BLOCK, new Signature(List.of(), caught));
        handler.body = emitter.inside(handler, List.of(), () -> {
            attempt(new Scope.Catch(tag, reference, handler), size);
            body.settle(handler, caught);
        });
        emitter.emit(handler);
        if (reference) {
            keep();
        }
    }

    /** Puts a caught exception into a local, where throw_ref finds it. */
    private void keep() {
        var local = body.local(Type.EXNREF);
        if (local.isPresent()) {
            emitter.emit(Ops.set(local.get()));
        } else {
            emitter.emit(Ops.drop(Type.EXNREF));
        }
    }

    private void attempt(Scope.Catch first, int size) {
        var params = body.control.operandsForBlock();
        var results = body.control.types(2);
        var scope = new Scope(Scope.Kind.TRY_TABLE, new Signature(params, results));
        scope.catches.add(first);
        for (int i = rng.below(3); i > 0; i--) {
            another(scope);
        }
        scope.body = emitter.inside(scope, params, () -> {
            body.statements(size);
            body.settle(scope, results);
        });
        emitter.emit(scope);
    }

    /** Adds a handler that goes to any enclosing frame that fits. */
    private void another(Scope scope) {
        var tag = rng.chance(0.7) ? rng.pick(body.program.tags) : null;
        List<Type> payload = tag == null ? List.of() : tag.params;
        boolean reference = rng.chance(0.3);
        var wanted = reference ? Types.append(payload, Type.EXNREF) : payload;
        emitter.frames().reversed().stream()
                .filter(frame -> frame.labelTypes().equals(wanted))
                .findFirst()
                .ifPresent(frame -> scope.catches.add(new Scope.Catch(tag, reference, frame)));
    }
}
