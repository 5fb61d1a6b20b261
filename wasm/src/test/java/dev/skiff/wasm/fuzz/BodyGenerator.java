package dev.skiff.wasm.fuzz;

import java.util.List;
import java.util.Optional;

/** Generates the body of one function: a random walk over the stack machine that is valid at each step. */
final class BodyGenerator {
    /** Calls nest to this depth at most, as each takes this share of the fuel. */
    static final int CALLS_PER_FUEL = 60;

    final Program program;
    final Shape shape;
    final Rng rng;
    final Entity.Function function;
    final Emitter emitter = new Emitter();
    final Values values;
    final MemoryAccess memory;
    final TableAccess tables;
    final Calls calls;
    final Control control;
    final Exceptions exceptions;
    final Escapes escapes;

    private final Entity.Local scratchF32 = new Entity.Local(Type.F32);
    private final Entity.Local scratchF64 = new Entity.Local(Type.F64);
    /** Locals that random code may use. */
    private final List<Entity.Local> pool;

    private final int callCost;
    private int limit;

    private BodyGenerator(Program program, Shape shape, Rng rng, Entity.Function function, int fuel) {
        this.program = program;
        this.shape = shape;
        this.rng = rng;
        this.function = function;
        values = new Values(this);
        memory = new MemoryAccess(this);
        tables = new TableAccess(this);
        calls = new Calls(this);
        control = new Control(this);
        exceptions = new Exceptions(this);
        escapes = new Escapes(this);
        callCost = fuel / CALLS_PER_FUEL;
        int locals = rng.below(shape.locals() + 1);
        for (int i = 0; i < locals; i++) {
            function.locals.add(new Entity.Local(rng.chance(0.85) ? rng.number() : referenceType()));
        }
        pool = List.copyOf(Types.join(function.params, function.locals));
        function.locals.add(rng.below(function.locals.size() + 1), scratchF32);
        function.locals.add(scratchF64);
    }

    /** Fills in the locals and the body of a function. */
    static void generate(Program program, Shape shape, Rng rng, Entity.Function function, int size, int fuel) {
        new BodyGenerator(program, shape, rng, function, fuel).run(size);
    }

    private void run(int size) {
        limit = size;
        var entry = new Burn(program.fuel, function);
        function.body = emitter.inside(function, List.of(), () -> {
            emitter.emit(entry);
            statements(size);
            settle(function, function.signature.results());
        });
        entry.cost = Math.max(1 + emitter.emitted() / 4, function.leaf ? 0 : callCost);
    }

    /** Generates statements until about so many instructions were added. */
    void statements(int size) {
        int end = Math.min(limit, emitter.emitted() + size);
        while (emitter.emitted() < end && !(emitter.dead() && rng.chance(0.3))) {
            control.statement(end - emitter.emitted());
        }
    }

    /** Whether the function is as large as it should be. */
    boolean exhausted() {
        return emitter.emitted() >= limit;
    }

    boolean mayNest() {
        return emitter.frames().size() < shape.depth() && !exhausted();
    }

    /** Whether this site may trap. */
    boolean risky() {
        return rng.chance(shape.risk());
    }

    Type referenceType() {
        int types = shape.has(Trait.EXCEPTIONS) ? 3 : 2;
        return Type.values()[Type.FUNCREF.ordinal() + rng.below(types)];
    }

    Type anyType() {
        return rng.chance(0.9) ? rng.number() : referenceType();
    }

    /** A random local of a type, if a few tries find one. */
    Optional<Entity.Local> local(Type type) {
        for (int tries = 0; tries < 12 && !pool.isEmpty(); tries++) {
            var local = rng.pick(pool);
            if (local.type == type) {
                return Optional.of(local);
            }
        }
        return Optional.empty();
    }

    /** A new local that random code does not touch. */
    Entity.Local reserve(Type type) {
        var local = new Entity.Local(type);
        function.locals.add(local);
        return local;
    }

    /** What the function may call. */
    List<Entity.Function> callees() {
        return function.leaf
                ? List.of()
                : program.functions.stream().filter(f -> f != program.refuel).toList();
    }

    /** Makes the operand on top one whose bits are all specified. */
    void makeExact() {
        if (emitter.height() > 0
                && emitter.top().type().isFloat()
                && !emitter.top().exact()) {
            Type type = emitter.top().type();
            emitter.emit(new Canon(type, type == Type.F32 ? scratchF32 : scratchF64), true);
        }
    }

    /** Takes the operand on top off the stack so that its value matters later on. */
    void absorb() {
        Type type = emitter.top().type();
        var local = local(type);
        if (local.isPresent() && rng.chance(0.4)) {
            emitter.emit(Ops.set(local.get()));
        } else if (rng.chance(0.05)) {
            emitter.emit(Ops.drop(type));
        } else {
            mix(type);
        }
    }

    private void mix(Type type) {
        makeExact();
        var i64 = List.of(Type.I64);
        if (type.isReference()) {
            emitter.emit(Op.plain("ref.is_null", 0xD1, List.of(type), List.of(Type.I32)));
        } else if (type == Type.F32) {
            emitter.emit(Op.plain("i32.reinterpret_f32", 0xBC, List.of(type), List.of(Type.I32)));
        } else if (type == Type.F64) {
            emitter.emit(Op.plain("i64.reinterpret_f64", 0xBD, List.of(type), i64));
        }
        if (emitter.topIs(Type.I32)) {
            emitter.emit(Op.plain("i64.extend_i32_u", 0xAD, List.of(Type.I32), i64));
        }
        emitter.emit(Ops.get(program.accumulator));
        emitter.emit(Ops.i64(7));
        emitter.emit(Op.plain("i64.rotl", 0x89, List.of(Type.I64, Type.I64), i64));
        emitter.emit(Op.plain("i64.xor", 0x85, List.of(Type.I64, Type.I64), i64));
        emitter.emit(Ops.set(program.accumulator));
    }

    /** Brings the stack to what the end of a frame needs. */
    void settle(Frame frame, List<Type> results) {
        if (emitter.dead()) {
            while (emitter.height() > 0) {
                absorb();
            }
            results.subList(rng.below(results.size() + 1), results.size()).forEach(type -> values.push(type, 1));
            return;
        }
        boolean jump = frame.labelTypes().equals(results) && !(frame instanceof Scope s && s.kind == Scope.Kind.LOOP);
        if (jump && emitter.height() > 0 && rng.chance(0.15)) {
            escapes.branch(frame);
            return;
        }
        int kept = Math.min(results.size(), emitter.height());
        while (!emitter.stack().subList(0, kept).stream()
                .map(Emitter.Slot::type)
                .toList()
                .equals(results.subList(0, kept))) {
            kept--;
        }
        while (emitter.height() > kept) {
            absorb();
        }
        results.subList(kept, results.size()).forEach(type -> values.push(type, 2));
    }
}
