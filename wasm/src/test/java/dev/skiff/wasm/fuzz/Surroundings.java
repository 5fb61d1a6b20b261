package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Adds what a program imports, and its memories, tables and tags. */
final class Surroundings {
    private final Program program;
    private final Shape shape;
    private final Rng rng;

    Surroundings(Program program, Shape shape, Rng rng) {
        this.program = program;
        this.shape = shape;
        this.rng = rng;
    }

    void add() {
        hostFunctions();
        program.globals.add(new Entity.Global(Type.I32, false, List.of()));
        program.globals.add(new Entity.Global(rng.number(), true, List.of()));
        memories();
        tables();
        if (shape.has(Trait.EXCEPTIONS)) {
            for (int i = rng.between(1, 4); i > 0; i--) {
                program.tags.add(new Entity.Tag(types(rng, 3)));
            }
        }
    }

    private void hostFunctions() {
        var unary = new Signature(List.of(Type.I32), List.of(Type.I32));
        program.functions.add(new Entity.Function(unary, Host.POKE, ""));
        program.functions.add(new Entity.Function(unary, Host.CALLBACK, ""));
        for (int i = 0; i < 3; i++) {
            program.functions.add(new Entity.Function(signature(rng, shape.params()), "h" + i, ""));
        }
    }

    private void memories() {
        int count = shape.has(Trait.MULTI_MEMORY) ? rng.between(2, 3) : 1;
        for (int i = 0; i < count; i++) {
            int min = i > 0 && rng.chance(0.2) || rng.chance(0.01) ? 0 : rng.between(1, 2);
            program.memories.add(new Entity.Memory(min, min + rng.below(5)));
        }
    }

    private void tables() {
        program.tables.add(new Entity.Table(Type.FUNCREF, 16, 16 + rng.below(8)));
        program.tables.add(new Entity.Table(Type.EXTERNREF, rng.between(1, 20), 20 + rng.below(20)));
        program.tables.add(new Entity.Table(Type.FUNCREF, rng.between(2, 40), 40 + rng.below(20)));
    }

    /** A signature with so many parameters and results at most. */
    static Signature signature(Rng rng, int most) {
        return new Signature(
                types(rng, rng.chance(0.7) ? Math.min(most, 5) : most), types(rng, rng.chance(0.8) ? 2 : most));
    }

    private static List<Type> types(Rng rng, int most) {
        var types = new ArrayList<Type>();
        for (int i = rng.below(most + 1); i > 0; i--) {
            types.add(rng.chance(0.93) ? rng.number() : rng.chance(0.5) ? Type.FUNCREF : Type.EXTERNREF);
        }
        return types;
    }
}
