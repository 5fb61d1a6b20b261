package dev.skiff.wasm;

/** The bytes are no module that this engine can run. The message is a sentence that says where and why. */
public abstract sealed class ModuleException extends WasmError
        permits MalformedModuleException, InvalidModuleException, UnsupportedFeatureException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    ModuleException(String message, long offset) {
        super(message, null, true);
        this.offset = offset;
    }

    /** Where in the binary, in bytes from its start. */
    public long offset() {
        return offset;
    }
}
