package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** A generated module: its entities in the order of their index spaces, imported ones first. */
final class Program {
    final List<Entity.Function> functions = new ArrayList<>();
    final List<Entity.Global> globals = new ArrayList<>();
    final List<Entity.Memory> memories = new ArrayList<>();
    final List<Entity.Table> tables = new ArrayList<>();
    final List<Entity.Tag> tags = new ArrayList<>();
    final List<Entity.Data> data = new ArrayList<>();
    final List<Entity.Elements> elements = new ArrayList<>();
    /** The functions of table 0 at instantiation, by index; null where the table has null. */
    final List<Entity.Function> dispatch = new ArrayList<>();
    /** Fuel that is left, see {@link Burn}. */
    Entity.Global fuel;
    /** Where values that would be dropped are mixed in. */
    Entity.Global accumulator;
    /** Sets the fuel and clears the accumulator before each call of the host. */
    Entity.Function refuel;
    /** Called by the imported function "callback". */
    Entity.Function callback;
    /** Run at instantiation; null without one. */
    Entity.Function start;

    List<Entity.Function> defined() {
        return functions.stream().filter(f -> f.imported.isEmpty()).toList();
    }

    /** The name under which a function is exported; empty if its type cannot pass the boundary. */
    String exportName(Entity.Function function) {
        return function.imported.isEmpty() && function.signature.isPublic() ? function.name : "";
    }
}
