package dev.skiff.wasm.fuzz;

import java.util.List;

/** Generates the instructions on tables. Table 0, for indirect calls, is written rarely. */
final class TableAccess {
    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;

    TableAccess(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** Pushes an element of a table of the type, or a variable if there is no such table. */
    void get(Type type, int depth) {
        var candidates =
                body.program.tables.stream().filter(t -> t.type == type).toList();
        if (candidates.isEmpty()) {
            body.values.leaf(type);
            return;
        }
        var table = rng.pick(candidates);
        index(table.min, depth);
        emitter.emit(Op.with("table.get", 0x25, new Immediate.Index(table), List.of(Type.I32), List.of(type)));
    }

    /** Pushes the size of a table. */
    void size() {
        emitter.emit(Op.with("table.size", 0xFC10, new Immediate.Index(any()), List.of(), List.of(Type.I32)));
    }

    /** Pushes the result of growing a table. */
    void grow(int depth) {
        var table = any();
        body.values.push(table.type, depth - 1);
        if (rng.chance(0.7)) {
            emitter.emit(Ops.i32(rng.below(4)));
        } else {
            body.values.push(Type.I32, depth - 1);
        }
        var pops = List.of(table.type, Type.I32);
        emitter.emit(Op.with("table.grow", 0xFC0F, new Immediate.Index(table), pops, List.of(Type.I32)));
    }

    /** Adds an instruction that changes a table. */
    void change(int depth) {
        var table = writable();
        var index = new Immediate.Index(table);
        switch (rng.weighted(5, 2, 3, 2, 1)) {
            case 0 -> {
                index(table.min, depth);
                body.values.push(table.type, depth);
                emitter.emit(Op.with("table.set", 0x26, index, List.of(Type.I32, table.type), List.of()));
            }
            case 1 -> {
                index(table.min / 2, depth);
                body.values.push(table.type, depth);
                index(table.min / 2, depth);
                var pops = List.of(Type.I32, table.type, Type.I32);
                emitter.emit(Op.with("table.fill", 0xFC11, index, pops, List.of()));
            }
            case 2 -> {
                var sources = body.program.tables.stream()
                        .filter(t -> t.type == table.type)
                        .toList();
                var source = rng.pick(sources);
                range(table.min, source.min, depth);
                three("table.copy", 0xFC0E, List.of(index, new Immediate.Index(source)));
            }
            case 3 -> {
                var segments = body.program.elements.stream()
                        .filter(e -> e.type == table.type)
                        .toList();
                if (!segments.isEmpty()) {
                    var segment = rng.pick(segments);
                    range(table.min, segment.table == null ? segment.entries.size() : 0, depth);
                    three("table.init", 0xFC0C, List.of(new Immediate.Index(segment), index));
                }
            }
            default -> {
                if (rng.chance(0.3)) {
                    var segment = new Immediate.Index(rng.pick(body.program.elements));
                    emitter.emit(Op.with("elem.drop", 0xFC0D, segment, List.of(), List.of()));
                }
            }
        }
    }

    private void three(String name, int opcode, List<Immediate> immediates) {
        var pops = List.of(Type.I32, Type.I32, Type.I32);
        emitter.emit(new Op(name, opcode, immediates, pops, List.of(), false));
    }

    private void range(int target, int source, int depth) {
        index(target / 2, depth);
        index(source / 2, depth);
        index(Math.min(target, source) / 2, depth);
    }

    /** Pushes an index below a size, mostly. */
    private void index(int size, int depth) {
        if (body.risky()) {
            emitter.emit(Ops.i32(rng.chance(0.5) ? size + rng.below(3) : rng.i32()));
        } else if (size < 1) {
            emitter.emit(Ops.i32(0));
        } else {
            body.values.push(List.of(Type.I32), depth - 1);
            emitter.emit(Ops.i32(Integer.highestOneBit(size) - 1));
            emitter.emit(Op.plain("i32.and", 0x71, List.of(Type.I32, Type.I32), List.of(Type.I32)));
        }
    }

    private Entity.Table any() {
        return rng.pick(body.program.tables);
    }

    private Entity.Table writable() {
        var table = any();
        return table == body.program.tables.getFirst() && !body.risky() ? body.program.tables.getLast() : table;
    }
}
