package dev.skiff.wasm;

/**
 * An instance would exceed a limit of its store before it runs, such as the number of instances or its first memory; or a
 * function that is called for the first time is larger than the JVM can load (docs/engine.md says what that takes).
 */
public final class LimitException extends WasmError {
    private static final long serialVersionUID = 1L;

    /** Creates the error with a sentence that names the limit, its value and what was asked for. */
    public LimitException(String message) {
        super(message, null, true);
    }
}
