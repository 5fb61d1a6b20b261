package dev.skiff.containerd;

import java.util.List;
import java.util.function.IntConsumer;
import jdk.internal.misc.Signal;

/**
 * The signals that end a process which does not know them. The first process of a container gets only those that it says it knows. QUIT and
 * those of faults are the JVM's own.
 */
final class EndingSignals {
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "TRAP", "ABRT", "USR1", "USR2", "ALRM", "TERM", "STKFLT", "VTALRM", "PROF", "IO", "PWR");

    private EndingSignals() {}

    /** Calls an action with the number of each signal that comes, on a thread of its own. */
    static void handle(IntConsumer action) {
        for (String name : NAMES) {
            Signal.handle(new Signal(name), signal -> action.accept(signal.getNumber()));
        }
    }
}
