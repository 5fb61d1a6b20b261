package dev.skiff.wasi;

import dev.skiff.linux.FileStatus;
import dev.skiff.linux.Paths;

/** A stream socket, non-blocking, of which the guest has a descriptor of its own. */
abstract sealed class SocketHandle extends Handle permits HostSocket, HostListener {
    final int fd;

    SocketHandle(int fd) {
        this.fd = fd;
    }

    @Override
    final FileType type() {
        return FileType.SOCKET_STREAM;
    }

    @Override
    final FileStatus status() {
        return Paths.status(fd);
    }

    @Override
    final int pollDescriptor() {
        return fd;
    }

    @Override
    public final void close() {
        HostDirectory.closeQuietly(fd);
    }
}
