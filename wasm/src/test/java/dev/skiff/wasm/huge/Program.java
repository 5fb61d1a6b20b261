package dev.skiff.wasm.huge;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Signature;
import dev.skiff.wasm.ValType;
import java.util.List;

/**
 * A generated function with its declarations. It decrements the global {@link #GAS} at its entry and in each turn of a
 * loop, and leaves the function or the loop at zero, so it ends.
 *
 * @param locals types of its locals after the parameters
 * @param body its instructions
 * @param instructions how many there are, enclosed ones included
 */
record Program(List<ValType> locals, List<Node> body, int instructions) {
    static final FuncType TYPE = Signature.of("i32 i64 f32 f64 externref -> i32 i64 f32 f64 externref");
    /** Types of the globals; the first is the gas. */
    static final List<ValType> GLOBALS =
            Signature.of("i32 i32 i64 f32 f64 externref").params();

    static final int GAS = 0;
    /** Addresses that programs use are below this. */
    static final int MEMORY = 4_096;
}
