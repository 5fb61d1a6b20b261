package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many calls were answered, and how. Thread-safe. */
final class CallCounts {
    /** Stands for all methods that there are not, whatever their names. */
    static final String UNKNOWN = "unknown";

    /**
     * Calls that are counted together.
     *
     * @param method one that there is, or {@link #UNKNOWN}
     * @param code as gRPC calls it, such as {@code OK}
     */
    record Answer(String method, String code) {}

    private final Map<Answer, LongAdder> counts = new ConcurrentHashMap<>();

    /** Counts a call; without an error it was a success. */
    void count(String method, Optional<Code> error) {
        counts.computeIfAbsent(new Answer(method, error.map(Code::name).orElse("OK")), any -> new LongAdder())
                .increment();
    }

    /** All so far. */
    Map<Answer, Long> counts() {
        Map<Answer, Long> sums = new ConcurrentHashMap<>();
        counts.forEach((answer, count) -> sums.put(answer, count.sum()));
        return sums;
    }
}
