package dev.skiff.wasm.fuzz;

import java.util.List;

/** Generates code that leaves a value of a wanted type on the stack. */
final class Values {
    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;

    Values(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** Pushes a value made with expressions nested to a depth at most. */
    void push(Type type, int depth) {
        emitter.reuse(false);
        if (depth <= 0 || body.exhausted() || rng.chance(0.15)) {
            leaf(type);
        } else if (type.isReference()) {
            reference(type, depth);
        } else {
            number(type, depth);
        }
    }

    /** Pushes values, the first ones perhaps by taking what is on the stack already. */
    void push(List<Type> types, int depth) {
        int taken = 0;
        if (emitter.reuse(false) && rng.chance(0.5)) {
            taken = Math.min(types.size(), emitter.height());
            while (taken > 0 && !emitter.topTypes(taken).equals(types.subList(0, taken))) {
                taken--;
            }
        }
        if (taken == 0 && emitter.dead() && emitter.height() == 0) {
            taken = rng.below(types.size() + 1);
        }
        for (Type type : types.subList(taken, types.size())) {
            push(type, depth);
        }
    }

    /** Pushes a constant or the value of a variable. */
    void leaf(Type type) {
        int choice = rng.weighted(3, 5, 1);
        if (choice == 1) {
            var local = body.local(type);
            if (local.isPresent()) {
                emitter.emit(Ops.get(local.get()));
                return;
            }
        }
        if (choice == 2) {
            var globals = body.program.globals.stream()
                    .filter(g -> g.type == type && g != body.program.fuel)
                    .toList();
            if (!globals.isEmpty()) {
                emitter.emit(Ops.get(rng.pick(globals)));
                return;
            }
        }
        constant(type);
    }

    private void constant(Type type) {
        switch (type) {
            case I32 -> emitter.emit(Ops.i32(rng.i32()));
            case I64 -> emitter.emit(Ops.i64(rng.i64()));
            case F32 -> emitter.emit(Ops.f32(rng.f32()), true);
            case F64 -> emitter.emit(Ops.f64(rng.f64()), true);
            case FUNCREF ->
                emitter.emit(rng.chance(0.3) ? Ops.refNull(type) : Ops.refFunc(rng.pick(body.program.functions)));
            default -> emitter.emit(Ops.refNull(type));
        }
    }

    private void number(Type type, int depth) {
        switch (rng.weighted(30, 8, 4, body.mayNest() ? 4 : 0, 4, 4, 3)) {
            case 0 -> numeric(type, depth);
            case 1 -> body.memory.load(type, depth);
            case 2 -> select(type, depth);
            case 3 -> body.control.valued(type);
            case 4 -> call(type, depth);
            case 5 -> tee(type, depth);
            default -> observe(type, depth);
        }
    }

    private void reference(Type type, int depth) {
        switch (rng.weighted(4, 4, 2, body.mayNest() ? 2 : 0, 2, 2)) {
            case 0 -> leaf(type);
            case 1 -> body.tables.get(type, depth);
            case 2 -> select(type, depth);
            case 3 -> body.control.valued(type);
            case 4 -> call(type, depth);
            default -> tee(type, depth);
        }
    }

    /** Pushes the result of a numeric instruction. */
    void numeric(Type type, int depth) {
        var op = rng.pick(Numerics.giving(type));
        push(op.pops(), depth - 1);
        apply(op);
    }

    /** Adds a numeric instruction whose operands are on the stack; keeps it from trapping, mostly. */
    void apply(Op op) {
        if (Numerics.divides(op) && !body.risky()) {
            Type type = op.pops().getFirst();
            boolean single = type == Type.I32;
            emitter.emit(single ? Ops.i32(7) : Ops.i64(7));
            emitter.emit(Op.plain(type + ".or", single ? 0x72 : 0x84, List.of(type, type), List.of(type)));
            if (op.name().endsWith("div_s")) {
                emitter.emit(single ? Ops.i32(0x7FFF) : Ops.i64(0x7FFF_FFFFL));
                emitter.emit(Op.plain(type + ".and", single ? 0x71 : 0x83, List.of(type, type), List.of(type)));
            }
        }
        var applied = op;
        if (Numerics.converts(op) && !body.risky() && !rng.chance(body.shape.risk() * 5)) {
            int saturating = op.opcode() < 0xAC ? op.opcode() - 0xA8 : op.opcode() - 0xAE + 4;
            applied = Op.plain(op.name().replace("trunc_", "trunc_sat_"), 0xFC00 | saturating, op.pops(), op.pushes());
        }
        if (Numerics.observesBits(op)) {
            body.makeExact();
        }
        int operands = Math.min(op.pops().size(), emitter.height());
        boolean exact = Numerics.keepsBits(op)
                && emitter.stack().subList(emitter.height() - operands, emitter.height()).stream()
                        .allMatch(Emitter.Slot::exact);
        emitter.emit(applied, exact);
    }

    private void select(Type type, int depth) {
        push(List.of(type, type, Type.I32), depth - 1);
        var pops = List.of(type, type, Type.I32);
        if (type.isReference() || rng.chance(0.3)) {
            emitter.emit(Op.with("select", 0x1C, new Immediate.Types(List.of(type)), pops, List.of(type)));
        } else {
            emitter.emit(Op.plain("select", 0x1B, pops, List.of(type)));
        }
    }

    private void call(Type type, int depth) {
        var candidates = body.callees().stream()
                .filter(f -> !f.signature.results().isEmpty()
                        && f.signature.results().getFirst() == type)
                .toList();
        if (candidates.isEmpty()) {
            leaf(type);
            return;
        }
        var callee = rng.pick(candidates);
        body.calls.call(callee, depth - 1);
        for (int i = 1; i < callee.signature.results().size(); i++) {
            body.absorb();
        }
    }

    private void tee(Type type, int depth) {
        var local = body.local(type);
        push(type, depth - 1);
        local.ifPresent(target -> emitter.emit(
                Ops.tee(target), emitter.height() > 0 && emitter.top().exact()));
    }

    /** Pushes something about memories, tables or references, made into the type. */
    private void observe(Type type, int depth) {
        if (type != Type.I32) {
            numeric(type, depth);
            return;
        }
        switch (rng.weighted(2, 1, 2, 1, 2)) {
            case 0 -> body.memory.size();
            case 1 -> body.memory.grow(depth);
            case 2 -> body.tables.size();
            case 3 -> body.tables.grow(depth);
            default -> {
                Type reference = body.referenceType();
                push(reference, depth - 1);
                emitter.emit(Op.plain("ref.is_null", 0xD1, List.of(reference), List.of(Type.I32)));
            }
        }
    }
}
