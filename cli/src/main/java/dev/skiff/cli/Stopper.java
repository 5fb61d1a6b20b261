package dev.skiff.cli;

import dev.skiff.host.Execution;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns signals into the end of the guest: the first asks it to end and gives it a second to do so, one more ends the
 * process at once. Either way the process's status is 128 plus the signal's number.
 */
final class Stopper {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private Stopper() {}

    static void install(Execution execution, Signals signals) {
        AtomicBoolean stopping = new AtomicBoolean();
        signals.onStop(signal -> {
            if (stopping.getAndSet(true)) {
                halt(signal);
            }
            execution.stop(signal);
            try {
                if (execution.await(GRACE).isEmpty()) {
                    halt(signal);
                }
            } catch (InterruptedException e) {
                halt(signal);
            }
        });
    }

    /** Without shutdown hooks: the guest is stuck in a system call, and whoever asked does not want to wait. */
    private static void halt(int signal) {
        Runtime.getRuntime().halt(128 + signal);
    }
}
