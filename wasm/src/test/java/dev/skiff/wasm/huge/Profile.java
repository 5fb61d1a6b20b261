package dev.skiff.wasm.huge;

/**
 * What a generated function is like.
 *
 * @param instructions about how many it has
 * @param locals how many locals it has after the parameters, of all types
 * @param nesting how deep its blocks may nest
 * @param blocks how often, of 1,000 steps of the generator, a block is opened
 * @param share how much of the instructions that are left goes into a block, at most, in percent
 * @param height about how many values are on the operand stack
 * @param arity how many parameters and results blocks have, at most
 */
record Profile(int instructions, int locals, int nesting, int blocks, int share, int height, int arity) {
    /** Long runs of plain instructions. */
    static Profile wide(int instructions) {
        return new Profile(instructions, 30, 4, 4, 20, 4, 3);
    }

    /** Blocks in blocks in blocks. */
    static Profile deep(int instructions) {
        return new Profile(instructions, 30, 500, 60, 99, 4, 2);
    }

    /** Many small blocks of all kinds. */
    static Profile bushy(int instructions) {
        return new Profile(instructions, 20, 30, 80, 40, 3, 3);
    }

    /** Many values on the operand stack, also beneath blocks, and blocks with many of them. */
    static Profile stacky(int instructions) {
        return new Profile(instructions, 30, 20, 20, 60, 150, 12);
    }

    /** Thousands of locals. */
    static Profile localy(int instructions) {
        return new Profile(instructions, 2_000, 10, 20, 60, 4, 3);
    }

    Profile withInstructions(int count) {
        return new Profile(count, locals, nesting, blocks, share, height, arity);
    }
}
