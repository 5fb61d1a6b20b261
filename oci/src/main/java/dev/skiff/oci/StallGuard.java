package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A stream that fails when nothing comes for too long, instead of waiting for ever. How long its reader takes between two reads does
 * not count. For one reader; must be closed.
 */
final class StallGuard extends BulkInput {
    private final Duration limit;
    /** Odd while the reader waits. */
    private final AtomicLong steps = new AtomicLong();

    private Thread watcher;
    private volatile boolean stalled;

    StallGuard(InputStream in, Duration limit) {
        super(in);
        this.limit = limit;
    }

    /** Nothing came for too long. */
    static final class StalledException extends IOException {
        private static final long serialVersionUID = 1L;

        StalledException(String message) {
            super(message);
        }
    }

    private void watch() {
        try {
            long seen;
            do {
                seen = steps.get();
                Thread.sleep(limit);
            } while (seen % 2 == 0 || steps.get() != seen);
            stalled = true;
            in.close();
        } catch (InterruptedException e) {
            // The stream was closed.
        } catch (IOException e) {
            stalled = true;
        }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (watcher == null) {
            watcher = Thread.ofVirtual().name("stall-guard").start(this::watch);
        }
        steps.incrementAndGet();
        try {
            int got = in.read(bytes, offset, length);
            if (got < 0 && stalled) {
                throw stalled();
            }
            return got;
        } catch (IOException e) {
            throw stalled ? stalled() : e;
        } finally {
            steps.incrementAndGet();
        }
    }

    private StalledException stalled() {
        return new StalledException("nothing came for " + text(limit));
    }

    /** A time for people. */
    static String text(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    @Override
    public void close() throws IOException {
        if (watcher != null) {
            watcher.interrupt();
        }
        in.close();
    }
}
