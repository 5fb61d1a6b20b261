package dev.skiff.containerd;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.linux.Polling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What tests do with named pipes and descriptors. */
final class Raw {
    private Raw() {}

    static Path fifo(Path path) throws IOException, InterruptedException {
        if (new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor() != 0) {
            throw new IOException("no named pipe " + path);
        }
        return path;
    }

    /** The end of a named pipe to read from, whether somebody writes or not. */
    static int reader(Path fifo) {
        return Paths.OWN.open(fifo.toString(), OpenFlags.READ_ONLY | OpenFlags.NONBLOCK | OpenFlags.CLOSE_ON_EXEC, 0);
    }

    /** Writes all, and waits while there is no room. */
    static void write(int fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (NativeBytes copy = NativeBytes.of(bytes)) {
            int done = 0;
            while (done < bytes.length) {
                try {
                    done += (int) Descriptors.write(fd, copy.address() + done, bytes.length - done);
                } catch (LinuxException e) {
                    refuseUnlessLater(e);
                    await(fd, Polling.OUT);
                }
            }
        }
    }

    /** Writes as much as there is room for, until for a moment there is none. */
    static void fill(int fd) throws InterruptedException {
        try (NativeBytes copy = NativeBytes.of(new byte[1024])) {
            for (int full = 0; full < 20; ) {
                try {
                    Descriptors.write(fd, copy.address(), 1024);
                    full = 0;
                } catch (LinuxException e) {
                    refuseUnlessLater(e);
                    full++;
                    Thread.sleep(10);
                }
            }
        }
    }

    /** Reads what comes next; empty at the end. */
    static String read(int fd) {
        byte[] bytes = new byte[1024];
        try (NativeBytes copy = NativeBytes.of(bytes)) {
            while (true) {
                try {
                    int count = (int) Descriptors.read(fd, copy.address(), bytes.length);
                    NativeMemory.read(copy.address(), bytes, 0, count);
                    return new String(bytes, 0, count, StandardCharsets.UTF_8);
                } catch (LinuxException e) {
                    refuseUnlessLater(e);
                    await(fd, Polling.IN);
                }
            }
        }
    }

    private static void refuseUnlessLater(LinuxException e) {
        if (e.errno() != Errno.EAGAIN) {
            throw e;
        }
    }

    private static void await(int fd, int events) {
        try (NativeBytes set = NativeBytes.of(new byte[Polling.SIZE])) {
            Polling.put(set.address(), 0, fd, events);
            Polling.poll(set.address(), 1, Polling.FOREVER);
        }
    }
}
