package dev.skiff.wasi;

import java.util.Set;

/** The signals of Linux, 1 to 64, and what they do to a program that does not know them; see signal(7). */
public final class Signals {
    /** What a terminal's key for it sends, mostly Ctrl-C. */
    public static final int INTERRUPT = 2;
    /** What a terminal's key for it sends, mostly Ctrl-\\. */
    public static final int QUIT = 3;
    /** Ends every program. */
    public static final int KILL = 9;
    /** The window of a terminal has another size. */
    public static final int WINDOW = 28;

    private static final int STOP = 19;
    private static final int MAX = 64;

    /** CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG and WINCH. */
    private static final Set<Integer> HARMLESS = Set.of(17, 18, STOP, 20, 21, 22, 23, WINDOW);

    private Signals() {}

    /** Whether there is a signal of that number. */
    public static boolean isSignal(long number) {
        return number >= 1 && number <= MAX;
    }

    /** Whether a program that does not know it ends by it. */
    public static boolean ends(int signal) {
        return !HARMLESS.contains(signal);
    }

    /** Whether a program can know it, which is true of all but KILL and STOP. */
    public static boolean canBeHandled(int signal) {
        return signal != KILL && signal != STOP;
    }
}
