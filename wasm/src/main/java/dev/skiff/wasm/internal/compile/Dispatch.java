package dev.skiff.wasm.internal.compile;

/**
 * What a loop starts with where a compiler had jumps that WebAssembly does not: blocks that begin one in the other and a
 * br_table by a local, which jumps to the end of one of them. Go's compiler makes every function so, LLVM some.
 *
 * @param local the local that decides
 * @param blocks the innermost block first
 * @param targets for each value of the local, and last for all others, the label that br_table names
 */
record Dispatch(int local, Frame[] blocks, int[] targets) {
    /** The block at whose end a value of the local leads; null if it leads out of the blocks. */
    Frame target(int value) {
        int label = targets[Integer.compareUnsigned(value, targets.length - 1) < 0 ? value : targets.length - 1];
        return label < blocks.length ? blocks[label] : null;
    }
}
