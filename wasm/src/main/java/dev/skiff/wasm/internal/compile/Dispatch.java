package dev.skiff.wasm.internal.compile;

import java.util.Arrays;

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

    /**
     * Finds such loops, and the branches to them of which it is known where they lead, by instructions that follow each other
     * without another between: each is reported with its position and that of the next.
     */
    static final class Finder {
        private Frame loop;
        private int blocks;
        private boolean got;
        private int local;
        /** Where the instruction must be that goes on with the start of the loop. */
        private int startNext = -1;

        private int constant;
        private int constantNext = -1;

        private int assignedLocal;
        private int assignedConstant;
        private int assignedNext = -1;

        /** A loop without parameters was opened. */
        void loop(Frame opened, int next) {
            loop = opened;
            blocks = 0;
            got = false;
            startNext = next;
        }

        /** A block without parameters and results was opened. */
        void block(int position, int next) {
            if (position == startNext && !got) {
                blocks++;
                startNext = next;
            }
        }

        void localGet(int index, int position, int next) {
            if (position == startNext && !got) {
                got = true;
                local = index;
                startNext = next;
            }
        }

        /** A br_table to some of the frames: if a loop begins with it, the loop gets to know where it leads. */
        void table(Frame[] frames, int depth, int[] targets, int position) {
            if (position == startNext && got) {
                Frame[] innermostFirst = new Frame[blocks];
                Arrays.setAll(innermostFirst, i -> frames[depth - 1 - i]);
                int[] labels = new int[targets.length];
                Arrays.setAll(labels, i -> depth - 1 - targets[i]);
                loop.dispatch = new Dispatch(local, innermostFirst, labels);
            }
        }

        /** An i32.const. */
        void constant(int value, int next) {
            constant = value;
            constantNext = next;
        }

        /** What was the constant on top of the stack is none any more. */
        void noConstant() {
            constantNext = -1;
        }

        void localSet(int index, int position, int next) {
            if (position == constantNext) {
                assignedLocal = index;
                assignedConstant = constant;
                assignedNext = next;
            }
        }

        /** The block to whose end a branch to a loop leads in the end; null if that is not known. */
        Frame target(Frame to, int position) {
            Dispatch dispatch = to.dispatch;
            return dispatch != null && position == assignedNext && assignedLocal == dispatch.local
                    ? dispatch.target(assignedConstant)
                    : null;
        }
    }
}
