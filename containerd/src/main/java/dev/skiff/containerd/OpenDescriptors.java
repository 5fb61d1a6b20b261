package dev.skiff.containerd;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.util.ArrayList;
import java.util.List;

/** Descriptors that somebody has to close. Thread-safe. */
final class OpenDescriptors {
    private final List<Integer> open = new ArrayList<>();

    /**
     * Opens a file.
     *
     * @param flags {@link OpenFlags}
     * @throws LinuxException if the kernel refuses
     */
    synchronized int open(String path, int flags) {
        int fd = Paths.OWN.open(path, flags | OpenFlags.CLOSE_ON_EXEC, 0644);
        open.add(fd);
        return fd;
    }

    /** One that is open already. */
    synchronized int add(int fd) {
        open.add(fd);
        return fd;
    }

    /** One that somebody else closes from here on. */
    synchronized void handOver(int fd) {
        open.remove((Integer) fd);
    }

    synchronized boolean contains(int fd) {
        return open.contains(fd);
    }

    /** Closes one, unless it is closed. */
    synchronized void close(int fd) {
        if (open.remove((Integer) fd)) {
            try {
                Descriptors.close(fd);
            } catch (LinuxException e) {
                // It is closed; that there was no room for what was written to it nobody can change any more.
                Log.debug("the end of a standard stream: " + e.getMessage());
            }
        }
    }

    synchronized void closeAll() {
        List.copyOf(open).forEach(this::close);
    }
}
