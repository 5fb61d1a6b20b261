package dev.skiff.containerd;

import dev.skiff.containerd.CopyBuffer.Seen;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Polling;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Writes what a terminal shows to a pipe or file. Owns both descriptors; belongs to one thread at a time.
 *
 * <p>What cannot be written because a disk is full or a logger has ended is lost: a program at a terminal learns of neither. But it waits for who does
 * not read.
 */
final class TerminalOutput implements AutoCloseable {
    /** How long after the terminal's other end is closed a reader may read nothing. */
    static final Duration STALL = Duration.ofSeconds(2);
    /** How long after that it may take a reader to read all. */
    static final Duration REST = Duration.ofSeconds(10);

    private final int master;
    private final OptionalInt sink;
    private OptionalLong last = OptionalLong.empty();
    private boolean refused;

    /**
     * One that has not begun.
     *
     * @param master does not wait
     * @param sink is told not to wait; without it the terminal is shown to nobody
     */
    TerminalOutput(int master, OptionalInt sink) {
        this.master = master;
        this.sink = sink;
        sink.ifPresent(fd -> Descriptors.setFlags(fd, Descriptors.flags(fd) | OpenFlags.NONBLOCK));
    }

    /** Writes until the terminal's other end is closed and all is written, or nobody reads it. */
    void copy() {
        try (CopyBuffer buffer = new CopyBuffer()) {
            for (int count = read(buffer); count > 0; count = read(buffer)) {
                if (sink.isPresent() && !write(buffer, count, sink.getAsInt())) {
                    Log.warn("the last output of a terminal is lost, as nobody reads it");
                    return;
                }
            }
        }
        sink.ifPresent(fd -> OutputPipe.awaitRead(fd, OutputPipe.READING));
    }

    /** Reads what there is; 0 once the other end is closed and there is no more. */
    private int read(CopyBuffer buffer) {
        try {
            int count = buffer.read(master);
            while (count == CopyBuffer.LATER) {
                buffer.awaitUnlessHungUp(master, Polling.IN, master);
                count = buffer.read(master);
            }
            return count;
        } catch (LinuxException e) {
            if (e.errno() == Errno.EIO) {
                return 0;
            }
            throw e;
        }
    }

    /** Whether to go on. */
    private boolean write(CopyBuffer buffer, int count, int to) {
        int done = 0;
        while (done < count) {
            try {
                done += (int) Descriptors.write(to, buffer.address() + done, count - done);
            } catch (LinuxException e) {
                if (e.errno() != Errno.EAGAIN) {
                    refused(e);
                    return true;
                }
                if (!awaitReader(buffer, to)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void refused(LinuxException e) {
        if (!refused) {
            Log.warn("output of a terminal is lost: " + e.getMessage());
        }
        refused = true;
    }

    private boolean awaitReader(CopyBuffer buffer, int to) {
        if (last.isEmpty()) {
            if (buffer.awaitUnlessHungUp(to, Polling.OUT, master) == Seen.READY) {
                return true;
            }
            last = OptionalLong.of(System.nanoTime() + REST.toNanos());
        }
        long stall = System.nanoTime() + STALL.toNanos();
        long deadline = stall - last.getAsLong() < 0 ? stall : last.getAsLong();
        return buffer.awaitUntil(to, Polling.OUT, deadline) == Seen.READY;
    }

    @Override
    public void close() {
        sink.ifPresent(Descriptors::close);
        Descriptors.close(master);
    }
}
