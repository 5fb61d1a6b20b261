package dev.skiff.containerd;

import java.util.List;
import java.util.function.IntConsumer;
import jdk.internal.misc.Signal;

/**
 * Signals of this process for the program in it. The first process of a container gets only those that it says it knows. QUIT and those of faults are
 * the JVM's own.
 */
final class OwnSignals {
    /** Those that end a process which does not know them. */
    private static final List<String> ENDING = List.of(
            "HUP", "INT", "TRAP", "ABRT", "USR1", "USR2", "ALRM", "TERM", "STKFLT", "VTALRM", "PROF", "IO", "PWR");

    private static final List<String> HARMLESS = List.of("CHLD", "CONT", "TSTP", "TTIN", "TTOU", "URG", "WINCH");

    private OwnSignals() {}

    /** Calls an action with the number of each signal that would end a process, on a thread of its own. */
    static void handleEnding(IntConsumer action) {
        handle(ENDING, action);
    }

    /** The same with those that would not. */
    static void handleHarmless(IntConsumer action) {
        handle(HARMLESS, action);
    }

    private static void handle(List<String> names, IntConsumer action) {
        for (String name : names) {
            Signal.handle(new Signal(name), signal -> action.accept(signal.getNumber()));
        }
    }
}
