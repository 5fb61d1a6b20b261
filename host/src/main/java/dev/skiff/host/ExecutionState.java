package dev.skiff.host;

import dev.skiff.wasm.Store;
import dev.skiff.wasm.TrapCode;

/**
 * Where an execution is in its life. The methods of a state are the moves that are possible from there.
 *
 * <p>Who acts on a state does so with these methods and {@code instanceof}: the JVM's cache for fast starts cannot hold
 * what a {@code switch} over types is made of at run time, some milliseconds each.
 */
public sealed interface ExecutionState {
    /** Somebody asks it to end; where that changes nothing, the state stays. */
    default ExecutionState stopped(int signal) {
        return this;
    }

    /** Somebody asks it to wait; where that changes nothing, the state stays. */
    default ExecutionState paused() {
        return this;
    }

    /** Somebody asks it to go on; where that changes nothing, the state stays. */
    default ExecutionState resumed() {
        return this;
    }

    /**
     * Linked and ready; nothing of the guest has run.
     *
     * @param waits whether the guest is to be paused from its start
     */
    record Prepared(boolean waits) implements ExecutionState {
        Started toStarted(Store store) {
            return waits ? new Paused(store) : new Running(store);
        }

        @Override
        public Prepared paused() {
            return new Prepared(true);
        }

        @Override
        public Prepared resumed() {
            return new Prepared(false);
        }

        /** It ends before it began. */
        @Override
        public Ended stopped(int signal) {
            return new Ended(new ExitStatus.Signalled(signal));
        }
    }

    /** A guest's code runs. */
    sealed interface Started extends ExecutionState {
        /** The guest's store, by which it can be interrupted. */
        Store store();

        /** The guest has ended. */
        Ended toEnded(ExitStatus status);
    }

    /**
     * The guest runs.
     *
     * @param store the guest's store
     */
    record Running(Store store) implements Started {
        @Override
        public Stopping stopped(int signal) {
            return new Stopping(store, signal);
        }

        @Override
        public Paused paused() {
            return new Paused(store);
        }

        @Override
        public Ended toEnded(ExitStatus status) {
            return new Ended(status);
        }
    }

    /**
     * Somebody asked the guest to wait, which it does as soon as it is in its own code.
     *
     * @param store the guest's store
     */
    record Paused(Store store) implements Started {
        @Override
        public Stopping stopped(int signal) {
            return new Stopping(store, signal);
        }

        @Override
        public Running resumed() {
            return new Running(store);
        }

        /** Its deadline passed, or its last system call did not return. */
        @Override
        public Ended toEnded(ExitStatus status) {
            return new Ended(status);
        }
    }

    /**
     * Somebody asked the guest to end, and it is on its way.
     *
     * @param store the guest's store
     * @param signal the signal that was given
     */
    record Stopping(Store store, int signal) implements Started {
        /** Checks the number. */
        public Stopping {
            ExitStatus.Signalled.check(signal);
        }

        /** An interruption is what was asked for; a guest that found an end of its own keeps its status. */
        @Override
        public Ended toEnded(ExitStatus status) {
            boolean interrupted = status instanceof ExitStatus.Trapped trapped
                    && trapped.cause().filter(TrapCode.INTERRUPTED::equals).isPresent();
            return new Ended(interrupted ? new ExitStatus.Signalled(signal) : status);
        }
    }

    /**
     * It is over.
     *
     * @param status how it ended
     */
    record Ended(ExitStatus status) implements ExecutionState {}
}
