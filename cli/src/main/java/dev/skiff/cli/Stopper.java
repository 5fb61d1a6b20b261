package dev.skiff.cli;

import dev.skiff.host.Execution;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Passes the process's signals on to the guest. One that knows signals decides what they do, until somebody insists. Otherwise
 * the first asks it to end and gives it a second to do so, one more ends the process at once; the process's status is 128 plus
 * the signal's number.
 */
final class Stopper {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Execution execution;
    private final Insistence insistence = new Insistence();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private Stopper(Execution execution) {
        this.execution = execution;
    }

    static void install(Execution execution, Signals signals) {
        Stopper stopper = new Stopper(execution);
        signals.onStop(stopper::signal);
    }

    private void signal(int signal) {
        if (execution.knowsSignals() && !insistence.isShownBy(signal, System.nanoTime())) {
            execution.signal(signal);
        } else {
            stop(signal);
        }
    }

    private void stop(int signal) {
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
    }

    /** Without shutdown hooks: the guest is stuck in a system call, and whoever asked does not want to wait. */
    private static void halt(int signal) {
        Runtime.getRuntime().halt(128 + signal);
    }
}
