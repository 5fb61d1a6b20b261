package dev.skiff.wasm;

import java.util.Optional;

/**
 * One frame of a guest's call stack.
 *
 * @param module the module's name from its name section, if it has one
 * @param functionIndex index of the function in its module, imports counted
 * @param functionName the function's name from the name section, or else the name it is exported under
 * @param offset where the call or the failing instruction is, in bytes from the start of the binary
 */
public record WasmFrame(Optional<String> module, int functionIndex, Optional<String> functionName, long offset) {
    /** As shown in a backtrace: {@code name (func 12) at 0x1a2b}. */
    @Override
    public String toString() {
        String function =
                functionName.map(n -> n + " (func " + functionIndex + ")").orElse("func " + functionIndex);
        return module.map(m -> m + "!").orElse("") + function + " at 0x" + Long.toHexString(offset);
    }
}
