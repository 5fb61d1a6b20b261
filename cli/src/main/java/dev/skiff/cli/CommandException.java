package dev.skiff.cli;

/** A command failed. The message is a sentence without a full stop that says what, why and what to do next. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    CommandException(int status, String message) {
        super(message);
        this.status = status;
    }

    CommandException(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The exit status. */
    int status() {
        return status;
    }
}
