package dev.skiff.wasi;

/**
 * A guest ended itself by {@code proc_raise}, with a signal that it does not know. Passes through the guest to whoever called it; carries no stack
 * trace.
 */
public final class WasiSignalled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int signal;

    /** An end by a signal, 1 to 64. */
    public WasiSignalled(int signal) {
        super(null, null, false, false);
        this.signal = signal;
    }

    /** The signal's number. */
    public int signal() {
        return signal;
    }

    @Override
    public String getMessage() {
        return "the guest ended itself with the signal " + signal;
    }
}
