package dev.skiff.wasm;

/** Whatever can go wrong with a module or a guest; each class of failure has its own type. */
public abstract sealed class WasmError extends RuntimeException
        permits ModuleException, LinkException, LimitException, Trap, WasmException {
    private static final long serialVersionUID = 1L;

    WasmError(String message, Throwable cause, boolean writableStackTrace) {
        super(message, cause, false, writableStackTrace);
    }
}
