package dev.skiff.containerd;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** How long things took, counted by classes of duration. Thread-safe. */
final class Latencies {
    /** What each class but the last includes at most, in seconds. */
    private static final double[] BOUNDS = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Double.POSITIVE_INFINITY
    };

    private final LongAdder[] counts =
            Stream.generate(LongAdder::new).limit(BOUNDS.length).toArray(LongAdder[]::new);
    private final LongAdder nanos = new LongAdder();

    /**
     * What was counted so far.
     *
     * @param bounds what each class includes at most, in seconds, ascending; the last is infinite
     * @param counts of each class alone
     * @param seconds all durations together
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Counts(double[] bounds, long[] counts, double seconds) {
        long all() {
            return Arrays.stream(counts).sum();
        }
    }

    void record(Duration took) {
        double seconds = took.toNanos() / 1e9;
        int index = 0;
        while (seconds > BOUNDS[index]) {
            index++;
        }
        counts[index].increment();
        nanos.add(took.toNanos());
    }

    Counts counts() {
        return new Counts(
                BOUNDS.clone(), Arrays.stream(counts).mapToLong(LongAdder::sum).toArray(), nanos.sum() / 1e9);
    }
}
