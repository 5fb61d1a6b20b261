package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A second implementation of the language, for tests only: it walks the generator's programs as the specification's rules
 * say, so it has every feature that the generator uses and shares nothing with the engine, not even the binary format.
 */
final class Model implements Runner {
    @Override
    public String name() {
        return "model";
    }

    @Override
    public Set<Trait> traits() {
        return EnumSet.allOf(Trait.class);
    }

    @Override
    public Outcome run(Scenario scenario) {
        var program = scenario.program();
        var host = new Host();
        var outcome = new Outcome.Builder();
        var state = new ModelState(program);
        var code = new ModelCode(state, host);
        try {
            if (program.start != null) {
                code.call(program.start, List.of());
            }
        } catch (ModelTrap trap) {
            return outcome.add(Outcome.trap("instantiate", trap.getMessage())).build();
        } catch (ModelException e) {
            return outcome.add("instantiate: exception").build();
        }
        outcome.add("instantiate: ok");
        scenario.calls().forEach(call -> outcome.add(call(program, code, call)));
        scenario.exports().forEach(export -> state(program, state, export, outcome));
        return outcome.add("host: " + host).build();
    }

    private static String call(Program program, ModelCode code, Scenario.Call call) {
        String what = "call " + call.export();
        try {
            code.call(program.refuel, List.of());
            var function = program.functions.stream()
                    .filter(f -> f.name.equals(call.export()))
                    .findFirst()
                    .orElseThrow();
            var args = new ArrayList<>();
            call.args().forEach(arg -> args.add(ModelState.object(arg)));
            return what + ": " + text(call.results(), code.call(function, args));
        } catch (ModelTrap trap) {
            return Outcome.trap(what, trap.getMessage());
        } catch (ModelException e) {
            return what + ": exception e" + program.tags.indexOf(e.tag) + " " + text(e.tag.params, e.payload);
        }
    }

    private static String text(List<Type> types, List<?> objects) {
        var values = new ArrayList<Value>();
        for (int i = 0; i < types.size(); i++) {
            values.add(ModelState.value(types.get(i), objects.get(i)));
        }
        return Value.join(values);
    }

    private static void state(Program program, ModelState state, Scenario.Export export, Outcome.Builder outcome) {
        String name = export.name();
        int index = Integer.parseInt(name.substring(1));
        switch (export.kind()) {
            case "memory" -> {
                byte[] bytes = state.memories.get(program.memories.get(index)).bytes();
                outcome.add("memory " + name + ": " + bytes.length + " bytes, hash " + Host.hash(bytes));
            }
            case "global" -> {
                var value = state.globals.get(program.globals.get(index));
                outcome.add("global " + name + ": "
                        + ModelState.value(export.types().getFirst(), value));
            }
            case "table" -> {
                var table = state.tables.get(program.tables.get(index));
                var types = Collections.nCopies(table.length, export.types().getFirst());
                outcome.add("table " + name + ": " + text(types, Arrays.asList(table)));
            }
            default -> {}
        }
    }
}
