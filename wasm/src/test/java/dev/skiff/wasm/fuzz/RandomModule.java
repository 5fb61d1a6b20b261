package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes a valid module from a seed, whose every call ends, and whose results no engine may choose freely. */
final class RandomModule {
    private final Rng rng;
    private final Shape shape;
    private final Program program = new Program();
    private final List<Integer> sizes = new ArrayList<>();
    private List<Scenario.Call> calls = List.of();
    private int fuel;

    private RandomModule(Rng rng, Shape shape) {
        this.rng = rng;
        this.shape = shape;
    }

    /** A module of a random shape, with traits among the allowed ones. */
    static RandomModule of(long seed, Set<Trait> allowed) {
        var rng = new Rng(seed);
        return new RandomModule(rng, Shape.random(rng, allowed)).generate();
    }

    /** A module that stresses what a profile says. */
    static RandomModule of(long seed, Shape.Profile profile, Set<Trait> allowed) {
        var rng = new Rng(seed);
        return new RandomModule(rng, Shape.of(profile, rng, allowed)).generate();
    }

    Program program() {
        return program;
    }

    Shape shape() {
        return shape;
    }

    private RandomModule generate() {
        new Surroundings(program, shape, rng).add();
        fuel = Math.max(100_000, shape.size() * 12);
        global(Type.I32, Ops.i32(fuel));
        program.fuel = program.globals.getLast();
        global(Type.I64, Ops.i64(0));
        program.accumulator = program.globals.getLast();
        functions();
        new Segments(program, shape, rng).add();
        globals();
        bodies();
        calls = makeCalls();
        return this;
    }

    private void global(Type type, Op init) {
        program.globals.add(new Entity.Global(type, true, List.of(init)));
    }

    private void globals() {
        for (int i = rng.between(1, 8); i > 0; i--) {
            Type type = rng.chance(0.85) ? rng.number() : rng.chance(0.5) ? Type.FUNCREF : Type.EXTERNREF;
            boolean mutable = rng.chance(0.8);
            program.globals.add(new Entity.Global(type, mutable, new Constants(program, shape, rng).of(type)));
        }
    }

    private void functions() {
        program.refuel = define("refuel", Signature.NONE, 0);
        program.callback =
                define("callback", new Signature(List.of(Type.I32), List.of(Type.I32)), Math.min(shape.size(), 100));
        for (int i = 0; i < shape.functions(); i++) {
            boolean large = i >= shape.functions() - rng.between(1, 2);
            define(
                    "f" + program.functions.size(),
                    signature(),
                    large ? shape.size() : Math.min(shape.size(), rng.between(10, 150)));
            program.functions.getLast().leaf = !large && rng.chance(0.5);
        }
        program.callback.leaf = false;
        if (rng.chance(0.1)) {
            program.start = define("start", Signature.NONE, 30);
            program.start.leaf = true;
        }
    }

    private Entity.Function define(String name, Signature signature, int size) {
        var function = new Entity.Function(signature, "", name);
        program.functions.add(function);
        sizes.add(size);
        return function;
    }

    /** A new signature, or the one of another function, so that indirect calls find several. */
    private Signature signature() {
        if (rng.chance(0.3)) {
            return rng.pick(program.functions).signature;
        }
        return Surroundings.signature(rng, shape.params());
    }

    private void bodies() {
        program.refuel.body.add(Ops.i32(fuel));
        program.refuel.body.add(Ops.set(program.fuel));
        var defined = program.defined();
        for (int i = 1; i < defined.size(); i++) {
            BodyGenerator.generate(program, shape, rng, defined.get(i), sizes.get(i), fuel);
        }
    }

    /** Calls for the module: every exported function a few times, with arguments of all kinds. */
    List<Scenario.Call> calls() {
        return calls;
    }

    private List<Scenario.Call> makeCalls() {
        var calls = new ArrayList<Scenario.Call>();
        int rounds = shape.size() > 10_000 ? 1 : 3;
        for (int round = 0; round < rounds; round++) {
            for (var function : program.defined()) {
                String name = program.exportName(function);
                if (!name.isEmpty() && function != program.refuel) {
                    calls.add(new Scenario.Call(
                            name,
                            function.signature.params().stream()
                                    .map(this::argument)
                                    .toList(),
                            function.signature.results()));
                }
            }
        }
        return calls;
    }

    private Value argument(Type type) {
        return switch (type) {
            case I32 -> Value.i32(rng.i32());
            case I64 -> Value.i64(rng.i64());
            case F32 -> Value.f32(rng.f32());
            case F64 -> Value.f64(rng.f64());
            case EXTERNREF -> rng.chance(0.3) ? Value.nothing(type) : Value.token(rng.below(100));
            default -> Value.nothing(type);
        };
    }
}
