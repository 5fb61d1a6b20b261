package dev.skiff.linux;

/**
 * How threads share processors: setpriority(2). One more in niceness is a fifth less of a processor that others want too, see sched(7). A
 * thread has the niceness of the one that started it. Thread-safe.
 */
public final class Scheduling {
    /** Stands for the calling thread; for a virtual one, its carrier. */
    public static final int THIS_THREAD = 0;

    private static final int LEAST = -20;
    private static final int MOST = 19;
    private static final int BY_THREAD = 0;

    private Scheduling() {}

    /** The kernel's number of the calling thread; of a virtual one, that of its carrier. */
    public static int thread() {
        return (int) Kernel.call("gettid", Sys.GETTID, 0);
    }

    /**
     * The niceness of a thread of this process, relative to that of the process: its first thread's.
     *
     * @param thread as of {@link #thread}, or {@link #THIS_THREAD}
     * @throws LinuxException ESRCH if there is none
     */
    public static int niceness(int thread) {
        return absolute(thread) - Own.NICENESS;
    }

    /**
     * Sets it, as far as the kernel's range goes.
     *
     * @throws LinuxException EACCES if it would become less and this process has no right to that; ESRCH if there is no such thread
     */
    public static void setNiceness(int thread, int niceness) {
        int wanted = Math.clamp((long) Own.NICENESS + niceness, LEAST, MOST);
        Kernel.call("setpriority", Sys.SETPRIORITY, BY_THREAD, thread, wanted);
    }

    private static int absolute(int thread) {
        // The kernel gives 1 to 40, for negative numbers are errors.
        return 20 - (int) Kernel.call("getpriority", Sys.GETPRIORITY, BY_THREAD, thread);
    }

    private static final class Own {
        static final int NICENESS = absolute((int) Kernel.call("getpid", Sys.GETPID, 0));
    }
}
