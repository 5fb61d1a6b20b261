package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileStatus;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Paths;
import dev.skiff.wasm.Memory;

/** A directory of the host. */
final class HostDirectory extends Handle {
    private final Directory directory;

    HostDirectory(Directory directory) {
        this.directory = directory;
    }

    Directory directory() {
        return directory;
    }

    @Override
    FileType type() {
        return FileType.DIRECTORY;
    }

    @Override
    FileStatus status() {
        return Paths.status(directory.fd());
    }

    @Override
    long read(Vectors vectors, boolean nonblocking, Waiter waiter) {
        throw Errno.EISDIR.failure();
    }

    @Override
    long write(Vectors vectors, boolean nonblocking, Waiter waiter) {
        throw Errno.EISDIR.failure();
    }

    @Override
    long readAt(Vectors vectors, long offset) {
        throw Errno.EISDIR.failure();
    }

    @Override
    long writeAt(Vectors vectors, long offset) {
        throw Errno.EISDIR.failure();
    }

    @Override
    long seek(long offset, int whence) {
        throw Errno.EISDIR.failure();
    }

    @Override
    void advise(long offset, long length, int advice) {
        throw Errno.EBADF.failure();
    }

    @Override
    void truncate(long size) {
        throw Errno.EISDIR.failure();
    }

    @Override
    void setTimes(long accessed, long modified) {
        directory.setTimes(accessed, modified);
    }

    @Override
    void sync() {
        Descriptors.sync(directory.fd());
    }

    @Override
    void syncData() {
        Descriptors.syncData(directory.fd());
    }

    /** Reads entries into a guest's buffer, see {@link DirectoryReader}. */
    int readEntries(Lifetime lifetime, Memory memory, long pointer, long length, long cookie) {
        try (DirectoryReader reader = new DirectoryReader(directory, lifetime, memory, pointer, length)) {
            return reader.read(cookie);
        }
    }

    @Override
    public void close() {
        closeQuietly(directory.fd());
    }

    static void closeQuietly(int fd) {
        try {
            Descriptors.close(fd);
        } catch (LinuxException e) {
            // The descriptor is free either way; a late write error has no one to go to.
        }
    }
}
