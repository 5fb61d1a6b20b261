package dev.skiff.wasm.fuzz;

import java.util.List;

/** Constants and other instructions that several places make. */
final class Ops {
    private Ops() {}

    static Op i32(int value) {
        return Op.with("i32.const", 0x41, new Immediate.Int(value), List.of(), List.of(Type.I32));
    }

    static Op i64(long value) {
        return Op.with("i64.const", 0x42, new Immediate.Int(value), List.of(), List.of(Type.I64));
    }

    static Op f32(int bits) {
        return Op.with("f32.const", 0x43, new Immediate.F32(bits), List.of(), List.of(Type.F32));
    }

    static Op f64(long bits) {
        return Op.with("f64.const", 0x44, new Immediate.F64(bits), List.of(), List.of(Type.F64));
    }

    static Op refNull(Type type) {
        return Op.with("ref.null", 0xD0, new Immediate.Byte(type.code(), type.heapName()), List.of(), List.of(type));
    }

    static Op refFunc(Entity.Function function) {
        return Op.with("ref.func", 0xD2, new Immediate.Index(function), List.of(), List.of(Type.FUNCREF));
    }

    /** The default value of a type. */
    static Op zero(Type type) {
        return switch (type) {
            case I32 -> i32(0);
            case I64 -> i64(0);
            case F32 -> f32(0);
            case F64 -> f64(0);
            default -> refNull(type);
        };
    }

    static Op drop(Type type) {
        return Op.plain("drop", 0x1A, List.of(type), List.of());
    }

    static Op unreachable() {
        return new Op("unreachable", 0x00, List.of(), List.of(), List.of(), true);
    }

    static Op get(Entity.Local local) {
        return Op.with("local.get", 0x20, new Immediate.Index(local), List.of(), List.of(local.type));
    }

    static Op set(Entity.Local local) {
        return Op.with("local.set", 0x21, new Immediate.Index(local), List.of(local.type), List.of());
    }

    static Op tee(Entity.Local local) {
        return Op.with("local.tee", 0x22, new Immediate.Index(local), List.of(local.type), List.of(local.type));
    }

    static Op get(Entity.Global global) {
        return Op.with("global.get", 0x23, new Immediate.Index(global), List.of(), List.of(global.type));
    }

    static Op set(Entity.Global global) {
        return Op.with("global.set", 0x24, new Immediate.Index(global), List.of(global.type), List.of());
    }
}
