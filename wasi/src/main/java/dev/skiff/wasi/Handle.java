package dev.skiff.wasi;

import dev.skiff.linux.FileStatus;

/**
 * What stands behind a guest's descriptor. A kind of handle overrides what it can do; the rest answers the error that
 * is right for it. Belongs to the guest's thread.
 */
abstract sealed class Handle implements AutoCloseable
        permits HostFile, HostDirectory, SocketHandle, StreamInput, StreamOutput {
    /** Waits for nothing: the answer of {@link #pollDescriptor} of what is always ready. */
    static final int ALWAYS_READY = -1;

    private static final FileStatus NOTHING_KNOWN = new FileStatus(0, 0, 0, 1, 0, 0, 0, 0);

    /** The type that the guest sees. */
    abstract FileType type();

    /** What is known of the file. */
    FileStatus status() {
        return NOTHING_KNOWN;
    }

    /** Whether it is a terminal. */
    boolean isTerminal() {
        return false;
    }

    /** Descriptor of the host whose readiness is that of this handle, or {@link #ALWAYS_READY}. */
    int pollDescriptor() {
        return ALWAYS_READY;
    }

    /** Bytes that can be read without waiting, as far as that is known. */
    long available() {
        return 0;
    }

    /** Reads where the handle stands; 0 at the end. */
    long read(Vectors vectors, boolean nonblocking, Waiter waiter) {
        throw Errno.EBADF.failure();
    }

    /** Writes where the handle stands. */
    long write(Vectors vectors, boolean nonblocking, Waiter waiter) {
        throw Errno.EBADF.failure();
    }

    /** Reads at a position; 0 at the end. */
    long readAt(Vectors vectors, long offset) {
        throw Errno.ESPIPE.failure();
    }

    /** Writes at a position. */
    long writeAt(Vectors vectors, long offset) {
        throw Errno.ESPIPE.failure();
    }

    /** Moves the position; whence is the kernel's. */
    long seek(long offset, int whence) {
        throw Errno.ESPIPE.failure();
    }

    void advise(long offset, long length, int advice) {
        throw Errno.ESPIPE.failure();
    }

    void allocate(long offset, long length) {
        throw Errno.EBADF.failure();
    }

    void truncate(long size) {
        throw Errno.EINVAL.failure();
    }

    void setTimes(long accessed, long modified) {
        throw Errno.EINVAL.failure();
    }

    void sync() {
        throw Errno.EINVAL.failure();
    }

    void syncData() {
        throw Errno.EINVAL.failure();
    }

    /** Makes every write go to the end, or no longer. */
    void setAppend(boolean append) {
        throw Errno.ENOTSUP.failure();
    }

    /** Gives back what the handle holds of the host. Never throws: errors of earlier writes are not for the closer. */
    @Override
    public void close() {}
}
