package dev.skiff.linux;

/** The kernel's random numbers, fit for cryptography: getrandom(2). */
public final class Entropy {
    private Entropy() {}

    /**
     * Fills memory with random bytes. Waits only while the system starts and has not gathered enough yet.
     *
     * @param count bytes; more than 256 may be answered in part
     * @return bytes filled
     * @throws LinuxException EINTR if a signal came first
     */
    public static long fill(long address, long count) {
        return Kernel.call("getrandom", Sys.GETRANDOM, address, count, 0);
    }
}
