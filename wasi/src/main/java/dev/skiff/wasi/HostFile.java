package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileStatus;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.linux.Polling;

/**
 * A file, pipe, terminal or device of the host.
 *
 * <p>Regular files are read and written directly. Everything else may have to wait, and a wait must end when the guest
 * is interrupted; so no call may block in the kernel other than the {@link Waiter}'s. Files that were opened for the
 * guest are non-blocking. Streams that the guest got from the host are shared with other processes, so their mode is
 * left alone and each call asks not to wait, where the kernel offers that, or looks before it leaps where it does not.
 */
final class HostFile extends Handle {
    /** Whose a descriptor is. */
    enum Ownership {
        /** Opened for the guest, non-blocking; closed with the handle. */
        GUEST,
        /** Lent by the host; never closed, nor its mode changed. */
        HOST
    }

    /** What a pipe takes in one piece; less room than this is not reported as ready. */
    private static final int PIPE_PIECE = 4_096;

    private final int fd;
    private final Ownership ownership;
    private final Paths paths;
    private final boolean readOnly;
    private FileStatus firstStatus;
    private boolean callsCanRefuseToWait = true;

    /**
     * A handle on a descriptor.
     *
     * @param paths with whose rights its attributes change
     * @param readOnly whether the file is in a read-only directory, so that its attributes must not change either
     */
    HostFile(int fd, Ownership ownership, Paths paths, boolean readOnly) {
        this.fd = fd;
        this.paths = paths;
        this.ownership = ownership;
        this.readOnly = readOnly;
    }

    /** A handle on a descriptor whose status is known already. */
    HostFile(int fd, Ownership ownership, Paths paths, boolean readOnly, FileStatus status) {
        this(fd, ownership, paths, readOnly);
        firstStatus = status;
    }

    /** Behaves as on a kernel whose calls cannot refuse to wait for this kind of file; for tests. */
    void lookBeforeLeaping() {
        callsCanRefuseToWait = false;
    }

    private FileStatus firstStatus() {
        if (firstStatus == null) {
            firstStatus = Paths.status(fd);
        }
        return firstStatus;
    }

    private boolean waits() {
        int type = firstStatus().type();
        return type != FileStatus.REGULAR && type != FileStatus.BLOCK_DEVICE;
    }

    @Override
    FileType type() {
        return FileType.of(firstStatus());
    }

    @Override
    FileStatus status() {
        return Paths.status(fd);
    }

    @Override
    boolean isTerminal() {
        return type() == FileType.CHARACTER_DEVICE && Descriptors.isTerminal(fd);
    }

    @Override
    int pollDescriptor() {
        return waits() ? fd : ALWAYS_READY;
    }

    @Override
    long available() {
        try {
            return waits()
                    ? Descriptors.available(fd)
                    : Math.max(0, status().size() - Descriptors.seek(fd, 0, Descriptors.SEEK_CUR));
        } catch (LinuxException e) {
            return 0;
        }
    }

    @Override
    long read(Vectors vectors, boolean nonblocking, Waiter waiter) {
        vectors.prepare();
        long bytes = waits() ? readWaiting(vectors, nonblocking, waiter) : readNow(vectors);
        vectors.scatter(bytes);
        return bytes;
    }

    private long readNow(Vectors vectors) {
        while (true) {
            try {
                return Descriptors.readv(fd, vectors.address(), vectors.count());
            } catch (LinuxException e) {
                rethrowUnlessInterrupted(e);
            }
        }
    }

    private long readWaiting(Vectors vectors, boolean nonblocking, Waiter waiter) {
        while (true) {
            try {
                if (ownership == Ownership.GUEST) {
                    return Descriptors.readv(fd, vectors.address(), vectors.count());
                }
                if (callsCanRefuseToWait) {
                    return Descriptors.readNow(fd, vectors.address(), vectors.count(), Descriptors.CURRENT);
                }
                awaitOrRefuse(Polling.IN, nonblocking, waiter);
                return Descriptors.readv(fd, vectors.address(), vectors.count());
            } catch (LinuxException e) {
                recover(e, Polling.IN, nonblocking, waiter);
            }
        }
    }

