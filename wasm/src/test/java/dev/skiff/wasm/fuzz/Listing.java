package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A program's functions as text, close to the text format. */
final class Listing {
    private final Program program;
    private final StringBuilder out = new StringBuilder();
    private final List<Frame> frames = new ArrayList<>();
    private Map<Entity.Local, Integer> locals = Map.of();

    private Listing(Program program) {
        this.program = program;
    }

    /** All functions that have a body, but for the one that sets the fuel. */
    static String of(Program program) {
        var listing = new Listing(program);
        listing.entities();
        program.defined().stream().filter(f -> f != program.refuel).forEach(listing::function);
        return listing.out.toString();
    }

    private void entities() {
        for (var memory : program.memories) {
            out.append("(memory ")
                    .append(memory.min)
                    .append(' ')
                    .append(memory.max)
                    .append(")\n");
        }
        for (var table : program.tables) {
            out.append("(table %d %d %s)%n".formatted(table.min, table.max, table.type));
        }
        for (var tag : program.tags) {
            out.append("(tag ").append(tag.params).append(")\n");
        }
        for (var global : program.globals) {
            String init = global.init.stream().map(this::text).collect(Collectors.joining(" "));
            out.append("(global %s%s %s)%n".formatted(global.mutable ? "mut " : "", global.type, init));
        }
        for (var segment : program.elements) {
            String entries = segment.entries.stream().map(this::text).collect(Collectors.joining(", "));
            out.append(segment.table == null ? "(elem " : "(elem active ")
                    .append(entries)
                    .append(")\n");
        }
    }

    private void function(Entity.Function function) {
        locals = new IdentityHashMap<>();
        for (var local : Types.join(function.params, function.locals)) {
            locals.put(local, locals.size());
        }
        out.append(
                "(func %d \"%s\" %s".formatted(program.functions.indexOf(function), function.name, function.signature));
        String declared = function.locals.stream().map(l -> " " + l.type).collect(Collectors.joining());
        out.append("  locals").append(declared).append('\n');
        body(function, function.body);
        out.append(")\n");
    }

    private void body(Frame frame, List<Node> nodes) {
        frames.add(frame);
        nodes.forEach(this::node);
        frames.removeLast();
    }

    private void line(String text) {
        out.append("  ".repeat(frames.size())).append(text).append('\n');
    }

    private void node(Node node) {
        switch (node) {
            case Op op -> line(text(op));
            case Canon canon -> line(canon.type() + ".canonicalise-nan");
            case Burn burn -> line("burn-fuel " + burn.cost + " else br " + depth(burn.exit()));
            case Scope scope -> {
                String catches = scope.catches.stream().map(this::text).collect(Collectors.joining());
                line(scope.kind.name().toLowerCase(java.util.Locale.ROOT) + " " + scope.signature + catches);
                body(scope, scope.body);
                if (scope.orElse != null) {
                    line("else");
                    body(scope, scope.orElse);
                }
                line("end");
            }
        }
    }

    private String text(Scope.Catch clause) {
        String tag = clause.tag() == null ? "catch_all" : "catch";
        String index = clause.tag() == null ? "" : " " + program.tags.indexOf(clause.tag());
        return " (" + tag + (clause.withReference() ? "_ref" : "") + index + " " + depth(clause.target()) + ")";
    }

    private String text(Op op) {
        return op.immediates().stream().map(i -> " " + text(i)).collect(Collectors.joining("", op.name(), ""));
    }

    private String text(Immediate immediate) {
        return switch (immediate) {
            case Immediate.Int(long value) -> Long.toString(value);
            case Immediate.F32(int bits) -> Float.intBitsToFloat(bits) + " (;" + Integer.toHexString(bits) + ";)";
            case Immediate.F64(long bits) -> Double.longBitsToDouble(bits) + " (;" + Long.toHexString(bits) + ";)";
            case Immediate.Byte(int value, String name) -> name;
            case Immediate.Index(Entity entity) -> Integer.toString(index(entity));
            case Immediate.TypeIndex(Signature signature) -> "(type " + signature + ")";
            case Immediate.Label(Frame target) -> depth(target);
            case Immediate.Labels(List<Frame> targets, Frame otherwise) ->
                targets.stream().map(target -> depth(target) + " ").collect(Collectors.joining()) + depth(otherwise);
            case Immediate.Types(List<Type> types) -> types.toString();
            case Immediate.Address(int align, long offset, Entity.Memory memory) ->
                index(memory) + " offset=" + offset + " align=" + (1 << align);
        };
    }

    private int index(Entity entity) {
        return switch (entity) {
            case Entity.Local local -> locals.get(local);
            case Entity.Function function -> program.functions.indexOf(function);
            case Entity.Global global -> program.globals.indexOf(global);
            case Entity.Memory memory -> program.memories.indexOf(memory);
            case Entity.Table table -> program.tables.indexOf(table);
            case Entity.Tag tag -> program.tags.indexOf(tag);
            case Entity.Data data -> program.data.indexOf(data);
            case Entity.Elements elements -> program.elements.indexOf(elements);
        };
    }

    private String depth(Frame target) {
        return Integer.toString(frames.size() - 1 - frames.lastIndexOf(target));
    }
}
