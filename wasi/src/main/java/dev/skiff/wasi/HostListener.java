package dev.skiff.wasi;

import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Polling;
import dev.skiff.linux.Sockets;

/** A listening socket. */
final class HostListener extends SocketHandle {
    HostListener(int fd) {
        super(fd);
    }

    /** Takes a connection, waiting for one unless told not to. */
    HostSocket accept(boolean nonblocking, Waiter waiter) {
        while (true) {
            try {
                return new HostSocket(Sockets.accept(fd, Sockets.NONBLOCK | Sockets.CLOSE_ON_EXEC));
            } catch (LinuxException e) {
                if (e.errno() != dev.skiff.linux.Errno.ECONNABORTED) {
                    waiter.recover(e, fd, Polling.IN, nonblocking);
                }
            }
        }
    }
}
