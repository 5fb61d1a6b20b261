package dev.skiff.linux;

/** The kernel's clocks: clock_gettime(2), clock_getres(2). Times are in nanoseconds. */
public final class Clocks {
    /** Time since 1970. */
    public static final int REALTIME = 0;
    /** Time since an arbitrary point; never goes back. */
    public static final int MONOTONIC = 1;
    /** Processor time of this process. */
    public static final int PROCESS_CPU = 2;
    /** Processor time of the calling thread; for a virtual thread, of its carrier. */
    public static final int THREAD_CPU = 3;

    private Clocks() {}

    /**
     * The time of a clock. A system call each time; {@link System#nanoTime} is cheaper for {@link #MONOTONIC}.
     *
     * @throws LinuxException EINVAL if there is no such clock
     */
    public static long time(int clock) {
        return read("clock_gettime", Sys.CLOCK_GETTIME, clock);
    }

    /**
     * The resolution of a clock.
     *
     * @throws LinuxException EINVAL if there is no such clock
     */
    public static long resolution(int clock) {
        return read("clock_getres", Sys.CLOCK_GETRES, clock);
    }

    private static long read(String name, int number, int clock) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.bytes(16);
            Kernel.call(name, number, clock, at);
            return Kernel.MEMORY.getLong(at) * 1_000_000_000L + Kernel.MEMORY.getLong(at + 8);
        }
    }
}
