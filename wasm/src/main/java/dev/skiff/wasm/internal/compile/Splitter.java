package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.LimitException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides how a large function is split into methods that HotSpot compiles: it does not touch methods of more than 8,000
 * bytes, and the JVM refuses more than 65,535.
 *
 * <p>Constructs that are too large are opened up, and runs of statements at one level become pieces. That keeps inner
 * loops whole and turns each arm of a large switch into a piece, while the switch itself stays in one method. When what
 * is left is still too large, rounds follow in which pieces may contain the pieces made before.
 */
final class Splitter {
    /** Thousands of constructs in each other take time that grows with their square; this is a few seconds of it. */
    private static final long MAX_WORK = 400_000_000;

    private static final int CALL_SIZE = 14;
    private static final int SWITCH_SIZE = 8;
    private static final int EXIT_SIZE = 12;
    /** Of an operand that passes through the frame array. */
    private static final int OPERAND_SIZE = 7;

    /**
     * How far to go. A piece with many exits holds the dispatch of a large switch, which then runs through two methods; so
     * first the arms of the switch become pieces, down to small ones, and such pieces are made only where that is not
     * enough.
     *
     * @param share the smallest piece, as a share of the method size
     * @param maxExits exits that a piece may have
     * @param gathers whether a piece may grow over several levels: the start of a nest of blocks, with the dispatch in it,
     *     and as many arms as there is room for
     * @param pieceFactor by how much a piece may be larger than is best
     * @param factor by how much what is left may be over the method size without need for this pass
     */
    private record Pass(int share, int maxExits, boolean gathers, int factor, int pieceFactor) {
        int smallest(int methodSize) {
            return Math.max(1, methodSize / share);
        }

        boolean isNeeded(int left, int methodSize) {
            return left > methodSize * factor;
        }
    }

    private static final List<Pass> PASSES = List.of(
            new Pass(44, 6, false, 1, 1),
            new Pass(110, 6, false, 1, 1),
            new Pass(220, 6, false, 1, 1),
            new Pass(220, Integer.MAX_VALUE, false, 1, 1),
            new Pass(110, Integer.MAX_VALUE, true, 1, 1),
            // Only to stay below what the JVM can load; a table of branches cannot be split.
            new Pass(Integer.MAX_VALUE, Integer.MAX_VALUE, false, 5, 5));

