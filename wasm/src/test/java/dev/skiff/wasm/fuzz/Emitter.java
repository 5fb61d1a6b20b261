package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** The body that is being generated, and what is on its operand stack. */
final class Emitter {
    /**
     * An operand.
     *
     * @param exact whether the specification fixes all of its bits
     */
    record Slot(Type type, boolean exact) {}

    private final List<Frame> frames = new ArrayList<>();
    private List<Node> out = new ArrayList<>();
    private List<Slot> stack = new ArrayList<>();
    private boolean dead;
    private boolean reusable;
    private int emitted;

    /** Enclosing frames, outermost first. */
    List<Frame> frames() {
        return frames;
    }

    List<Slot> stack() {
        return stack;
    }

    int height() {
        return stack.size();
    }

    Slot top() {
        return stack.getLast();
    }

    boolean topIs(Type type) {
        return !stack.isEmpty() && top().type() == type;
    }

    /** Whether the code is unreachable: then below the known operands there are any others. */
    boolean dead() {
        return dead;
    }

    /**
     * Says whether the next instruction may take operands that are on the stack, because nothing else waits for them;
     * returns what was said before.
     */
    boolean reuse(boolean allowed) {
        boolean before = reusable;
        reusable = allowed;
        return before;
    }

    /** How many nodes were emitted so far. */
    int emitted() {
        return emitted;
    }

    /** The types on top of the stack. */
    List<Type> topTypes(int count) {
        return stack.subList(stack.size() - count, stack.size()).stream()
                .map(Slot::type)
                .toList();
    }

    /** Adds a node whose float results are inexact. */
    void emit(Node node) {
        emit(node, false);
    }

    /** Adds a node. */
    void emit(Node node, boolean exact) {
        reusable = false;
        pop(node.pops());
        out.add(node);
        emitted++;
        node.pushes().forEach(type -> stack.add(new Slot(type, exact || !type.isFloat())));
        if (node.diverts()) {
            stack.clear();
            dead = true;
        }
    }

    private void pop(List<Type> types) {
        for (int i = types.size() - 1; i >= 0; i--) {
            if (stack.isEmpty() && dead) {
                return;
            }
            Type found = stack.removeLast().type();
            if (found != types.get(i)) {
                throw new IllegalStateException("expected " + types + ", found " + found + " at " + i);
            }
        }
    }

    /** Generates code inside a frame, with the frame's own operand stack. */
    List<Node> inside(Frame frame, List<Type> start, Runnable content) {
        var outerOut = out;
        var outerStack = stack;
        boolean outerDead = dead;
        out = new ArrayList<>();
        stack = new ArrayList<>();
        dead = false;
        start.forEach(type -> stack.add(new Slot(type, !type.isFloat())));
        frames.add(frame);
        content.run();
        frames.removeLast();
        var body = out;
        out = outerOut;
        stack = outerStack;
        dead = outerDead;
        return body;
    }
}
