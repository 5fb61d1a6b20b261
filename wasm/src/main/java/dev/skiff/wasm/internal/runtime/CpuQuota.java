package dev.skiff.wasm.internal.runtime;

import dev.skiff.linux.Clocks;

/** Keeps a store's guests at their share of a processor by parking them: a token bucket of 10 ms. */
final class CpuQuota {
    private static final long BURST_NANOS = 10_000_000;

    private final double share;
    private Thread thread;
    private long lastWall;
    private long lastCpu;
    private double tokens = BURST_NANOS;

    CpuQuota(double share) {
        this.share = share;
    }

    /** Charges what the guest used since the last call and parks it while it is over its share. */
    void await(Control control) {
        long wall = System.nanoTime();
        long cpu = cpuNanos(wall);
        if (thread != Thread.currentThread()) {
            thread = Thread.currentThread();
        } else {
            tokens += (wall - lastWall) * share - (cpu - lastCpu);
            tokens = Math.min(tokens, BURST_NANOS * share);
        }
        lastWall = wall;
        lastCpu = cpu;
        if (tokens < 0) {
            control.park((long) (-tokens / share));
        }
    }

    /** A virtual thread has no clock of its own, so its time counts as if it always ran. */
    private static long cpuNanos(long wall) {
        return Thread.currentThread().isVirtual() ? wall : Clocks.time(Clocks.THREAD_CPU);
    }
}
