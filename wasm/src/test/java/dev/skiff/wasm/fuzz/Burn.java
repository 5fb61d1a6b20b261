package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * At every function entry and loop header: takes fuel from a global and leaves by a forward branch when there is none
 * left, so that every program ends. A loop also leaves after so many rounds. Carries default values out.
 */
final class Burn implements Node {
    private final Entity.Global fuel;
    private final Frame exit;
    private final Entity.Local counter;
    private final int rounds;
    int cost = 1;
    private List<Node> expanded = List.of();

    /** For a function's entry. */
    Burn(Entity.Global fuel, Frame exit) {
        this(fuel, exit, null, 0);
    }

    /** For a loop's header, with the local that counts the rounds. */
    Burn(Entity.Global fuel, Frame exit, Entity.Local counter, int rounds) {
        this.fuel = fuel;
        this.exit = exit;
        this.counter = counter;
        this.rounds = rounds;
    }

    Frame exit() {
        return exit;
    }

    @Override
    public List<Type> pops() {
        return List.of();
    }

    @Override
    public List<Type> pushes() {
        return List.of();
    }

    /** The same as {@link #expand}, made once; the cost must not change any more. */
    List<Node> expanded() {
        if (expanded.isEmpty()) {
            expanded = expand();
        }
        return expanded;
    }

    /** The instructions that it stands for. */
    List<Node> expand() {
        var code = new ArrayList<Node>();
        code.add(Ops.get(fuel));
        code.add(Ops.i32(cost));
        code.add(binary("i32.sub", 0x6B));
        code.add(Ops.set(fuel));
        code.add(Ops.get(fuel));
        code.add(Ops.i32(0));
        code.add(binary("i32.lt_s", 0x48));
        code.add(out());
        if (counter != null) {
            code.add(Ops.get(counter));
            code.add(Ops.i32(1));
            code.add(binary("i32.add", 0x6A));
            code.add(Ops.tee(counter));
            code.add(Ops.i32(rounds));
            code.add(binary("i32.gt_s", 0x4A));
            code.add(out());
        }
        return code;
    }

    private Scope out() {
        var out = new Scope(Scope.Kind.IF, Signature.NONE);
        exit.labelTypes().forEach(type -> out.body.add(Ops.zero(type)));
        out.body.add(new Op("br", 0x0C, List.of(new Immediate.Label(exit)), exit.labelTypes(), List.of(), true));
        return out;
    }

    private static Op binary(String name, int opcode) {
        return Op.plain(name, opcode, List.of(Type.I32, Type.I32), List.of(Type.I32));
    }
}
