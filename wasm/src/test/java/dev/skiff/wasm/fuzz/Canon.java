package dev.skiff.wasm.fuzz;

import java.util.List;

/**
 * Replaces any NaN on the stack by the canonical one: the specification leaves the bits of a NaN that arithmetic makes
 * open, so engines may differ, and no bit of one may reach memory or an integer.
 *
 * @param scratch a local of the type that nothing else uses
 */
record Canon(Type type, Entity.Local scratch) implements Node {
    @Override
    public List<Type> pops() {
        return List.of(type);
    }

    @Override
    public List<Type> pushes() {
        return List.of(type);
    }

    /** The instructions that it stands for. */
    List<Op> expand() {
        var one = List.of(type);
        boolean single = type == Type.F32;
        var local = new Immediate.Index(scratch);
        return List.of(
                Op.with("local.tee", 0x22, local, one, one),
                single ? Ops.f32(0x7FC0_0000) : Ops.f64(0x7FF8_0000_0000_0000L),
                Op.with("local.get", 0x20, local, List.of(), one),
                Op.with("local.get", 0x20, local, List.of(), one),
                Op.plain(type + ".eq", single ? 0x5B : 0x61, List.of(type, type), List.of(Type.I32)),
                Op.plain("select", 0x1B, List.of(type, type, Type.I32), one));
    }
}
