package dev.skiff.wasm.internal.compile;

import java.lang.classfile.Label;

/** An entry of the control stack while a body is walked (specification, section 3.3: a label with its context). */
final class Frame {
    /** The instruction that opened it; {@link dev.skiff.wasm.internal.binary.Op#BLOCK} for the function itself. */
    final int op;

    final Shape shape;
    /** Height of the operand stack beneath the parameters. */
    final int base;
    /** What the scan of the body knows about it; null for the function itself and where nothing was scanned. */
    final Construct construct;
    /** Whether a reachable branch goes to its end. */
    boolean branched;

    boolean hasElse;

    // Of the emitter:

    /** Where branches to it go. */
    Label label;
    /** Where a loop goes on after a look at the stop flag; null if it looks in every round. */
    Label polled;
    /** Where rounds of the loop begin. */
    Label unpolled;
    /** Local variable with the number of rounds until the next look. */
    int rounds;
    /** Where the code at the start of a loop goes on by the value of a local; null if that is not all that it does. */
    Dispatch dispatch;
    /** Whether its end, to which branches to it go, has been emitted. */
    boolean ended;
    /** When it was opened, in the time of {@link CheckedAddresses}. */
    int openedAt;
    /** Where the else branch starts, of an if. */
    Label elseLabel;
    /** Whether the cached limits of the memory may be out of date at the end because some way there left them so. */
    boolean staleAtEnd;
    /** The same where the else branch starts. */
    boolean staleAtOpen;
    /** Whether fuel is counted in a local variable from this loop on inwards. */
    boolean localFuel;
    /** Up to which height operands of the construct around it are in the frame array. */
    int inFrameBeneath;
    /** Local variables that hold the operands beneath a try_table while its body runs; -1 for those in the frame array. */
    int[] savedOperands;
    /** Start and end of the protected code and the catch clauses, of a try_table. */
    TryRegion region;

    Frame(int op, Shape shape, int base, Construct construct) {
        this.op = op;
        this.shape = shape;
        this.base = base;
        this.construct = construct;
    }

    boolean isLoop() {
        return op == dev.skiff.wasm.internal.binary.Op.LOOP;
    }

    /** Types of the values that a branch to it takes along. */
    Slot[] labelTypes() {
        return shape.labelTypes(op);
    }
}
