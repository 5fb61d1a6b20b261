package dev.skiff.containerd;

import dev.skiff.host.ExitStatus;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What is counted of all tasks since the daemon began; {@link MetricsPage} shows it. Thread-safe. */
final class Metrics {
    /** What is made and started. */
    enum Kind {
        /** The program that a container is for. */
        CONTAINER,
        /** Another one in a container. */
        EXEC,
        /** The container that stands for a pod. */
        POD;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Kind, Latencies> creates = new EnumMap<>(Kind.class);
    private final Map<Kind, Latencies> starts = new EnumMap<>(Kind.class);
    private final Map<EndReason, LongAdder> ends = new ConcurrentHashMap<>();

    /** All zero. */
    Metrics() {
        for (Kind kind : Kind.values()) {
            creates.put(kind, new Latencies());
            starts.put(kind, new Latencies());
        }
        EndReason.usual().forEach(reason -> ends.put(reason, new LongAdder()));
    }

    /** One was made ready. */
    void created(Kind kind, Duration took) {
        creates.get(kind).record(took);
    }

    /** One was started. */
    void started(Kind kind, Duration took) {
        starts.get(kind).record(took);
    }

    /** A program has ended. */
    void ended(ExitStatus how) {
        ends.computeIfAbsent(EndReason.of(how), any -> new LongAdder()).increment();
    }

    Latencies.Counts creates(Kind kind) {
        return creates.get(kind).counts();
    }

    Latencies.Counts starts(Kind kind) {
        return starts.get(kind).counts();
    }

    /** How many programs ended for each reason. */
    Map<EndReason, Long> ends() {
        Map<EndReason, Long> sums = new ConcurrentHashMap<>();
        ends.forEach((reason, count) -> sums.put(reason, count.sum()));
        return sums;
    }
}
