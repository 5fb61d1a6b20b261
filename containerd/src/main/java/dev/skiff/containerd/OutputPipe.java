package dev.skiff.containerd;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.linux.Polling;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * A named pipe that output goes to. Both ends of it are open, so that it neither breaks nor ends when who reads it goes.
 *
 * <p>A client of containerd opens its end while the task is made, perhaps a moment later, and gives up at the task's end what it has not begun to read.
 * Programs that take a millisecond would lose their output to that; so its reader is waited for at both ends of its life.
 *
 * @param writer a descriptor, which waits
 * @param spare the descriptor that keeps it from breaking
 */
record OutputPipe(int writer, int spare) {
    /** How long a client may take to open its end; after that it is taken for one that comes later, if at all. */
    static final Duration COMING = Duration.ofSeconds(2);

    /** How long a client may take to read what there is at the end. */
    static final Duration READING = Duration.ofSeconds(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofNanos(200_000);

    /**
     * Opens one as soon as it is read, or after a time.
     *
     * @throws LinuxException if the kernel refuses
     */
    static OutputPipe open(String path, Duration patience) {
        OptionalInt end = awaitReader(path, patience);
        try {
            int spare = Paths.OWN.open(path, OpenFlags.READ_WRITE | OpenFlags.CLOSE_ON_EXEC, 0);
            try {
                return new OutputPipe(
                        Paths.OWN.open(path, OpenFlags.WRITE_ONLY | OpenFlags.APPEND | OpenFlags.CLOSE_ON_EXEC, 0),
                        spare);
            } catch (LinuxException e) {
                Descriptors.close(spare);
                throw e;
            }
        } finally {
            // Not before: without one who writes, the reader would be at its end.
            end.ifPresent(Descriptors::close);
        }
    }

    /**
     * Waits, for a time, until what was written to a pipe is read, if there is somebody to read it. The spare descriptor is closed by then.
     *
     * @param writer an end to write to; where it is no pipe's there is nothing to wait for
     */
    static void awaitRead(int writer, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try (NativeBytes set = NativeBytes.of(new byte[Polling.SIZE])) {
            Polling.put(set.address(), 0, writer, 0);
            // Who does not read it any more makes that an error.
            while (System.nanoTime() - deadline < 0
                    && Descriptors.available(writer) > 0
                    && Polling.poll(set.address(), 1, 0) == 0) {
                Thread.sleep(BETWEEN_LOOKS);
            }
        } catch (LinuxException e) {
            Log.debug("it is not known whether output is read: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static OptionalInt awaitReader(String path, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        OptionalInt end = ifRead(path);
        try {
            while (end.isEmpty() && System.nanoTime() - deadline < 0) {
                Thread.sleep(BETWEEN_LOOKS);
                end = ifRead(path);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return end;
    }

    /** The end to write to, if somebody has the other one, or is about to. */
    private static OptionalInt ifRead(String path) {
        try {
            return OptionalInt.of(
                    Paths.OWN.open(path, OpenFlags.WRITE_ONLY | OpenFlags.NONBLOCK | OpenFlags.CLOSE_ON_EXEC, 0));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENXIO) {
                return OptionalInt.empty();
            }
            throw e;
        }
    }
}
