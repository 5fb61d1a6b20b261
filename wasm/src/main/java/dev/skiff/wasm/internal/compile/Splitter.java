package dev.skiff.wasm.internal.compile;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Decides how a large function is split into methods that HotSpot compiles: it does not touch methods of more than 8,000
 * bytes, and the JVM refuses more than 65,535.
 *
 * <p>Constructs that are too large are opened up, and runs of statements at one level become pieces. That keeps inner
 * loops whole and turns each arm of a large switch into a piece, while the switch itself stays in one method. When what
 * is left is still too large, rounds follow in which pieces may contain the pieces made before.
 */
final class Splitter {
    private static final int CALL_SIZE = 14;
    private static final int EXIT_SIZE = 12;

    /**
     * How far to go. A piece with many exits holds the dispatch of a large switch, which then runs through two methods; so
     * first the arms of the switch become pieces, down to small ones, and such pieces are made only where that is not
     * enough.
     *
     * @param share the smallest piece, as a share of the method size
     * @param maxExits exits that a piece may have
     * @param pieceFactor by how much a piece may be larger than is best
     * @param factor by how much what is left may be over the method size without need for this pass
     */
    private record Pass(int share, int maxExits, int factor, int pieceFactor) {
        int smallest(int methodSize) {
            return Math.max(1, methodSize / share);
        }

        boolean isNeeded(int left, int methodSize) {
            return left > methodSize * factor;
        }
    }

    private static final List<Pass> PASSES = List.of(
            new Pass(44, 6, 1, 1),
            new Pass(110, 6, 1, 1),
            new Pass(220, 6, 1, 1),
            new Pass(220, Integer.MAX_VALUE, 1, 1),
            // Only to stay below what the JVM can load; a table of branches cannot be split.
            new Pass(Integer.MAX_VALUE, Integer.MAX_VALUE, 5, 5));

    private final Scan scan;
    private final int methodSize;
    private final int pieceSize;
    private final List<Piece> pieces = new ArrayList<>();
    private List<Piece> roots = new ArrayList<>();

    Splitter(Scan scan, int methodSize) {
        this.scan = scan;
        this.methodSize = methodSize;
        pieceSize = methodSize * 4 / 5;
    }

    /** Whether a function has to be split. */
    static boolean isTooLarge(Scan scan, int methodSize) {
        return scan.root.size > methodSize || scan.locals.length > MethodEmitter.MAX_JVM_LOCALS;
    }

    /** The pieces that are called by the function's first method; they lead to the others. */
    List<Piece> split() {
        int left = scan.root.size;
        for (Pass pass : PASSES) {
            int before;
            do {
                before = left;
                if (pass.isNeeded(left, methodSize)) {
                    left = plan(scan.root, pass);
                }
            } while (left < before);
        }
        describe();
        return roots;
    }

    /** Makes pieces in a construct that is too large; returns the size of what is left in it. */
    private int plan(Construct construct, Pass pass) {
        int left = Effects.size(construct.op);
        List<Cut> cuts = construct.cuts;
        for (int first = 0; first < cuts.size(); ) {
            int last = first;
            while (!cuts.get(last).last()) {
                last++;
            }
            left += planPart(construct, outsidePieces(cuts.subList(first, last + 1)), pass);
            first = last + 1;
        }
        return left;
    }

    /** The cuts that are not in the midst of a piece. */
    private List<Cut> outsidePieces(List<Cut> cuts) {
        List<Cut> left = new ArrayList<>(cuts);
        for (Piece piece : roots) {
            left.removeIf(cut -> cut.position() > piece.start && cut.position() < piece.end);
        }
        return left;
    }

    private int planPart(Construct construct, List<Cut> cuts, Pass pass) {
        int left = 0;
        int groupStart = 0;
        int groupSize = 0;
        for (int i = 0; i + 1 < cuts.size(); i++) {
            Cut from = cuts.get(i);
            Cut to = cuts.get(i + 1);
            int size = sizeLeft(from, to);
            if (size > pieceSize * pass.pieceFactor()) {
                left += closeGroup(construct, cuts.get(groupStart), from, groupSize, pass);
                left += openUp(construct, from, to, pass);
                groupStart = i + 1;
                groupSize = 0;
            } else {
                if (groupSize + size > pieceSize * pass.pieceFactor()) {
                    left += closeGroup(construct, cuts.get(groupStart), from, groupSize, pass);
                    groupStart = i;
                    groupSize = 0;
                }
                groupSize += size;
            }
        }
        return left + closeGroup(construct, cuts.get(groupStart), cuts.getLast(), groupSize, pass);
    }

    /** Splits what is inside of a run that is too large for a piece; returns the size of what is left of it. */
    private int openUp(Construct construct, Cut from, Cut to, Pass pass) {
        int left = to.size() - from.size();
        for (Construct child : construct.children) {
            if (child.start >= from.position() && child.end <= to.position() && !isInPiece(child)) {
                left -= child.size;
                left += child.cuts.isEmpty() ? child.size : plan(child, pass);
            }
        }
        for (Piece piece : roots) {
            if (piece.within == construct && piece.start >= from.position() && piece.end <= to.position()) {
                left += callSize(piece, construct) - piece.size;
            }
        }
        return left;
    }

