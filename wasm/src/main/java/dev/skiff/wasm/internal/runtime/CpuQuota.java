package dev.skiff.wasm.internal.runtime;

import dev.skiff.linux.Clocks;
import dev.skiff.wasm.CpuThrottling;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Counts what a store's guests use of a processor, and says how long they have to wait to stay within their share: a token
 * bucket of 10 ms. For the guests' thread, but {@link #change}, {@link #isSet} and {@link #throttling} for any.
 */
final class CpuQuota {
    private static final long BURST_NANOS = 10_000_000;
    /** As long as those of cgroups by default. */
    private static final long PERIOD_NANOS = 100_000_000;

    /** Of one processor; 0 without a limit. */
    private volatile double share;
    /** Whether the share is new since the last {@link #charge}. */
    private volatile boolean changed;

    private volatile CpuThrottling throttling = CpuThrottling.NONE;
    /** The one that was charged last. */
    private Thread thread;

    private long lastWall;
    private long lastCpu;
    private double tokens;
    // The last ones that are in the figures.
    private long period = Long.MIN_VALUE;
    private long throttledPeriod = Long.MIN_VALUE;

    CpuQuota(OptionalDouble share) {
        change(share);
    }

    void change(OptionalDouble of) {
        share = of.orElse(0);
        changed = true;
    }

    boolean isSet() {
        return share != 0;
    }

    CpuThrottling throttling() {
        return throttling;
    }

    /** Charges what the guest used since the last call; nanoseconds that it has to wait now, 0 for none. */
    long charge() {
        if (changed) {
            // What was used without a quota, or is owed under another one, does not count.
            changed = false;
            thread = null;
            tokens = BURST_NANOS;
        }
        double now = share;
        if (now == 0) {
            return 0;
        }
        long wall = System.nanoTime();
        long cpu = cpuNanos(wall);
        if (thread != Thread.currentThread()) {
            thread = Thread.currentThread();
        } else {
            earn(wall, now);
            tokens -= cpu - lastCpu;
        }
        lastWall = wall;
        lastCpu = cpu;
        if (Math.floorDiv(wall, PERIOD_NANOS) != period) {
            count(wall, wall, 0);
        }
        return tokens < 0 ? (long) (-tokens / now) : 0;
    }

    /** The guest waited since the last {@link #charge}, because of what that said. */
    void held() {
        long from = lastWall;
        rested();
        count(from, lastWall, lastWall - from);
    }

    /** The guest waited since the last {@link #charge} for another reason. */
    void rested() {
        if (thread == Thread.currentThread()) {
            long wall = System.nanoTime();
            earn(wall, share);
            lastWall = wall;
            lastCpu = cpuNanos(wall);
        }
    }

    private void earn(long wall, double of) {
        tokens = Math.min(tokens + (wall - lastWall) * of, BURST_NANOS * of);
    }

    /** Adds what is new of the periods from one time to another, in which guests were held for so many nanoseconds. */
    private void count(long from, long to, long held) {
        long before = Math.floorDiv(from, PERIOD_NANOS) - 1;
        long last = Math.floorDiv(to, PERIOD_NANOS);
        CpuThrottling counted = throttling;
        long periods = counted.periods() + last - Math.max(period, before);
        period = last;
        long throttledPeriods = counted.throttledPeriods();
        if (held > 0) {
            throttledPeriods += last - Math.max(throttledPeriod, before);
            throttledPeriod = last;
        }
        throttling =
                new CpuThrottling(periods, throttledPeriods, counted.throttled().plus(Duration.ofNanos(held)));
    }

    /** A virtual thread has no clock of its own, so its time counts as if it always ran. */
    private static long cpuNanos(long wall) {
        return Thread.currentThread().isVirtual() ? wall : Clocks.time(Clocks.THREAD_CPU);
    }
}
