package dev.skiff.wasm.fuzz;

import java.util.List;

/** What a branch can name: a function body or a structured instruction. */
interface Frame {
    /** What a branch to it carries. */
    List<Type> labelTypes();
}
