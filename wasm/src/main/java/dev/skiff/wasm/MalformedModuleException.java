package dev.skiff.wasm;

/** The bytes do not follow the binary format (WebAssembly specification, chapter 5). */
public final class MalformedModuleException extends ModuleException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the error.
     *
     * @param message a sentence naming section and function where known, and the rule that failed
     * @param offset where, in bytes from the start of the binary
     */
    public MalformedModuleException(String message, long offset) {
        super(message, offset);
    }
}
