package dev.skiff.wasm.fuzz;

import java.util.List;

/** Makes constant expressions. */
final class Constants {
    private final Program program;
    private final Shape shape;
    private final Rng rng;

    Constants(Program program, Shape shape, Rng rng) {
        this.program = program;
        this.shape = shape;
        this.rng = rng;
    }

    /** Any expression of a type. */
    List<Op> of(Type type) {
        if (type == Type.I32 && rng.chance(0.5)) {
            return i32(rng.i32());
        }
        if (type == Type.I64 && shape.has(Trait.EXTENDED_CONST) && rng.chance(0.5)) {
            return List.of(
                    Ops.i64(rng.i64()),
                    Ops.i64(rng.i64()),
                    Op.plain("i64.mul", 0x7E, List.of(Type.I64, Type.I64), List.of(Type.I64)));
        }
        return List.of(
                switch (type) {
                    case I32 -> Ops.i32(rng.i32());
                    case I64 -> Ops.i64(rng.i64());
                    case F32 -> Ops.f32(rng.f32());
                    case F64 -> Ops.f64(rng.f64());
                    case FUNCREF -> rng.chance(0.5) ? Ops.refNull(type) : Ops.refFunc(rng.pick(program.functions));
                    default -> Ops.refNull(type);
                });
    }

    /** An expression that gives a number, in one of several ways. */
    List<Op> i32(int value) {
        if (!shape.has(Trait.EXTENDED_CONST) || rng.chance(0.4)) {
            return List.of(Ops.i32(value));
        }
        var base = program.globals.stream()
                .filter(g -> g.isImported() && !g.mutable && g.type == Type.I32)
                .findFirst();
        if (base.isPresent() && rng.chance(0.5)) {
            return List.of(Ops.get(base.get()), Ops.i32(value - Host.I32_GLOBAL), binary("i32.add", 0x6A));
        }
        int factor = rng.between(1, 5);
        return List.of(
                Ops.i32(value / factor),
                Ops.i32(factor),
                binary("i32.mul", 0x6C),
                Ops.i32(-(value % factor)),
                binary("i32.sub", 0x6B));
    }

    private static Op binary(String name, int opcode) {
        return Op.plain(name, opcode, List.of(Type.I32, Type.I32), List.of(Type.I32));
    }
}
