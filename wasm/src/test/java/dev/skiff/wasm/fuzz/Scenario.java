package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A module with everything that an engine needs to run it the same way as another engine.
 *
 * @param wasm the module
 * @param traits features that it uses beyond those that every oracle has
 * @param imports what it imports from "env", in order
 * @param exports its memories, tables, globals and tags, whose final state counts
 * @param calls the calls to make, each after one of "refuel"
 * @param program what the module was made from; null if it was read from a file
 */
record Scenario(
        byte[] wasm, Set<Trait> traits, List<Import> imports, List<Export> exports, List<Call> calls, Program program) {

    /** An imported function or, without signature, global of a type. */
    record Import(String name, Signature signature, Type global, boolean mutable) {}

    /** An exported thing: its kind is memory, table, global or tag; tags have several types, memories none. */
    record Export(String kind, String name, List<Type> types) {}

    /** A call of an exported function. */
    record Call(String export, List<Value> args, List<Type> results) {}

    static Scenario of(RandomModule module) {
        return of(module.program(), module.calls(), module.shape().traits());
    }

    static Scenario of(Program program, List<Call> calls, Set<Trait> traits) {
        return new Scenario(Encoder.encode(program), traits, imports(program), exports(program), calls, program);
    }

    private static List<Import> imports(Program program) {
        var imports = new ArrayList<Import>();
        program.functions.stream()
                .filter(f -> !f.imported.isEmpty())
                .forEach(f -> imports.add(new Import(f.imported, f.signature, null, false)));
        for (int i = 0; i < program.globals.size(); i++) {
            var global = program.globals.get(i);
            if (global.isImported()) {
                imports.add(new Import("g" + i, null, global.type, global.mutable));
            }
        }
        return imports;
    }

    private static List<Export> exports(Program program) {
        var exports = new ArrayList<Export>();
        for (var export : Manifest.exports(program)) {
            switch (export.entity()) {
                case Entity.Memory memory -> exports.add(new Export("memory", export.name(), List.of()));
                case Entity.Table table -> exports.add(new Export("table", export.name(), List.of(table.type)));
                case Entity.Global global -> exports.add(new Export("global", export.name(), List.of(global.type)));
                case Entity.Tag tag -> exports.add(new Export("tag", export.name(), tag.params));
                default -> {}
            }
        }
        return exports;
    }

    /** All but the module, as lines that {@link #parse} reads. */
    List<String> describe() {
        var lines = new ArrayList<String>();
        traits.forEach(trait -> lines.add("trait " + trait));
        for (var entry : imports) {
            lines.add(
                    entry.signature() == null
                            ? "import-global " + entry.name() + " " + entry.global() + " " + entry.mutable()
                            : "import-func " + entry.name() + " "
                                    + types(entry.signature().params()) + " "
                                    + types(entry.signature().results()));
        }
        exports.forEach(e -> lines.add("export " + e.kind() + " " + e.name() + " " + types(e.types())));
        for (var call : calls) {
            var args = call.args().stream().map(Value::text);
            lines.add(String.join(
                    " ",
                    Stream.concat(Stream.of("call", call.export(), types(call.results())), args)
                            .toList()));
        }
        return lines;
    }

    /** Reads a scenario from a module and its description. */
    static Scenario parse(byte[] wasm, List<String> lines) {
        var traits = new TreeSet<Trait>();
        var imports = new ArrayList<Import>();
        var exports = new ArrayList<Export>();
        var calls = new ArrayList<Call>();
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "trait" -> traits.add(Trait.valueOf(words[1]));
                case "import-func" ->
                    imports.add(new Import(words[1], new Signature(types(words[2]), types(words[3])), null, false));
                case "import-global" ->
                    imports.add(new Import(words[1], null, type(words[2]), Boolean.parseBoolean(words[3])));
                case "export" -> exports.add(new Export(words[1], words[2], types(words[3])));
                case "call" ->
                    calls.add(new Call(
                            words[1], Stream.of(words).skip(3).map(Value::parse).toList(), types(words[2])));
                default -> throw new IllegalArgumentException("not a scenario: " + line);
            }
        }
        return new Scenario(wasm, traits, imports, exports, calls, null);
    }

    private static String types(List<Type> types) {
        return types.isEmpty()
                ? "-"
                : String.join(",", types.stream().map(Type::toString).toList());
    }

    private static List<Type> types(String text) {
        return text.equals("-")
                ? List.of()
                : Stream.of(text.split(",")).map(Scenario::type).toList();
    }

    private static Type type(String text) {
        return Type.valueOf(text.toUpperCase(Locale.ROOT));
    }
}
