package dev.skiff.wasm.fuzz;

import java.util.List;

/** Generates direct, indirect and tail calls. */
final class Calls {
    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;

    Calls(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** Calls something, with any results left on the stack. */
    void any(int depth) {
        var callees = body.callees();
        if (!callees.isEmpty()) {
            call(rng.pick(callees), depth);
        }
    }

    /** Calls a function, directly or through a table. */
    void call(Entity.Function callee, int depth) {
        var signature = callee.signature;
        body.values.push(signature.params(), depth);
        int slot = body.program.dispatch.indexOf(callee);
        if (slot >= 0 && rng.chance(0.4)) {
            slot(slot);
            emitter.emit(indirect("call_indirect", 0x11, signature, signature.results(), false));
        } else {
            var index = new Immediate.Index(callee);
            emitter.emit(Op.with("call", 0x10, index, signature.params(), signature.results()));
        }
    }

    /** Whether there is something that a tail call can name. */
    boolean canTailCall() {
        return body.shape.has(Trait.TAIL_CALLS) && !tailCallees().isEmpty();
    }

    private List<Entity.Function> tailCallees() {
        return body.callees().stream()
                .filter(f -> f.signature.results().equals(body.function.signature.results()))
                .toList();
    }

    /** Adds a tail call. */
    void tailCall(int depth) {
        var callee = rng.pick(tailCallees());
        body.values.push(callee.signature.params(), depth);
        int slot = body.program.dispatch.indexOf(callee);
        if (slot >= 0 && rng.chance(0.4)) {
            slot(slot);
            emitter.emit(indirect("return_call_indirect", 0x13, callee.signature, List.of(), true));
        } else {
            var index = List.<Immediate>of(new Immediate.Index(callee));
            emitter.emit(new Op("return_call", 0x12, index, callee.signature.params(), List.of(), true));
        }
    }

    private void slot(int known) {
        emitter.emit(Ops.i32(body.risky() ? rng.between(-1, body.program.dispatch.size() + 1) : known));
    }

    private Op indirect(String name, int opcode, Signature signature, List<Type> pushes, boolean diverts) {
        var table = new Immediate.Index(body.program.tables.getFirst());
        return new Op(
                name,
                opcode,
                List.of(new Immediate.TypeIndex(signature), table),
                Types.append(signature.params(), Type.I32),
                pushes,
                diverts);
    }
}
