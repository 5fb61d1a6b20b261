package dev.skiff.wasm.internal.runtime;

import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Scheduling;
import dev.skiff.wasm.Limits;
import java.util.OptionalInt;

/**
 * The weight of the thread that runs a store's guests, where more wants to run than there are processors: {@link
 * Limits#cpuShares} as the niceness of the kernel. Thread-safe.
 */
final class CpuShares {
    /** What one less in niceness makes more, see sched(7). */
    private static final double STEP = 1.25;
    /**
     * How far it goes from that of other threads. To collect garbage the JVM waits for each thread to come to a safe place,
     * also for one that nearly never runs because other processes want the processors.
     */
    private static final int MOST = 10;

    private int niceness;
    private int applied;
    private OptionalInt thread = OptionalInt.empty();

    CpuShares(int shares) {
        niceness = niceness(shares);
    }

    /** Niceness relative to that of other threads. */
    static int niceness(int shares) {
        double steps = Math.log(shares / (double) Limits.DEFAULT.cpuShares()) / Math.log(STEP);
        return Math.clamp(-Math.round(steps), -MOST, MOST);
    }

    /** The calling thread is no guest's, and has the weight of other threads; who started it may have had another. */
    static void none() {
        if (OffHeap.available()) {
            set(Scheduling.THIS_THREAD, 0);
        }
    }

    /** The calling thread runs the guests from now on. */
    synchronized void begin() {
        // Elsewhere the kernel's numbers are others.
        if (OffHeap.available()) {
            thread = OptionalInt.of(Scheduling.thread());
            apply(niceness);
        }
    }

    /** The calling thread has run the guests, and is as it was. */
    synchronized void end() {
        apply(0);
        thread = OptionalInt.empty();
    }

    synchronized void change(int shares) {
        niceness = niceness(shares);
        apply(niceness);
    }

    private void apply(int wanted) {
        if (wanted != applied && thread.isPresent() && set(thread.getAsInt(), wanted)) {
            applied = wanted;
        }
    }

    private static boolean set(int thread, int niceness) {
        try {
            Scheduling.setNiceness(thread, niceness);
            return true;
        } catch (LinuxException e) {
            // Without the right to it a weight never becomes more, and the thread runs all the same.
            return false;
        }
    }
}