    private final Scan scan;
    private final int methodSize;
    private final int pieceSize;
    private final List<Piece> pieces = new ArrayList<>();
    private long work;
    /** Pieces that are in no other, by their starts. */
    private final NavigableMap<Integer, Piece> roots = new TreeMap<>();

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
        takeBack(left);
        describe();
        return List.copyOf(roots.values());
    }

    /** Pieces for whose code the function's first method has room go back there, the small ones first. */
    private void takeBack(int left) {
        List<Piece> byGain = new ArrayList<>(roots.values());
        byGain.sort(Comparator.comparingInt(Splitter::gain));
        int size = left;
        for (Piece piece : byGain) {
            size += gain(piece);
            if (size > methodSize * 9 / 10) {
                break;
            }
            roots.remove(piece.start);
            pieces.remove(piece);
            for (Piece nested : piece.nested) {
                roots.put(nested.start, nested);
            }
        }
    }

    /** By how much a method is smaller because of a piece. */
    private static int gain(Piece piece) {
        int inside = piece.size;
        for (Piece nested : piece.nested) {
            inside += callSize(nested, piece.start) - nested.size;
        }
        return inside - callSize(piece, 0);
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

    private void count(long steps) {
        work += steps;
        if (work > MAX_WORK) {
            throw new LimitException(
                    "function " + scan.function + " is too large: it would take too long to split, with "
                            + scan.constructs.size() + " blocks and " + scan.branches.size() + " branches");
        }
    }

    /** The cuts that are not in the midst of a piece. */
    private List<Cut> outsidePieces(List<Cut> cuts) {
        List<Cut> left = new ArrayList<>(cuts.size());
        for (Cut cut : cuts) {
            Piece piece = rootAt(cut.position());
            if (piece == null || piece.start == cut.position()) {
                left.add(cut);
            }
        }
        return left;
    }

    private Piece rootAt(int position) {
        Map.Entry<Integer, Piece> found = roots.floorEntry(position);
        return found != null && found.getValue().contains(position) ? found.getValue() : null;
    }

    /** The pieces that are in no other and start in a range; none reaches out of it. */
    private Collection<Piece> rootsIn(int from, int to) {
        return roots.subMap(from, to).values();
    }

    private int planPart(Construct construct, List<Cut> cuts, Pass pass) {
        int room = pieceSize * pass.pieceFactor();
        int left = 0;
        int groupStart = 0;
        int groupSize = 0;
        for (int i = 0; i + 1 < cuts.size(); i++) {
            Cut from = cuts.get(i);
            Cut to = cuts.get(i + 1);
            int size = sizeLeft(from, to);
            boolean opened = size > room;
            if (opened) {
                size = openUp(construct, from, to, pass);
            }
            boolean isAlone = opened && !(pass.gathers() && size <= room);
            if (isAlone || groupSize + size > room) {
                left += closeGroup(construct, cuts.get(groupStart), from, groupSize, pass);
                groupStart = i;
                groupSize = 0;
            }
            if (isAlone) {
                left += size;
                groupStart = i + 1;
            } else {
                groupSize += size;
            }
        }
        // What is gathered may go on growing a level further out.
        return left
                + (pass.gathers()
                        ? groupSize
                        : closeGroup(construct, cuts.get(groupStart), cuts.getLast(), groupSize, pass));
    }

    /** Splits what is inside of a run that is too large for a piece; returns the size of what is left of it. */
    private int openUp(Construct construct, Cut from, Cut to, Pass pass) {
        int left = to.size() - from.size();
        List<Construct> children = construct.children;
        for (int i = firstFrom(children, from.position()); i < children.size(); i++) {
            Construct child = children.get(i);
            if (child.start >= to.position()) {
                break;
            }
            if (!child.cuts.isEmpty() && rootAt(child.start) == null) {
                left += plan(child, pass) - child.size;
            }
        }
        for (Piece piece : rootsIn(from.position(), to.position())) {
            count(1);
            if (piece.within == construct) {
                left += callSize(piece, construct.start) - piece.size;
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
        findExits(piece);
        if (piece.exits.size() > pass.maxExits()) {
            return size;
        }
        pieces.add(piece);
        Collection<Piece> inside = rootsIn(piece.start, piece.end);
        piece.nested.addAll(inside);
        inside.clear();
        roots.put(piece.start, piece);
        return callSize(piece, construct.start);
    }

    private void findExits(Piece piece) {
        Set<Construct> targets = new HashSet<>();
        List<Scan.Branch> branches = scan.branches;
        for (int i = Scan.first(branches.size(), at -> branches.get(at).position() >= piece.start);
                i < branches.size();
                i++) {
            Scan.Branch branch = branches.get(i);
            count(1);
            if (branch.position() >= piece.end) {
                break;
            }
            if (branch.target().start < piece.start || branch.target() == scan.root) {
                targets.add(branch.target());
            }
        }
        piece.exits.addAll(targets);
        piece.exits.sort(Comparator.comparingInt(exit -> exit.start));
        int exits = piece.exits.size();
        piece.exitSizes = new int[exits + 1];
        for (int i = exits - 1; i >= 0; i--) {
            Construct exit = piece.exits.get(i);
            int operands = exit.shape.labelTypes(exit.op).length;
            piece.exitSizes[i] = piece.exitSizes[i + 1] + EXIT_SIZE + OPERAND_SIZE * operands;
        }
    }

    private boolean isOnePiece(Cut from, Cut to) {
        Piece piece = roots.get(from.position());
        return piece != null && piece.end == to.position();
    }

    /** Index of the first construct that starts at a position or behind it. */
    private static int firstFrom(List<Construct> sorted, int position) {
        return Scan.first(sorted.size(), i -> sorted.get(i).start >= position);
    }

    /** The size of a run between two cuts, without what is in pieces already. */
    private int sizeLeft(Cut from, Cut to) {
        int size = to.size() - from.size();
        for (Piece piece : rootsIn(from.position(), to.position())) {
            count(1);
            size += callSize(piece, from.position()) - piece.size;
        }
        return Math.max(size, 1);
    }

    /** The size of a call in code from a position on: exits that lead out of that are passed on and cost nothing each. */
    private static int callSize(Piece piece, int from) {
        // What a piece leaves for is around it, so that what starts later is further in.
        int first = firstFrom(piece.exits, from);
        int local = piece.exits.size() - first;
        return CALL_SIZE
                + OPERAND_SIZE * (piece.in.length + piece.out.length)
                + (local + (piece.falls ? 1 : 0) > 1 ? SWITCH_SIZE + piece.exitSizes[first] : 0)
                + (first > 0 ? SWITCH_SIZE : 0);
    }

    /** Finds out which locals the pieces use, and which of them they have for themselves. */
    private void describe() {
        for (Piece piece : pieces) {
            // The fuel of a loop that calls pieces is counted where they see it.
            for (Construct c = piece.within; c != null; c = c.parent) {
                c.hasCall = true;
                count(1);
            }
        }
        List<Piece> outermost = List.copyOf(roots.values());
        BitSet outside = new BitSet();
        Owner[] owners = new Owner[scan.locals.length];
        for (int i = 0; i < scan.shape.params().length; i++) {
            outside.set(i);
        }
        for (Scan.LocalAccess access : scan.accesses) {
            Piece innermost = null;
            for (List<Piece> level = outermost; level != null; ) {
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
        int first = Scan.first(sorted.size(), i -> sorted.get(i).end > position);
        return first < sorted.size() && sorted.get(first).contains(position) ? sorted.get(first) : null;
    }
}
