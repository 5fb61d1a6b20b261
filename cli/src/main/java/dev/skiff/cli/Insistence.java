package dev.skiff.cli;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Tells from signals whether somebody insists on the end: three times the same within two seconds. Thread-safe. */
final class Insistence {
    private static final long WITHIN = Duration.ofSeconds(2).toNanos();

    private record Earlier(long last, long lastButOne) {}

    private final Map<Integer, Earlier> seen = new HashMap<>();

    /**
     * Takes note of a signal.
     *
     * @param nanos when it came, by {@link System#nanoTime}
     * @return whether it is the third of its kind in that time
     */
    synchronized boolean isShownBy(int signal, long nanos) {
        Earlier earlier = seen.getOrDefault(signal, new Earlier(nanos - 2 * WITHIN, nanos - 2 * WITHIN));
        seen.put(signal, new Earlier(nanos, earlier.last()));
        return nanos - earlier.lastButOne() <= WITHIN;
    }
}
