package dev.skiff.oci;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Hashes a file that somebody else writes: of a large one, what is there already, on another core while the rest comes. What is hashed
 * is read back from the file. Its writer is one thread, and closes this before the file.
 */
final class FileHash implements AutoCloseable {
    /** A shorter file is hashed sooner than a thread has started. */
    private static final long LARGE = 1 << 20;

    private static final int BUFFER = 1 << 18;

    private final FileChannel file;
    private final MessageDigest hasher;
    private final ByteBuffer buffer;
    private final Optional<Thread> thread;
    private volatile boolean closed;
    private long hashed;
    // Guarded by this.
    private long written;
    private boolean ended;
    private IOException failure;

    /** Starts with a file of some length, which may become another one. */
    FileHash(FileChannel file, Digest like, long written, long expected) {
        this.file = file;
        this.written = written;
        hasher = like.hasher();
        buffer = ByteBuffer.allocate(Math.clamp(expected, 1, BUFFER));
        thread = expected < LARGE
                ? Optional.empty()
                : Optional.of(Thread.ofPlatform().daemon().name("hash " + like).start(this::follow));
    }

    /** There is more in the file. */
    synchronized void grown(long length) {
        written = length;
        notifyAll();
    }

    /** Waits for the next part; the length of the file, or -1 if nothing is wanted any more. */
    private synchronized long next(long done) throws InterruptedException {
        while (written - done < buffer.capacity() && !ended) {
            wait();
        }
        return written > done && !closed ? written : -1;
    }

    private void follow() {
        try {
            for (long length = next(hashed); length >= 0; length = next(hashed)) {
                hash(length);
            }
        } catch (InterruptedException e) {
            // It is closed.
        } catch (IOException e) {
            failed(e);
        }
    }

    private synchronized void failed(IOException e) {
        failure = e;
    }

    private void hash(long length) throws IOException {
        while (hashed < length && !closed) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), length - hashed));
            int got = file.read(buffer, hashed);
            if (got < 0) {
                throw new EOFException("the file became shorter meanwhile");
            }
            hasher.update(buffer.array(), 0, got);
            hashed += got;
        }
    }

    /**
     * Hashes what is left.
     *
     * @return the hash of all that was written, to be finished
     */
    MessageDigest finish() throws IOException {
        try {
            end();
            if (thread.isPresent()) {
                thread.get().join();
            }
        } catch (InterruptedException e) {
            throw Transport.interrupted(e);
        }
        if (failure != null) {
            throw failure;
        }
        hash(written);
        return hasher;
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Nothing is wanted any more. Waits until the file is not read any more, which is soon. */
    @Override
    public void close() {
        closed = true;
        end();
        boolean interrupted = false;
        while (thread.isPresent() && thread.get().isAlive()) {
            try {
                thread.get().join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
