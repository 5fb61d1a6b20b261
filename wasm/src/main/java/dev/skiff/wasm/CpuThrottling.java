package dev.skiff.wasm;

import java.time.Duration;

/**
 * How a store's guests were held back by their share of a processor, {@link Limits#cpuQuota}, since the store was made. The
 * figures mean what nr_periods, nr_throttled and throttled_usec of a cgroup's cpu.stat mean; pauses are not in them.
 *
 * @param periods of 100 ms in which guests ran under a quota, or waited because of it
 * @param throttledPeriods of these, in which they waited
 * @param throttled how long they waited in all; a wait is counted when it is over
 */
public record CpuThrottling(long periods, long throttledPeriods, Duration throttled) {
    /** Nobody was ever held back. */
    public static final CpuThrottling NONE = new CpuThrottling(0, 0, Duration.ZERO);
}
