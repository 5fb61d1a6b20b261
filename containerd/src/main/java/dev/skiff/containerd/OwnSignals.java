package dev.skiff.containerd;

import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import jdk.internal.misc.Signal;

/**
 * Signals of this process for the program in it. The first process of a container gets only those that it says it knows. QUIT and those of faults are
 * the JVM's own.
 */
final class OwnSignals {
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "TRAP", "ABRT", "USR1", "USR2", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "TSTP", "TTIN",
            "TTOU", "URG", "VTALRM", "PROF", "WINCH", "IO", "PWR");

    private OwnSignals() {}

    /** Calls an action with the number of each signal that comes and is wanted, on a thread of its own. */
    static void handle(IntPredicate wanted, IntConsumer action) {
        NAMES.stream()
                .map(Signal::new)
                .filter(signal -> wanted.test(signal.getNumber()))
                .forEach(signal -> Signal.handle(signal, each -> action.accept(each.getNumber())));
    }
}
