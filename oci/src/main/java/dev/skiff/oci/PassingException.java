package dev.skiff.oci;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A failure that is worded already, and that may pass. */
final class PassingException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient OciException failure;
    private final transient Optional<Duration> wait;

    /** One that may have passed after a time that the other side named. */
    PassingException(OciException failure, Optional<Duration> wait) {
        super(failure.getMessage(), failure);
        this.failure = failure;
        this.wait = wait;
    }

    /** What to throw when patience ends. */
    OciException failure() {
        return failure;
    }

    /** How long the other side wants us to wait. */
    Optional<Duration> patience() {
        return wait;
    }
}
