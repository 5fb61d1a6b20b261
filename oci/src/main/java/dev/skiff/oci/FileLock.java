package dev.skiff.oci;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * A lock that threads of this process and other processes respect, and that ends with the process that has it, however that ends.
 * Locks of the operating system know processes only, so that threads have a second lock of their own. Any thread may close it.
 */
final class FileLock implements AutoCloseable {
    private static final int ALL = 1 << 20;
    private static final Map<Path, Entry> ENTRIES = new HashMap<>();

    private final Path path;
    private final Entry entry;
    private final int permits;
    private boolean closed;

    private FileLock(Path path, Entry entry, int permits) {
        this.path = path;
        this.entry = entry;
        this.permits = permits;
    }

    /** What threads of this process share of one lock file. */
    private static final class Entry {
        private final Semaphore threads = new Semaphore(ALL, true);
        private int users;
        private int holders;
        private Optional<FileChannel> channel = Optional.empty();
    }

    /** Waits for a lock that others may have too, but nobody alone. */
    static FileLock shared(Path file) throws IOException {
        return acquire(file, 1);
    }

    /** Waits for a lock that nobody else has. */
    static FileLock exclusive(Path file) throws IOException {
        return acquire(file, ALL);
    }

    /** A lock that nobody else has; empty if somebody has it. */
    static Optional<FileLock> tryExclusive(Path file) throws IOException {
        Path path = real(file);
        Entry entry = enter(path);
        if (!entry.threads.tryAcquire(ALL)) {
            leave(path, entry);
            return Optional.empty();
        }
        FileLock lock = new FileLock(path, entry, ALL);
        try {
            FileChannel channel = open(path);
            if (!isLocked(channel)) {
                channel.close();
                lock.release();
                return Optional.empty();
            }
            lock.hold(channel);
            return Optional.of(lock);
        } catch (IOException | RuntimeException e) {
            lock.release();
            throw e;
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The name of a lock file in its real directory: threads that come by different ways must meet. */
    private static Path real(Path file) throws IOException {
        return file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
    }

    private static FileLock acquire(Path file, int permits) throws IOException {
        Path path = real(file);
        Entry entry = enter(path);
        entry.threads.acquireUninterruptibly(permits);
        FileLock lock = new FileLock(path, entry, permits);
        try {
            synchronized (entry) {
                if (entry.holders == 0) {
                    FileChannel channel = open(path);
                    try {
                        channel.lock(0, Long.MAX_VALUE, permits == 1);
                    } catch (IOException | RuntimeException e) {
                        channel.close();
                        throw e;
                    }
                    entry.channel = Optional.of(channel);
                }
                entry.holders++;
            }
            return lock;
        } catch (IOException | RuntimeException e) {
            lock.release();
            throw e;
        }
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private void hold(FileChannel channel) {
        synchronized (entry) {
            entry.channel = Optional.of(channel);
            entry.holders++;
        }
    }

    private static Entry enter(Path path) {
        synchronized (ENTRIES) {
            Entry entry = ENTRIES.computeIfAbsent(path, any -> new Entry());
            entry.users++;
            return entry;
        }
    }

    private static void leave(Path path, Entry entry) {
        synchronized (ENTRIES) {
            if (--entry.users == 0) {
                ENTRIES.remove(path);
            }
        }
    }

    private void release() {
        entry.threads.release(permits);
        leave(path, entry);
    }

    @Override
    public void close() {
        synchronized (entry) {
            if (closed) {
                return;
            }
            closed = true;
            if (--entry.holders == 0) {
                try {
                    entry.channel.orElseThrow().close();
                } catch (IOException e) {
                    throw StoreFiles.failure("unlock", path, e);
                } finally {
                    entry.channel = Optional.empty();
                }
            }
        }
        release();
    }
}
