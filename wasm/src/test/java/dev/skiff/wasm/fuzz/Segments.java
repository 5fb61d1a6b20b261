package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Adds data and element segments to a program. */
final class Segments {
    private final Program program;
    private final Rng rng;
    private final Constants constants;

    Segments(Program program, Shape shape, Rng rng) {
        this.program = program;
        this.rng = rng;
        this.constants = new Constants(program, shape, rng);
    }

    void add() {
        dispatch();
        elements();
        data();
    }

    /** Fills table 0, some of whose elements stay null. */
    private void dispatch() {
        var table = program.tables.getFirst();
        var entries = new ArrayList<Op>();
        int count = rng.between(4, table.min);
        var callable =
                program.functions.stream().filter(f -> f != program.refuel).toList();
        for (int i = 0; i < count; i++) {
            var function = rng.chance(0.9) ? rng.pick(callable) : null;
            program.dispatch.add(function);
            entries.add(function == null ? Ops.refNull(Type.FUNCREF) : Ops.refFunc(function));
        }
        program.elements.add(new Entity.Elements(Type.FUNCREF, table, constants.i32(0), entries));
    }

    private void elements() {
        for (int i = rng.between(1, 4); i > 0; i--) {
            var table = program.tables.get(rng.between(1, 2));
            var entries = new ArrayList<Op>();
            for (int j = rng.below(table.min + 1); j > 0; j--) {
                boolean function = table.type == Type.FUNCREF && rng.chance(0.9);
                entries.add(function ? Ops.refFunc(rng.pick(program.functions)) : Ops.refNull(table.type));
            }
            boolean active = rng.chance(0.4);
            var offset = constants.i32(rng.below(table.min - entries.size() + 1));
            program.elements.add(
                    active
                            ? new Entity.Elements(table.type, table, offset, entries)
                            : new Entity.Elements(table.type, null, List.of(), entries));
        }
    }

    private void data() {
        for (int i = rng.between(2, 5); i > 0; i--) {
            var memory = rng.pick(program.memories);
            byte[] bytes = rng.bytes(rng.below(rng.chance(0.8) ? 100 : 5_000));
            if (rng.chance(0.6) && bytes.length <= memory.minBytes()) {
                int offset = rng.below((int) memory.minBytes() - bytes.length + 1);
                program.data.add(new Entity.Data(memory, constants.i32(offset), bytes));
            } else {
                program.data.add(new Entity.Data(null, List.of(), bytes));
            }
        }
    }
}