    private int closeGroup(Construct construct, Cut from, Cut to, int size, Pass pass) {
        if (from == to) {
            return 0;
        }
        if (size < pass.smallest(methodSize) || isOnePiece(from, to)) {
            return size;
        }
        Piece piece = new Piece(pieces.size(), from, to, construct);
        for (Scan.Branch branch : scan.branches) {
            if (piece.contains(branch.position())
                    && !(branch.target().start >= piece.start && branch.target() != scan.root)
                    && !piece.exits.contains(branch.target())) {
                piece.exits.add(branch.target());
            }
        }
        if (piece.exits.size() > pass.maxExits()) {
            return size;
        }
        pieces.add(piece);
        List<Piece> outer = new ArrayList<>();
        for (Piece other : roots) {
            (piece.contains(other) ? piece.nested : outer).add(other);
        }
        outer.add(piece);
        roots = outer;
        return callSize(piece, construct);
    }

    private boolean isInPiece(Construct construct) {
        for (Piece piece : roots) {
            if (piece.contains(construct.start)) {
                return true;
            }
        }
        return false;
    }

    private boolean isOnePiece(Cut from, Cut to) {
        for (Piece piece : roots) {
            if (piece.start == from.position() && piece.end == to.position()) {
                return true;
            }
        }
        return false;
    }

    /** The size of a run between two cuts, without what is in pieces already. */
    private int sizeLeft(Cut from, Cut to) {
        int size = to.size() - from.size();
        for (Piece piece : roots) {
            if (piece.start >= from.position() && piece.end <= to.position()) {
                size += callSize(piece, from, to) - piece.size;
            }
        }
        return Math.max(size, 1);
    }

    /** The size of a piece's call in the code of a construct. */
    private static int callSize(Piece piece, Construct in) {
        return callSize(piece, in.start, in.end);
    }

    private static int callSize(Piece piece, Cut from, Cut to) {
        return callSize(piece, from.position(), to.position());
    }

    /** The size of a call in a range: exits that lead out of that are passed on and cost nothing each. */
    private static int callSize(Piece piece, int from, int to) {
        int exits = 0;
        for (Construct exit : piece.exits) {
            if (exit.start >= from && exit.end <= to) {
                exits++;
            }
        }
        return CALL_SIZE
                + (exits + (piece.falls ? 1 : 0) > 1 ? 8 + exits * EXIT_SIZE : 0)
                + (exits < piece.exits.size() ? 8 : 0);
    }

    /** Finds out which locals the pieces use, and which of them they have for themselves. */
    private void describe() {
        for (Piece piece : pieces) {
            piece.nested.sort(Comparator.comparingInt(p -> p.start));
            // The fuel of a loop that calls pieces is counted where they see it.
            for (Construct c = piece.within; c != null; c = c.parent) {
                c.hasCall = true;
            }
        }
        roots.sort(Comparator.comparingInt(p -> p.start));
        BitSet outside = new BitSet();
        Owner[] owners = new Owner[scan.locals.length];
        for (int i = 0; i < scan.shape.params().length; i++) {
            outside.set(i);
        }
        for (Scan.LocalAccess access : scan.accesses) {
            Piece innermost = null;
            for (List<Piece> level = roots; level != null; ) {
                Piece hit = find(level, access.position());
                if (hit != null) {
                    hit.used.set(access.local());
                    if (access.write()) {
                        hit.written.set(access.local());
                    }
                    innermost = hit;
                }
                level = hit == null ? null : hit.nested;
            }
            int local = access.local();
            if (innermost == null) {
                outside.set(local);
            } else if (owners[local] == null) {
                owners[local] = new Owner(innermost, isAssignedFirst(access, innermost));
            } else if (owners[local].piece != innermost) {
                outside.set(local);
            }
        }
        for (int local = 0; local < owners.length; local++) {
            if (owners[local] != null && owners[local].assignedFirst && !outside.get(local)) {
                owners[local].piece.own.set(local);
            }
        }
    }

    private record Owner(Piece piece, boolean assignedFirst) {}

    /** Whether the first access to a local in a piece writes it whenever the piece runs. */
    private static boolean isAssignedFirst(Scan.LocalAccess access, Piece piece) {
        int level = 1;
        for (Construct c = piece.within; c.parent != null; c = c.parent) {
            level++;
        }
        return access.write() && access.depth() == level;
    }

    private static Piece find(List<Piece> sorted, int position) {
        int low = 0;
        int high = sorted.size() - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            Piece piece = sorted.get(middle);
            if (position < piece.start) {
                high = middle - 1;
            } else if (position >= piece.end) {
                low = middle + 1;
            } else {
                return piece;
            }
        }
        return null;
    }
}
