package dev.skiff.host;

/** The workload exists, but cannot be run: not a module, invalid, an import is missing, nothing to call. */
public final class NotRunnableException extends WorkloadException {
    private static final long serialVersionUID = 1L;

    /** Creates the error with a sentence that says why. */
    public NotRunnableException(String message) {
        super(message, null);
    }

    /** Creates the error with a sentence that says why, and the failure below it. */
    public NotRunnableException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public ExitStatus.NotRunnable status() {
        return new ExitStatus.NotRunnable(getMessage());
    }
}
