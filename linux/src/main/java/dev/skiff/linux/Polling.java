package dev.skiff.linux;

/**
 * Waiting for descriptors: ppoll(2).
 *
 * <p>What is waited for is an array of 8-byte structures in native memory: descriptor (4 bytes), events asked for (2),
 * events seen (2); {@link #put} and {@link #seen} access it.
 */
public final class Polling {
    /** Event: can be read. */
    public static final int IN = 0x001;
    /** Event: can be written. */
    public static final int OUT = 0x004;
    /** Event seen: an error. */
    public static final int ERROR = 0x008;
    /** Event seen: the other end is closed. */
    public static final int HANGUP = 0x010;
    /** Event seen: not an open descriptor. */
    public static final int INVALID = 0x020;

    /** Bytes in a structure. */
    public static final int SIZE = 8;
    /** Timeout argument: for ever. */
    public static final long FOREVER = -1;

    private Polling() {}

    /** Fills the structure of an index; a negative descriptor is ignored by {@link #poll}. */
    public static void put(long array, int index, int fd, int events) {
        long at = array + (long) index * SIZE;
        Kernel.MEMORY.putInt(at, fd);
        Kernel.MEMORY.putInt(at + 4, events);
    }

    /** The events seen at an index. */
    public static int seen(long array, int index) {
        return Kernel.MEMORY.getShort(array + (long) index * SIZE + 6) & 0xffff;
    }

    /**
     * Waits until an event is seen or time is up.
     *
     * @param array address of the structures
     * @param count number of structures
     * @param nanos longest wait in nanoseconds, 0 not to wait, {@link #FOREVER}
     * @return number of structures with events, 0 if time is up
     * @throws LinuxException EINTR if a signal came first; others if the kernel refuses
     */
    public static int poll(long array, int count, long nanos) {
        try (Scratch scratch = Scratch.borrow()) {
            long timeout = 0;
            if (nanos >= 0) {
                timeout = scratch.bytes(16);
                Kernel.MEMORY.putLong(timeout, nanos / 1_000_000_000L);
                Kernel.MEMORY.putLong(timeout + 8, nanos % 1_000_000_000L);
            }
            return (int) Kernel.call("ppoll", Sys.PPOLL, array, count, timeout, 0, 0, 0);
        }
    }
}
