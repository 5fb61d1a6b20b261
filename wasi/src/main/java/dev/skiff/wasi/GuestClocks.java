package dev.skiff.wasi;

import dev.skiff.linux.Clocks;
import java.time.Instant;

/**
 * The clocks of a guest, no finer than it is allowed. The monotonic clock starts with the guest, so it does not tell
 * for how long the host has run; both processor clocks show the time of the guest's thread, not of the host's process.
 */
final class GuestClocks {
    static final int REALTIME = 0;
    static final int MONOTONIC = 1;
    static final int PROCESS_CPU = 2;
    static final int THREAD_CPU = 3;

    private static final long NANOS = 1_000_000_000L;

    private final long resolution;
    /** Where the monotonic clock starts: at one second, because some runtimes take zero for a broken clock. */
    private final long origin = System.nanoTime() - NANOS;

    /** Clocks that tick in steps of so many nanoseconds. */
    GuestClocks(long resolution) {
        this.resolution = resolution;
    }

    /**
     * The time of a clock in nanoseconds.
     *
     * @throws Failure EINVAL if there is no such clock
     */
    long time(int clock) {
        return switch (clock) {
            case REALTIME -> coarse(realtime());
            case MONOTONIC -> coarse(monotonic());
            case PROCESS_CPU, THREAD_CPU -> coarse(Clocks.time(Clocks.THREAD_CPU));
            default -> throw Errno.EINVAL.failure();
        };
    }

    /**
     * The resolution of a clock in nanoseconds.
     *
     * @throws Failure EINVAL if there is no such clock
     */
    long resolution(int clock) {
        if (clock < REALTIME || clock > THREAD_CPU) {
            throw Errno.EINVAL.failure();
        }
        return resolution;
    }

    /**
     * How long to wait for a time.
     *
     * @param clock {@link #REALTIME} or {@link #MONOTONIC}
     * @param time nanoseconds on that clock, unsigned
     * @return nanoseconds, 0 if it has passed, capped at the largest number
     * @throws Failure EINVAL if one cannot wait for the clock
     */
    long until(int clock, long time) {
        long now = switch (clock) {
            case REALTIME -> realtime();
            case MONOTONIC -> monotonic();
            default -> throw Errno.EINVAL.failure();
        };
        if (time < 0) {
            return Long.MAX_VALUE;
        }
        return Math.max(0, time - now);
    }

    private long coarse(long nanos) {
        return resolution == 1 ? nanos : nanos - nanos % resolution;
    }

    private long monotonic() {
        return System.nanoTime() - origin;
    }

    private static long realtime() {
        Instant now = Instant.now();
        return now.getEpochSecond() * NANOS + now.getNano();
    }
}
