package dev.skiff.containerd;

import java.util.Set;

/** What signals do to a program that does not know them; see signal(7). */
final class Signals {
    static final int INTERRUPT = 2;
    static final int QUIT = 3;
    static final int KILL = 9;
    private static final int MAX = 64;

    /** CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG and WINCH. */
    private static final Set<Integer> HARMLESS = Set.of(17, 18, 19, 20, 21, 22, 23, 28);

    private Signals() {}

    static boolean isSignal(long number) {
        return number >= 1 && number <= MAX;
    }

    /** Whether a program ends by it. */
    static boolean ends(int signal) {
        return !HARMLESS.contains(signal);
    }
}
