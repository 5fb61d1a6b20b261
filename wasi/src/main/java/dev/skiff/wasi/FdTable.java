package dev.skiff.wasi;

import java.util.Arrays;

/** The guest's descriptors by number. Owns their handles: what leaves the table is closed. */
final class FdTable implements AutoCloseable {
    private static final int FIRST_SIZE = 8;

    private final int limit;
    private Descriptor[] entries = new Descriptor[FIRST_SIZE];
    private int count;
    /** No number below this is free. */
    private int lowestFree;

    /** An empty table for at most so many descriptors. */
    FdTable(int limit) {
        this.limit = limit;
    }

    /**
     * The descriptor of a number.
     *
     * @throws Failure EBADF if there is none
     */
    Descriptor get(int fd) {
        if (fd < 0 || fd >= entries.length || entries[fd] == null) {
            throw Errno.EBADF.failure();
        }
        return entries[fd];
    }

    /** The directory of a number, for calls that take a path. */
    Directory directory(int fd, long rights) {
        Descriptor descriptor = get(fd);
        Directory directory = descriptor.asDirectory().directory();
        descriptor.require(rights);
        return directory;
    }

    /**
     * Checks that another descriptor may be opened, before it is.
     *
     * @throws Failure EMFILE if not
     */
    void requireRoom() {
        if (count >= limit) {
            throw Errno.EMFILE.failure();
        }
    }

    /** Adds a descriptor under the lowest free number; closes it if there is no room. */
    int add(Descriptor descriptor) {
        int fd = lowestFree;
        while (fd < entries.length && entries[fd] != null) {
            fd++;
        }
        put(fd, descriptor);
        lowestFree = fd + 1;
        return fd;
    }

    /** Adds a descriptor under a number that is free; closes it if there is no room. */
    void put(int fd, Descriptor descriptor) {
        if (count >= limit) {
            descriptor.handle().close();
            throw Errno.EMFILE.failure();
        }
        if (fd >= entries.length) {
            entries = Arrays.copyOf(entries, Math.max(entries.length * 2, fd + 1));
        }
        entries[fd] = descriptor;
        count++;
    }

    /**
     * Closes a descriptor.
     *
     * @throws Failure EBADF if there is none of that number
     */
    void close(int fd) {
        Descriptor descriptor = get(fd);
        entries[fd] = null;
        count--;
        lowestFree = Math.min(lowestFree, fd);
        descriptor.handle().close();
    }

    /**
     * Moves a descriptor to the number of another, which is closed.
     *
     * @throws Failure EBADF if there is none of either number
     */
    void renumber(int from, int to) {
        Descriptor moved = get(from);
        get(to);
        if (from == to) {
            return;
        }
        close(to);
        entries[to] = moved;
        entries[from] = null;
        lowestFree = Math.min(lowestFree, from);
    }

    /** Closes all descriptors. */
    @Override
    public void close() {
        for (int fd = 0; fd < entries.length; fd++) {
            if (entries[fd] != null) {
                close(fd);
            }
        }
    }
}
