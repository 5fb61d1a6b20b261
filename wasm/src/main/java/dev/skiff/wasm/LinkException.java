package dev.skiff.wasm;

/** A module cannot be linked: an import is missing or of another type. The message names it and what exists. */
public final class LinkException extends WasmError {
    private static final long serialVersionUID = 1L;

    /** Creates the error with a sentence that names the import. */
    public LinkException(String message) {
        super(message, null, true);
    }
}
