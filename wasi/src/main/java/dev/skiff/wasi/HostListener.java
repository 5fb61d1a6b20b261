package dev.skiff.wasi;

import dev.skiff.linux.FileStatus;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Paths;
import dev.skiff.linux.Polling;
import dev.skiff.linux.Sockets;

/** A listening socket, non-blocking, of which the guest has a descriptor of its own. */
final class HostListener extends Handle {
    private final int fd;

    HostListener(int fd) {
        this.fd = fd;
    }

    @Override
    FileType type() {
        return FileType.SOCKET_STREAM;
    }

    @Override
    FileStatus status() {
        return Paths.status(fd);
    }

    @Override
    int pollDescriptor() {
        return fd;
    }

    /** Takes a connection, waiting for one unless told not to. */
    HostSocket accept(boolean nonblocking, Waiter waiter) {
        while (true) {
            try {
                return new HostSocket(Sockets.accept(fd, Sockets.NONBLOCK | Sockets.CLOSE_ON_EXEC));
            } catch (LinuxException e) {
                switch (e.errno()) {
                    case EINTR, ECONNABORTED -> {}
                    case EAGAIN -> {
                        if (nonblocking) {
                            throw e;
                        }
                        waiter.await(fd, Polling.IN);
                    }
                    default -> throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        HostDirectory.closeQuietly(fd);
    }
}
