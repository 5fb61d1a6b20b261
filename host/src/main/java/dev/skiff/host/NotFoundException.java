package dev.skiff.host;

/** A file, a directory or an export that the workload names does not exist. */
public final class NotFoundException extends WorkloadException {
    private static final long serialVersionUID = 1L;

    /** Creates the error with a sentence that says what is missing. */
    public NotFoundException(String message) {
        super(message, null);
    }

    @Override
    public ExitStatus.NotFound status() {
        return new ExitStatus.NotFound(getMessage());
    }
}
