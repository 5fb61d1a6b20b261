package dev.skiff.host;

import dev.skiff.wasm.LimitException.Limit;
import dev.skiff.wasm.TrapCode;
import dev.skiff.wasm.WasmFrame;
import java.util.List;
import java.util.Optional;

/** How a workload ended, or why it never began. Every kind of end has a status of its own. */
public sealed interface ExitStatus {
    /** The status that the workload's process would have, 0 to 255. */
    int code();

    /** A sentence for people, without a full stop; empty where the guest itself chose to end. */
    default Optional<String> reason() {
        return Optional.empty();
    }

    /** Where the guest was, innermost frame first; empty where that says nothing. */
    default List<WasmFrame> backtrace() {
        return List.of();
    }

    /**
     * The guest ended by itself.
     *
     * @param guestCode what it said to {@code proc_exit}, unsigned; 0 if it simply returned
     */
    record Exited(int guestCode) implements ExitStatus {
        /** A guest that did what it was for. */
        public static final Exited SUCCESS = new Exited(0);

        /** The guest's code; as of every process, only its lower eight bits are seen. */
        @Override
        public int code() {
            return guestCode & 0xff;
        }
    }

    /**
     * The guest did something that WebAssembly does not allow, or threw an exception that nothing caught.
     *
     * @param cause the trap's code; empty for an exception
     * @param text what happened, in a few words
     * @param backtrace the guest's frames, innermost first
     */
    record Trapped(Optional<TrapCode> cause, String text, List<WasmFrame> backtrace) implements ExitStatus {
        /** Copies the backtrace. */
        public Trapped {
            backtrace = List.copyOf(backtrace);
        }

        @Override
        public int code() {
            return 134;
        }

        @Override
        public Optional<String> reason() {
            return Optional.of("trap: " + text);
        }
    }

    /**
     * The guest needed more memory than there is for it.
     *
     * @param limit what there was too little of; empty if it was the Java runtime's own heap
     * @param text which memory, how much and what the limit is, as far as known
     * @param backtrace where the guest was, innermost first; empty if it had not begun
     */
    record OutOfMemory(Optional<Limit> limit, String text, List<WasmFrame> backtrace) implements ExitStatus {
        /** Copies the backtrace. */
        public OutOfMemory {
            backtrace = List.copyOf(backtrace);
        }

        @Override
        public int code() {
            return 137;
        }

        @Override
        public Optional<String> reason() {
            return Optional.of("out of memory: " + text);
        }
    }

    /**
     * The guest used up its fuel or its time.
     *
     * @param text which of the two, and the limit
     * @param backtrace where the guest was, innermost first
     */
    record LimitReached(String text, List<WasmFrame> backtrace) implements ExitStatus {
        /** Copies the backtrace. */
        public LimitReached {
            backtrace = List.copyOf(backtrace);
        }

        @Override
        public int code() {
            return 124;
        }

        @Override
        public Optional<String> reason() {
            return Optional.of("stopped: " + text);
        }
    }

    /**
     * Somebody stopped the workload.
     *
     * @param signal the signal's number, 1 to 64
     */
    record Signalled(int signal) implements ExitStatus {
        /** Checks the number. */
        public Signalled {
            check(signal);
        }

        static void check(int signal) {
            if (signal < 1 || signal > 64) {
                throw new IllegalArgumentException("a signal is 1 to 64, not " + signal);
            }
        }

        @Override
        public int code() {
            return 128 + signal;
        }
    }

    /**
     * There is something, but it cannot be run.
     *
     * @param text why
     */
    record NotRunnable(String text) implements ExitStatus {
        @Override
        public int code() {
            return 126;
        }

        @Override
        public Optional<String> reason() {
            return Optional.of(text);
        }
    }

    /**
     * What should be run, or something it was promised, does not exist.
     *
     * @param text what is missing
     */
    record NotFound(String text) implements ExitStatus {
        @Override
        public int code() {
            return 127;
        }

        @Override
        public Optional<String> reason() {
            return Optional.of(text);
        }
    }

    /**
     * Skiff itself failed: a bug, or a machine in trouble. Not the guest's doing.
     *
     * @param text what went wrong
     * @param cause the failure
     */
    record HostFailed(String text, Throwable cause) implements ExitStatus {
        @Override
        public int code() {
            return 70;
        }

        @Override
        public Optional<String> reason() {
            return Optional.of("internal error: " + text);
        }
    }
}
