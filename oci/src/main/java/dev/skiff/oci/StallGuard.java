package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Closes a stream that stands still for too long, so that whoever reads it fails instead of waiting for ever. */
final class StallGuard implements AutoCloseable {
    private final Thread watcher;
    private volatile long progress;
    private volatile boolean stalled;

    StallGuard(InputStream stream, Duration limit) {
        watcher = Thread.ofVirtual().name("stall-guard").start(() -> watch(stream, limit));
    }

    private void watch(InputStream stream, Duration limit) {
        try {
            long seen;
            do {
                seen = progress;
                Thread.sleep(limit);
            } while (progress != seen);
            stalled = true;
            stream.close();
        } catch (InterruptedException e) {
            // The transfer is over.
        } catch (IOException e) {
            stalled = true;
        }
    }

    /** Says how far the transfer is: any number that changes. */
    void at(long position) {
        progress = position;
    }

    /** Whether it closed the stream. */
    boolean hasStalled() {
        return stalled;
    }

    @Override
    public void close() {
        watcher.interrupt();
    }
}
