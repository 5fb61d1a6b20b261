package dev.skiff.wasi;

/**
 * A guest ended itself by {@code proc_exit}. Passes through the guest to whoever called it; carries no stack trace.
 */
public final class WasiExit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    /** An exit with a status. */
    public WasiExit(int code) {
        super(null, null, false, false);
        this.code = code;
    }

    /** The status that the guest gave, as it gave it; by convention 0 is success and values go up to 125. */
    public int code() {
        return code;
    }

    @Override
    public String getMessage() {
        return "the guest exited with status " + Integer.toUnsignedString(code);
    }
}
