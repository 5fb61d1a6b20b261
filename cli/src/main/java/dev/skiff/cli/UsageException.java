package dev.skiff.cli;

/** The command was not written as it must be. The message is a sentence without a full stop. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The exit status of a command that was not understood. */
    static final int STATUS = 2;

    UsageException(String message) {
        super(message);
    }
}
