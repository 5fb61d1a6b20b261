package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Makes the body of one function smaller. */
final class BodyReducer {
    /** Windows of this many nodes or fewer are tried at every place. */
    private static final int SMALL = 4;

    private final Entity.Function function;
    private final BooleanSupplier stillFails;
    private final BooleanSupplier outOfTime;

    BodyReducer(Entity.Function function, BooleanSupplier stillFails, BooleanSupplier outOfTime) {
        this.function = function;
        this.stillFails = stillFails;
        this.outOfTime = outOfTime;
    }

    /** Returns whether anything could go. */
    boolean reduce() {
        return list(function.body, List.of(), body -> function.body = body);
    }

    /** Reduces a list of nodes and then the lists inside. */
    private boolean list(List<Node> nodes, List<Type> start, Consumer<List<Node>> setter) {
        boolean changed = false;
        var current = nodes;
        for (int size = Math.max(1, current.size()); size > 0 && !outOfTime.getAsBoolean(); size /= 2) {
            if (size == SMALL) {
                current = tidied(current, setter);
            }
            int first = current.isEmpty() || !(current.getFirst() instanceof Burn) ? 0 : 1;
            int step = size <= SMALL ? 1 : size;
            for (int from = current.size() - size; from > first - size && !outOfTime.getAsBoolean(); from -= step) {
                int begin = Math.max(first, from);
                int stop = Math.min(current.size(), from + size);
                var smaller = without(current, begin, stop, start);
                if (smaller.size() < current.size() || simpler(current, begin, stop)) {
                    setter.accept(smaller);
                    if (stillFails.getAsBoolean()) {
                        current = smaller;
                        changed = true;
                    } else {
                        setter.accept(current);
                    }
                }
            }
        }
        changed |= scopes(current);
        var flat = unwrapped(current, setter);
        return changed || flat;
    }

    /** Without values that are dropped at once, if the case still fails then. */
    private List<Node> tidied(List<Node> nodes, Consumer<List<Node>> setter) {
        var result = new ArrayList<Node>();
        for (var node : nodes) {
            boolean drops = node instanceof Op op && op.name().equals("drop");
            if (drops && !result.isEmpty() && result.getLast() instanceof Op last && isPure(last)) {
                result.removeLast();
            } else {
                result.add(node);
            }
        }
        if (result.size() < nodes.size()) {
            setter.accept(result);
            if (stillFails.getAsBoolean()) {
                return result;
            }
            setter.accept(nodes);
        }
        return nodes;
    }

    private static boolean isPure(Op op) {
        return op.name().endsWith(".const")
                || op.name().endsWith(".get") && op.pops().isEmpty()
                || op.name().startsWith("ref.") && op.pops().isEmpty();
    }

    private static List<Node> without(List<Node> nodes, int from, int to, List<Type> start) {
        var result = new ArrayList<>(nodes.subList(0, from));
        if (from < to) {
            result.addAll(new StackStates(start, nodes).replacement(from, to));
        }
        result.addAll(nodes.subList(Math.max(from, to), nodes.size()));
        return result;
    }

    /** Whether a replacement by constants of the same length would be a step forward. */
    private static boolean simpler(List<Node> nodes, int from, int to) {
        return to - from == 1
                && !(nodes.get(from) instanceof Op op
                        && (op.name().endsWith(".const")
                                || op.name().equals("drop")
                                || op.name().equals("ref.null")
                                || op.name().equals("unreachable")));
    }

    private boolean scopes(List<Node> nodes) {
        boolean changed = false;
        for (var node : nodes) {
            if (node instanceof Scope scope && !outOfTime.getAsBoolean()) {
                changed |= list(scope.body, scope.signature.params(), body -> scope.body = body);
                if (scope.orElse != null) {
                    changed |= list(scope.orElse, scope.signature.params(), body -> scope.orElse = body);
                }
            }
        }
        return changed;
    }

    /** Puts what is inside a scope in its place, where no branch names it. */
    private boolean unwrapped(List<Node> nodes, Consumer<List<Node>> setter) {
        boolean changed = false;
        var current = nodes;
        for (int i = current.size() - 1; i >= 0 && !outOfTime.getAsBoolean(); i--) {
            if (current.get(i) instanceof Scope scope) {
                for (var inside : scope.orElse == null ? List.of(scope.body) : List.of(scope.body, scope.orElse)) {
                    if (!References.to(scope, inside)) {
                        var smaller = unwrap(current, i, scope, inside);
                        setter.accept(smaller);
                        if (stillFails.getAsBoolean()) {
                            current = smaller;
                            changed = true;
                            break;
                        }
                        setter.accept(current);
                    }
                }
            }
        }
        return changed;
    }

    private static List<Node> unwrap(List<Node> nodes, int index, Scope scope, List<Node> inside) {
        var result = new ArrayList<>(nodes.subList(0, index));
        if (scope.kind == Scope.Kind.IF) {
            result.add(Ops.drop(Type.I32));
        }
        inside.stream().filter(node -> !(node instanceof Burn)).forEach(result::add);
        result.addAll(nodes.subList(index + 1, nodes.size()));
        return result;
    }
}
