package dev.skiff.wasm.internal.binary;

/**
 * How much of everything a module may have. The numbers are those of the WebAssembly JavaScript Interface's appendix of
 * implementation limits where it has one, so that a module browsers take is taken here.
 */
final class Caps {
    /** Types, imports, functions, globals, tags and exports, of each. */
    static final int DEFINITIONS = 1_000_000;
    /** Tables, imported ones included. */
    static final int TABLES = 100_000;
    /** Memories, imported ones included. */
    static final int MEMORIES = 100;
    /** Element segments. */
    static final int ELEMENT_SEGMENTS = 1_000_000;
    /** Elements in a segment. */
    static final int ELEMENTS = 10_000_000;
    /** Data segments. */
    static final int DATA_SEGMENTS = 100_000;
    /** Sections, custom ones included. */
    static final int SECTIONS = 100_000;
    /** Parameters of a function type, and results. */
    static final int PARAMETERS = 1_000;
    /** Locals of a function without its parameters. */
    static final int LOCALS = 50_000;
    /** Bytes of a function body with its declarations of locals. */
    static final int BODY_BYTES = 7_654_321;
    /** Blocks within blocks in a function. */
    static final int NESTING = 50_000;
    /** Operands on the stack of a function at a time. */
    static final int OPERANDS = 100_000;
    /**
     * Operands that the instructions of a function may take and make together, for each byte of its body. Bytes that do
     * something come nowhere near it: it stops calls in unreachable code, where two bytes can take and make 2,000.
     */
    static final int WORK_PER_BYTE = 64;
    /** The same for a function without a body. */
    static final int WORK = 4_000;
    /** Operands on the stack of a constant expression at a time. */
    static final int CONSTANT_OPERANDS = 1_000;

    private Caps() {}
}
