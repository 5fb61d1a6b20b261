package dev.skiff.containerd;

import java.util.Locale;
import java.util.Optional;

/** Where a task is in its life ({@code containerd.task.v1.Status}). The methods of a status are the moves that are possible from there. */
sealed interface TaskStatus {
    int number();

    /** It, for people. */
    default String word() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** How it ended, if it has. */
    default Optional<Exit> exit() {
        return Optional.empty();
    }

    /** It has ended, perhaps before it began; what has ended stays as it is. */
    default Stopped toStopped(Exit end) {
        return new Stopped(end);
    }

    /** It was made, and nothing of it runs. */
    record Created() implements TaskStatus {
        @Override
        public int number() {
            return 1;
        }

        Running toRunning() {
            return new Running();
        }
    }

    /** It runs. */
    record Running() implements TaskStatus {
        @Override
        public int number() {
            return 2;
        }

        Paused toPaused() {
            return new Paused();
        }
    }

    /** It has begun, and does not go on until somebody says so. */
    record Paused() implements TaskStatus {
        @Override
        public int number() {
            return 4;
        }

        Running toRunning() {
            return new Running();
        }
    }

    /** It has ended. */
    record Stopped(Exit end) implements TaskStatus {
        @Override
        public int number() {
            return 3;
        }

        @Override
        public Optional<Exit> exit() {
            return Optional.of(end);
        }

        @Override
        public Stopped toStopped(Exit later) {
            return this;
        }
    }
}
