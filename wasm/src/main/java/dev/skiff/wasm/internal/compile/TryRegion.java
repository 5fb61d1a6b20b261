package dev.skiff.wasm.internal.compile;

import java.lang.classfile.Label;
import java.util.List;

/**
 * The protected code of a try_table.
 *
 * @param start its first instruction
 * @param end behind its last instruction
 * @param handler where exceptions go
 * @param clauses what is caught, in order
 */
record TryRegion(Label start, Label end, Label handler, List<CatchClause> clauses) {
    /**
     * A catch clause.
     *
     * @param tag the tag to catch; -1 for all
     * @param withReference whether the exception itself is pushed too
     * @param target index of the frame that it branches to, counted from the function's
     */
    record CatchClause(int tag, boolean withReference, int target) {}
}
