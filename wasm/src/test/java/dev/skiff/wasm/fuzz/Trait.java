package dev.skiff.wasm.fuzz;

/** Features that not every oracle has. */
enum Trait {
    EXCEPTIONS,
    MULTI_MEMORY,
    TAIL_CALLS,
    EXTENDED_CONST,
    /** Blocks with parameters, and loops with parameters or results. */
    TYPED_BLOCKS
}
