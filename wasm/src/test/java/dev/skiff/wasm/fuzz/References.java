package dev.skiff.wasm.fuzz;

import java.util.List;
import java.util.stream.Stream;

/** Finds what refers to what. */
final class References {
    private References() {}

    /** Whether anything in the program but its exports refers to a function. */
    static boolean to(Entity.Function function, Program program) {
        return function == program.start
                || program.functions.stream().anyMatch(f -> toEntity(function, f.body))
                || program.elements.stream().anyMatch(e -> toEntity(function, e.entries))
                || program.globals.stream().anyMatch(g -> toEntity(function, g.init));
    }

    /** Whether code refers to an entity. */
    static boolean toEntity(Entity entity, List<? extends Node> nodes) {
        return all(nodes).anyMatch(node -> refers(node, entity));
    }

    /** Whether code branches to a frame. */
    static boolean to(Frame frame, List<? extends Node> nodes) {
        return all(nodes).anyMatch(node -> branches(node, frame));
    }

    /** Nodes, and what is inside them. */
    static Stream<Node> all(List<? extends Node> nodes) {
        return nodes.stream().flatMap(node -> {
            if (!(node instanceof Scope scope)) {
                return Stream.of(node);
            }
            var inside = scope.orElse == null ? all(scope.body) : Stream.concat(all(scope.body), all(scope.orElse));
            return Stream.concat(Stream.of(node), inside);
        });
    }

    private static boolean refers(Node node, Entity entity) {
        return switch (node) {
            case Canon canon -> canon.scratch() == entity;
            case Burn burn -> burn.expand().stream().anyMatch(op -> op instanceof Op plain && refers(plain, entity));
            case Scope scope -> scope.catches.stream().anyMatch(clause -> clause.tag() == entity);
            case Op op ->
                op.immediates().stream()
                        .anyMatch(immediate -> immediate instanceof Immediate.Index(Entity target) && target == entity);
        };
    }

    private static boolean branches(Node node, Frame frame) {
        return switch (node) {
            case Canon canon -> false;
            case Burn burn -> burn.exit() == frame;
            case Scope scope -> scope.catches.stream().anyMatch(clause -> clause.target() == frame);
            case Op op -> op.immediates().stream().anyMatch(immediate -> names(immediate, frame));
        };
    }

    private static boolean names(Immediate immediate, Frame frame) {
        return switch (immediate) {
            case Immediate.Label(Frame target) -> target == frame;
            case Immediate.Labels(List<Frame> targets, Frame otherwise) ->
                otherwise == frame || targets.contains(frame);
            default -> false;
        };
    }
}
