package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Polling;
import dev.skiff.linux.Sockets;

/** A connected socket. */
final class HostSocket extends SocketHandle {
    HostSocket(int fd) {
        super(fd);
    }

    @Override
    long available() {
        try {
            return Descriptors.available(fd);
        } catch (LinuxException e) {
            return 0;
        }
    }

    @Override
    long read(Vectors vectors, boolean nonblocking, Waiter waiter) {
        return receive(vectors, 0, nonblocking, waiter).bytes();
    }

    /** Receives with {@link Sockets#PEEK} or {@link Sockets#WAIT_ALL}, which does not apply to peeking. */
    Sockets.Received receive(Vectors vectors, int flags, boolean nonblocking, Waiter waiter) {
        vectors.prepare();
        boolean all = flags == Sockets.WAIT_ALL && !nonblocking;
        Sockets.Received received = receiveSome(vectors, flags & Sockets.PEEK, nonblocking, waiter);
        long bytes = received.bytes();
        long last = bytes;
        while (all && last > 0 && last < vectors.total()) {
            vectors.advance(last);
            last = receiveMore(vectors, waiter);
            bytes += last;
        }
        vectors.scatter(bytes);
        return new Sockets.Received(bytes, received.flags());
    }

    /** 0 if there is a signal before anything else: what was received already is the answer then. */
    private long receiveMore(Vectors vectors, Waiter waiter) {
        try {
            return receiveSome(vectors, 0, false, waiter).bytes();
        } catch (Failure e) {
            if (e.errno() == Errno.EINTR) {
                return 0;
            }
            throw e;
        }
    }

    private Sockets.Received receiveSome(Vectors vectors, int flags, boolean nonblocking, Waiter waiter) {
        while (true) {
            try {
                return Sockets.receive(fd, vectors.address(), vectors.count(), flags);
            } catch (LinuxException e) {
                waiter.recover(e, fd, Polling.IN, nonblocking);
            }
        }
    }

    @Override
    long write(Vectors vectors, boolean nonblocking, Waiter waiter) {
        vectors.gather();
        while (true) {
            try {
                return Sockets.send(fd, vectors.address(), vectors.count(), Sockets.NO_SIGNAL);
            } catch (LinuxException e) {
                waiter.recover(e, fd, Polling.OUT, nonblocking);
            }
        }
    }

    /** Ends directions of the connection, {@link Sockets#SHUT_READ} and the like. */
    void shutdown(int direction) {
        Sockets.shutdown(fd, direction);
    }
}
