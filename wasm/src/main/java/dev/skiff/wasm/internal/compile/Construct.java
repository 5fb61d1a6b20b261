package dev.skiff.wasm.internal.compile;

import java.util.ArrayList;
import java.util.List;

/** A block, loop, if or try_table of a body, or the body itself, as the scan before the translation saw it. */
final class Construct {
    final int op;
    final Construct parent;
    /** Position of its opcode; of the body's first instruction for the body itself. */
    final int start;

    final Shape shape;
    /** Height of the operand stack beneath its parameters. */
    final int base;
    /** Number in the function from 1 on; the code by which pieces leave for it. */
    final int id;
    /** Position behind its final end. */
    int end;
    /** Whether it has calls, or bulk instructions, in it at any depth. */
    boolean hasCall;
    /** Instructions in it that are not in a loop inside it: what one round of a loop costs in fuel. */
    int cost;
    /** Instructions that the loops directly in it may run without a look at the stop flag. */
    int unpolled;
    /** Rounds that a loop may run without a look at the stop flag; 0 if every round looks. */
    int rounds;
    /** Whether such a loop looks before its first round too, because loops before it may have run for long. */
    boolean pollsFirst;
    /** Large tables of branches that lead to it. */
    int tables;
    /** About how many bytes of JVM code it becomes. */
    int size;
    /** Positions in it, at its own level, where the code can be cut. Only of large functions. */
    final List<Cut> cuts = new ArrayList<>(0);

    final List<Construct> children = new ArrayList<>(0);

    Construct(int op, Construct parent, int id, int start, Shape shape, int base) {
        this.op = op;
        this.parent = parent;
        this.id = id;
        this.start = start;
        this.shape = shape;
        this.base = base;
        if (parent != null) {
            parent.children.add(this);
        }
    }
}
