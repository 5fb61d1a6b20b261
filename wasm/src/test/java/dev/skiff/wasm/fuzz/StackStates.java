package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** The operand stack between the nodes of a body. */
final class StackStates {
    private final List<List<Type>> known = new ArrayList<>();
    private final List<Boolean> dead = new ArrayList<>();
    /** The least height of the stack while node i ran. */
    private final List<Integer> lowest = new ArrayList<>();

    StackStates(List<Type> start, List<Node> nodes) {
        var stack = new ArrayList<>(start);
        boolean unreachable = false;
        remember(stack, unreachable);
        for (var node : nodes) {
            int height = Math.max(0, stack.size() - node.pops().size());
            stack.subList(height, stack.size()).clear();
            lowest.add(node.diverts() ? 0 : height);
            stack.addAll(node.pushes());
            if (node.diverts()) {
                stack.clear();
                unreachable = true;
            }
            remember(stack, unreachable);
        }
    }

    private void remember(List<Type> stack, boolean unreachable) {
        known.add(List.copyOf(stack));
        dead.add(unreachable);
    }

    /** The simplest nodes that may stand in for those from one index to another. */
    List<Node> replacement(int from, int to) {
        var before = known.get(from);
        var after = known.get(to);
        var nodes = new ArrayList<Node>();
        int base = Math.min(before.size(), after.size());
        for (int i = from; i < to; i++) {
            base = Math.min(base, lowest.get(i));
        }
        if (!dead.get(from).equals(dead.get(to))) {
            base = 0;
            nodes.add(Ops.unreachable());
        } else {
            for (int i = before.size() - 1; i >= base; i--) {
                nodes.add(Ops.drop(before.get(i)));
            }
        }
        after.subList(base, after.size()).forEach(type -> nodes.add(Ops.zero(type)));
        return nodes;
    }
}
