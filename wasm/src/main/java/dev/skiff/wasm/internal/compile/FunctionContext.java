package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.internal.binary.ModuleData;
import java.lang.constant.ClassDesc;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the methods of one function have in common. */
final class FunctionContext {
    /** Bytes of JVM code, estimated, of the pieces that are put into one class. */
    private static final long PART_SIZE = 100_000;

    final ModuleData module;
    final ModuleLayout layout;
    final int function;
    final Scan scan;
    final CodeOptions options;
    final boolean metered;
    /** The pieces that the first method calls; empty if the function is not split. */
    final List<Piece> pieces;
    /** Number of classes that the pieces are spread over. */
    final int parts;
    /** Whether the locals that several methods use, or that are too many for the JVM, are in a frame array. */
    final boolean framed;
    /** Locals that some piece has for itself. */
    final BitSet own = new BitSet();
    /** Index in the frame array of each local; -1 for those that one method has for itself. */
    final int[] home;
    /** Where operands that pass between the methods are in the frame array: one at height h is at this index plus h. */
    final int operandBase;
    /** Length of the frame array. */
    final int frameSize;
    /** Whether there is a frame array for references too. */
    final boolean framedReferences;
    /** Function types for which the class needs a method that calls a function reference. */
    final Set<Integer> calledTypes;

    FunctionContext(ModuleLayout layout, int function, CodeOptions options, Set<Integer> calledTypes) {
        this.layout = layout;
        this.module = layout.module;
        this.function = function;
        this.options = options;
        metered = options.metered();
        this.calledTypes = calledTypes;
        scan = new Scan(module, function, options.methodSize());
        home = new int[scan.locals.length];
        Arrays.fill(home, -1);
        if (!Splitter.isTooLarge(scan, options.methodSize())) {
            pieces = List.of();
            parts = 1;
            framed = false;
            operandBase = 0;
            frameSize = 0;
            framedReferences = false;
            return;
        }
        pieces = new Splitter(scan, options.methodSize()).split();
        parts = (int) (intoParts(pieces, 0) / PART_SIZE) + 1;
        framed = true;
        BitSet used = new BitSet();
        collect(pieces, used);
        boolean tooMany = scan.locals.length > MethodEmitter.MAX_JVM_LOCALS;
        int next = 0;
        for (int local = 0; local < home.length; local++) {
            // A local that no piece uses stays a variable of the first method, unless it cannot have so many.
            if ((used.get(local) || tooMany) && !own.get(local)) {
                home[local] = next++;
            }
        }
        operandBase = next;
        int most = 1;
        boolean references = false;
        for (Slot slot : scan.locals) {
            references |= slot.isReference();
        }
        Set<Construct> all = new LinkedHashSet<>(scan.constructs.values());
        all.add(scan.root);
        for (Construct construct : all) {
            int labels = Math.max(construct.shape.params().length, construct.shape.results().length);
            most = Math.max(most, construct.base + labels);
            references |= hasReference(construct.shape.params()) || hasReference(construct.shape.results());
            for (Cut cut : construct.cuts) {
                most = Math.max(most, construct.base + cut.operands().length);
                references |= hasReference(cut.operands());
            }
        }
        frameSize = operandBase + most;
        framedReferences = references;
    }

    /** Spreads pieces over classes, because one has room for so many constants only; returns the size up to here. */
    private static long intoParts(List<Piece> pieces, long before) {
        long size = before;
        for (Piece piece : pieces) {
            long own = piece.size;
            for (Piece nested : piece.nested) {
                own -= nested.size;
            }
            size += Math.max(own, 0);
            piece.part = (int) (size / PART_SIZE);
            size = intoParts(piece.nested, size);
        }
        return size;
    }

    /** The class that a piece is in. */
    ClassDesc classOf(Piece piece) {
        return Descs.part(layout.groupOf(function), piece.part);
    }

    private void collect(List<Piece> pieces, BitSet used) {
        for (Piece piece : pieces) {
            own.or(piece.own);
            used.or(piece.used);
            collect(piece.nested, used);
        }
    }

    private static boolean hasReference(Slot[] slots) {
        for (Slot slot : slots) {
            if (slot.isReference()) {
                return true;
            }
        }
        return false;
    }
}
