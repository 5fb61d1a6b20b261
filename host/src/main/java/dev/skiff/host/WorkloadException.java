package dev.skiff.host;

/** A workload could not be made ready. The message is a sentence without a full stop, meant for people. */
public abstract sealed class WorkloadException extends RuntimeException
        permits NotFoundException, NotRunnableException, NoEntryPointException {
    private static final long serialVersionUID = 1L;

    WorkloadException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What the workload's end is, since it never begins. */
    public abstract ExitStatus status();
}
