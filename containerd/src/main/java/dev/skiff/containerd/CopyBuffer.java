package dev.skiff.containerd;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import dev.skiff.linux.Polling;

/** What a thread needs to copy between descriptors that do not wait: a place for bytes, and a way to wait. Belongs to its thread. */
final class CopyBuffer implements AutoCloseable {
    /** Room, in bytes. */
    static final int SIZE = 16 * 1024;
    /** Answer of {@link #read}: nothing now. */
    static final int LATER = -1;

    /** What a wait saw. */
    enum Seen {
        /** The descriptor can be used, if only to learn that it is at its end. */
        READY,
        /** The other end of the terminal is closed. */
        HANGUP,
        /** Nothing in the time that there was. */
        NOTHING
    }

    private final long bytes = NativeMemory.allocate(SIZE + 2 * Polling.SIZE);
    private final long set = bytes + SIZE;

    /** Address of the bytes. */
    long address() {
        return bytes;
    }

    /**
     * Reads what there is.
     *
     * @return bytes read, 0 at the end, or {@link #LATER}
     * @throws LinuxException if the kernel refuses
     */
    int read(int fd) {
        try {
            return (int) Descriptors.read(fd, bytes, SIZE);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EINTR) {
                return LATER;
            }
            throw e;
        }
    }

    /**
     * Waits for a descriptor, for as long as a terminal's other end is open.
     *
     * @param events {@link Polling} events
     * @param master this end of the terminal
     */
    Seen awaitUnlessHungUp(int fd, int events, int master) {
        while (true) {
            Polling.put(set, 0, fd, events);
            Polling.put(set, 1, master, 0);
            if (poll(2, Polling.FOREVER) > 0) {
                return Polling.seen(set, 1) != 0 ? Seen.HANGUP : Seen.READY;
            }
        }
    }

    /**
     * Waits for a descriptor until a time.
     *
     * @param events {@link Polling} events
     * @param deadline of {@link System#nanoTime}
     */
    Seen awaitUntil(int fd, int events, long deadline) {
        for (long left = deadline - System.nanoTime(); left > 0; left = deadline - System.nanoTime()) {
            Polling.put(set, 0, fd, events);
            if (poll(1, left) > 0) {
                return Seen.READY;
            }
        }
        return Seen.NOTHING;
    }

    private int poll(int count, long nanos) {
        try {
            return Polling.poll(set, count, nanos);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EINTR) {
                return 0;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        NativeMemory.free(bytes);
    }
}
