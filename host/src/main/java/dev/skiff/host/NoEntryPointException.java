package dev.skiff.host;

/** A module was to run as a program, but is none: it has no {@code _start}. The message says what it exports. */
public final class NoEntryPointException extends WorkloadException {
    private static final long serialVersionUID = 1L;

    NoEntryPointException(String message) {
        super(message, null);
    }

    @Override
    public ExitStatus.NotRunnable status() {
        return new ExitStatus.NotRunnable(getMessage());
    }
}
