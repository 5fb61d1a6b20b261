package dev.skiff.wasm.fuzz;

import java.util.List;

/** A piece of a function body. */
sealed interface Node permits Op, Scope, Canon, Burn {
    List<Type> pops();

    List<Type> pushes();

    /** Whether what follows is unreachable, so that the stack below is of any type. */
    default boolean diverts() {
        return false;
    }
}
