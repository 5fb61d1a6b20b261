package dev.skiff.wasm;

/** The module is well-formed but breaks a validation rule (WebAssembly specification, chapter 3). */
public final class InvalidModuleException extends ModuleException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the error.
     *
     * @param message a sentence naming section and function where known, and the rule that failed
     * @param offset where, in bytes from the start of the binary
     */
    public InvalidModuleException(String message, long offset) {
        super(message, offset);
    }
}
