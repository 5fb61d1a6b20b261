package dev.skiff.oci;

import java.util.Objects;

/**
 * Something about an artifact, a registry or the store is not as it must be. The message is a sentence without a full stop that says
 * what was being done, to what, what went wrong, and what to do where that is known.
 */
public final class OciException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of trouble it is. */
    public enum Problem {
        /** There is no such repository, tag, manifest, blob or image. */
        NOT_FOUND,
        /** The registry wants to know who asks, or does not believe it. */
        UNAUTHORIZED,
        /** The registry knows who asks, and refuses. */
        FORBIDDEN,
        /** The registry answers no more requests for now. */
        RATE_LIMITED,
        /** No connection: no such host, refused, cut off, timed out. */
        UNREACHABLE,
        /** The connection is not to be trusted. */
        TLS,
        /** The registry failed, or answered what no registry may. */
        SERVER,
        /** Bytes are not those that their digest or size says. */
        CORRUPT,
        /** A text does not follow its format. */
        INVALID,
        /** A format that Skiff does not read. */
        UNSUPPORTED,
        /** More than a limit allows. */
        TOO_LARGE,
        /** The store, or another file of this machine, cannot be read or written. */
        STORAGE,
        /** Signatures do not satisfy the policy. */
        NOT_TRUSTED
    }

    private final Problem problem;

    /** An exception without a cause that is worth showing. */
    public OciException(Problem problem, String message) {
        this(problem, message, null);
    }

    /** An exception with a cause. */
    public OciException(Problem problem, String message, Throwable cause) {
        super(message, cause);
        this.problem = Objects.requireNonNull(problem, "problem");
    }

    /** What kind of trouble it is. */
    public Problem problem() {
        return problem;
    }
}