    @Override
    long write(Vectors vectors, boolean nonblocking, Waiter waiter) {
        vectors.gather();
        return waits() ? writeWaiting(vectors, nonblocking, waiter) : writeNow(vectors);
    }

    private long writeNow(Vectors vectors) {
        while (true) {
            try {
                return Descriptors.writev(fd, vectors.address(), vectors.count());
            } catch (LinuxException e) {
                rethrowUnlessInterrupted(e);
            }
        }
    }

    private long writeWaiting(Vectors vectors, boolean nonblocking, Waiter waiter) {
        while (true) {
            try {
                if (ownership == Ownership.GUEST) {
                    return Descriptors.writev(fd, vectors.address(), vectors.count());
                }
                if (callsCanRefuseToWait) {
                    return Descriptors.writeNow(fd, vectors.address(), vectors.count(), Descriptors.CURRENT);
                }
                awaitOrRefuse(Polling.OUT, nonblocking, waiter);
                vectors.limit(PIPE_PIECE);
                return Descriptors.writev(fd, vectors.address(), vectors.count());
            } catch (LinuxException e) {
                recover(e, Polling.OUT, nonblocking, waiter);
            }
        }
    }

    /** After a failed attempt: returns if there should be another, throws otherwise. */
    private void recover(LinuxException e, int events, boolean nonblocking, Waiter waiter) {
        switch (e.errno()) {
            case EOPNOTSUPP, ENOSYS, EINVAL -> {
                if (!callsCanRefuseToWait || ownership == Ownership.GUEST) {
                    throw e;
                }
                callsCanRefuseToWait = false;
            }
            default -> waiter.recover(e, fd, events, nonblocking);
        }
    }

    private void awaitOrRefuse(int events, boolean nonblocking, Waiter waiter) {
        if (!nonblocking) {
            waiter.await(fd, events);
            return;
        }
        waiter.reserve(1);
        waiter.put(0, fd, events);
        if (waiter.waitFor(1, 0) == 0) {
            throw Errno.EAGAIN.failure();
        }
    }

    private static void rethrowUnlessInterrupted(LinuxException e) {
        if (e.errno() != dev.skiff.linux.Errno.EINTR) {
            throw e;
        }
    }

    @Override
    long readAt(Vectors vectors, long offset) {
        requireSeekable();
        vectors.prepare();
        long bytes = Descriptors.preadv(fd, vectors.address(), vectors.count(), offset);
        vectors.scatter(bytes);
        return bytes;
    }

    @Override
    long writeAt(Vectors vectors, long offset) {
        requireSeekable();
        vectors.gather();
        return Descriptors.pwritev(fd, vectors.address(), vectors.count(), offset);
    }

    /** Positioned calls on devices could wait, and only files have positions. */
    private void requireSeekable() {
        if (waits()) {
            throw Errno.ESPIPE.failure();
        }
    }

    @Override
    long seek(long offset, int whence) {
        return Descriptors.seek(fd, offset, whence);
    }

    @Override
    void advise(long offset, long length, int advice) {
        Descriptors.advise(fd, offset, length, advice);
    }

    @Override
    void allocate(long offset, long length) {
        requireWritable();
        Descriptors.allocate(fd, offset, length);
    }

    @Override
    void truncate(long size) {
        requireWritable();
        Descriptors.truncate(fd, size);
    }

    @Override
    void setTimes(long accessed, long modified) {
        requireWritable();
        paths.setTimes(fd, accessed, modified);
    }

    private void requireWritable() {
        if (readOnly) {
            throw Errno.EROFS.failure();
        }
    }

    @Override
    void sync() {
        Descriptors.sync(fd);
    }

    @Override
    void syncData() {
        Descriptors.syncData(fd);
    }

    @Override
    void setAppend(boolean append) {
        if (ownership == Ownership.HOST) {
            throw Errno.ENOTSUP.failure();
        }
        int flags = Descriptors.flags(fd);
        Descriptors.setFlags(fd, append ? flags | OpenFlags.APPEND : flags & ~OpenFlags.APPEND);
    }

    @Override
    public void close() {
        if (ownership == Ownership.GUEST) {
            HostDirectory.closeQuietly(fd);
        }
    }
}
