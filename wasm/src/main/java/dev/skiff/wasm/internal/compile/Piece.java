package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.internal.binary.Op;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A range of a large function that becomes a method of its own. It starts and ends at cuts of one part of one construct;
 * the construct's operands pass through the function's frame array, like the locals that more than one method of the
 * function uses.
 */
final class Piece {
    /** Number in the function; part of the method's name. */
    final int id;
    /** Position of the first instruction. */
    final int start;
    /** Position behind the last instruction. */
    final int end;
    /** The construct at whose level it starts and ends. */
    final Construct within;
    /** Types of the operands that it starts with. */
    final Slot[] in;
    /** Types of the operands that it ends with, if control gets to its end. */
    final Slot[] out;
    /** Whether control gets to its end. */
    final boolean falls;
    /** About how many bytes of JVM code it would be without the pieces in it. */
    final int size;
    /**
     * Where it branches to outside of itself, from the outermost inwards; the exit code is the construct's number, and 0 its
     * end.
     */
    final List<Construct> exits = new ArrayList<>();
    /** About how many bytes of JVM code of its caller they take, from each of them on. */
    int[] exitSizes;
    /** Pieces directly in it. */
    final List<Piece> nested = new ArrayList<>();
    /** Locals used in it, pieces in it included, and those of them that are written. */
    final BitSet used = new BitSet();

    final BitSet written = new BitSet();
    /** Number of the class that it is in, among those of its function; the first also has the function itself. */
    int part;
    /** Locals that only it uses and that hold nothing when it starts. */
    final BitSet own = new BitSet();

    Piece(int id, Cut from, Cut to, Construct within) {
        this.id = id;
        this.start = from.position();
        this.end = to.position();
        this.within = within;
        this.in = from.operands();
        this.out = to.operands();
        this.falls = to.reachable();
        this.size = to.size() - from.size();
    }

    /** Whether a handler around it may catch what it throws. */
    boolean isTried() {
        for (Construct c = within; c != null; c = c.parent) {
            if (c.op == Op.TRY_TABLE) {
                return true;
            }
        }
        return false;
    }

    boolean contains(int position) {
        return position >= start && position < end;
    }

    @Override
    public String toString() {
        return "piece " + id + " [" + start + ", " + end + ")";
    }
}
