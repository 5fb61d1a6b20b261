package dev.skiff.linux;

import java.util.Optional;

/**
 * A system call failed: which call, on what, and why.
 *
 * <p>Failures such as {@code ENOENT} are ordinary answers that guests provoke by the thousand, so the exception carries
 * no stack trace; wrap it where a trace is wanted.
 */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int number;
    private final String call;
    private final String subject;

    /**
     * A failure of a call.
     *
     * @param number the kernel's error number, positive
     * @param call the name of the system call
     */
    public LinuxException(int number, String call) {
        this(number, call, "");
    }

    /**
     * A failure of a call on something that has a name, usually a path.
     *
     * @param number the kernel's error number, positive
     * @param call the name of the system call
     * @param subject what it was called on; empty if there is nothing to say
     */
    public LinuxException(int number, String call, String subject) {
        super(null, null, false, false);
        this.number = number;
        this.call = call;
        this.subject = subject;
    }

    /** Why, as a constant. */
    public Errno errno() {
        return Errno.of(number);
    }

    /** Why, as the kernel's number. */
    public int number() {
        return number;
    }

    /** The name of the system call that failed. */
    public String call() {
        return call;
    }

    /** What the call was about (a path), if known. */
    public Optional<String> subject() {
        return subject.isEmpty() ? Optional.empty() : Optional.of(subject);
    }

    @Override
    public String getMessage() {
        Errno e = errno();
        String on = subject.isEmpty() ? "" : " '" + subject + "'";
        String name = e == Errno.OTHER ? "errno " + number : e.name();
        return call + on + ": " + e.text() + " (" + name + ")";
    }
}
