package dev.skiff.linux;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Sockets over IPv4 and IPv6, as file descriptors. All methods throw {@link LinuxException} if the kernel refuses.
 * Descriptors are closed with {@link Descriptors#close}.
 */
public final class Sockets {
    /** Address family: IPv4. */
    public static final int INET = 2;
    /** Address family: IPv6. */
    public static final int INET6 = 10;
    /** Type: a stream of bytes (TCP). */
    public static final int STREAM = 1;
    /** Type: datagrams (UDP). */
    public static final int DATAGRAM = 2;
    /** Flag of {@link #open} and {@link #accept}: calls do not wait. */
    public static final int NONBLOCK = 0x800;
    /** Flag of {@link #open} and {@link #accept}: close on exec. */
    public static final int CLOSE_ON_EXEC = 0x80000;

    /** Flag of {@link #receive}: leave the data in the queue. */
    public static final int PEEK = 0x2;
    /** Flag of {@link #receive}, and of its answer: a datagram was longer than the buffers. */
    public static final int TRUNCATED = 0x20;
    /** Flag: do not wait, EAGAIN instead. */
    public static final int DONT_WAIT = 0x40;
    /** Flag of {@link #receive}: wait until all buffers are full. */
    public static final int WAIT_ALL = 0x100;
    /** Flag of {@link #send}: EPIPE without the signal. */
    public static final int NO_SIGNAL = 0x4000;

    /** Direction for {@link #shutdown}: receive no more. */
    public static final int SHUT_READ = 0;
    /** Direction for {@link #shutdown}: send no more. */
    public static final int SHUT_WRITE = 1;
    /** Direction for {@link #shutdown}: neither. */
    public static final int SHUT_BOTH = 2;

    /** Option level: the socket itself. */
    public static final int LEVEL_SOCKET = 1;
    /** Option level: TCP. */
    public static final int LEVEL_TCP = 6;
    /** Option level: IPv6. */
    public static final int LEVEL_IPV6 = 41;
    /** Option of {@link #LEVEL_SOCKET}: bind although old connections linger. */
    public static final int REUSE_ADDRESS = 2;
    /** Option of {@link #LEVEL_SOCKET}: the socket's type. */
    public static final int TYPE = 3;
    /** Option of {@link #LEVEL_SOCKET}: whether it listens. */
    public static final int ACCEPTS_CONNECTIONS = 30;
    /** Option of {@link #LEVEL_TCP}: send small pieces at once. */
    public static final int NO_DELAY = 1;
    /** Option of {@link #LEVEL_IPV6}: no IPv4 through this socket. */
    public static final int V6_ONLY = 26;

    private static final int SOCKADDR_SIZE = 28;

    private Sockets() {}

    /** Makes a socket: socket(2). */
    public static int open(int family, int type) {
        return (int) Kernel.call("socket", Sys.SOCKET, family, type, 0);
    }

    /** Two connected local sockets: socketpair(2), AF_UNIX. */
    public static Pair pair(int type) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(8);
            Kernel.call("socketpair", Sys.SOCKETPAIR, 1, type, 0, at);
            return new Pair(Kernel.MEMORY.getInt(at), Kernel.MEMORY.getInt(at + 4));
        }
    }

    /** Gives a socket an address: bind(2). The family of the address must be the socket's. */
    public static void bind(int fd, InetSocketAddress address) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(SOCKADDR_SIZE);
            Kernel.call("bind", Sys.BIND, fd, at, put(at, address));
        }
    }

    /** Connects a socket: connect(2). EINPROGRESS if it does not wait. */
    public static void connect(int fd, InetSocketAddress address) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(SOCKADDR_SIZE);
            Kernel.call("connect", Sys.CONNECT, fd, at, put(at, address));
        }
    }

    /** Starts to listen: listen(2). */
    public static void listen(int fd, int backlog) {
        Kernel.call("listen", Sys.LISTEN, fd, backlog);
    }

    /**
     * Takes a connection that waits: accept4(2).
     *
     * @param flags {@link #NONBLOCK}, {@link #CLOSE_ON_EXEC}
     * @return the connection's file descriptor
     */
    public static int accept(int fd, int flags) {
        return (int) Kernel.call("accept4", Sys.ACCEPT4, fd, 0, 0, flags);
    }

    /**
     * Receives into several buffers: recvmsg(2).
     *
     * @param vectors address of the array of buffers, see {@link Descriptors}
     * @param count number of buffers
     * @return bytes received (0 when the other side has finished), and flags
     */
    public static Received receive(int fd, long vectors, int count, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            long message = message(scratch, vectors, count);
            long bytes = Kernel.call("recvmsg", Sys.RECVMSG, fd, message, flags);
            return new Received(bytes, Kernel.MEMORY.getInt(message + 48));
        }
    }

    /**
     * Sends from several buffers: sendmsg(2).
     *
     * @param vectors address of the array of buffers, see {@link Descriptors}
     * @param count number of buffers
     * @return bytes sent
     */
    public static long send(int fd, long vectors, int count, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            return Kernel.call("sendmsg", Sys.SENDMSG, fd, message(scratch, vectors, count), flags);
        }
    }

    private static long message(Scratch scratch, long vectors, int count) {
        long message = scratch.zeroed(56);
        Kernel.MEMORY.putLong(message + 16, vectors);
        Kernel.MEMORY.putLong(message + 24, count);
        return message;
    }

    /** Ends one direction of a connection, or both: shutdown(2). */
    public static void shutdown(int fd, int direction) {
        Kernel.call("shutdown", Sys.SHUTDOWN, fd, direction);
    }

    /** Sets an option that is a number: setsockopt(2). */
    public static void setOption(int fd, int level, int option, int value) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.bytes(4);
            Kernel.MEMORY.putInt(at, value);
            Kernel.call("setsockopt", Sys.SETSOCKOPT, fd, level, option, at, 4, 0);
        }
    }

    /** Reads an option that is a number: getsockopt(2). */
    public static int option(int fd, int level, int option) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(16);
            Kernel.MEMORY.putInt(at + 8, 4);
            Kernel.call("getsockopt", Sys.GETSOCKOPT, fd, level, option, at, at + 8, 0);
            return Kernel.MEMORY.getInt(at);
        }
    }

    /** The address that a socket is bound to: getsockname(2). EAFNOSUPPORT if it is neither IPv4 nor IPv6. */
    public static InetSocketAddress localAddress(int fd) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(SOCKADDR_SIZE);
            long length = scratch.bytes(4);
            Kernel.MEMORY.putInt(length, SOCKADDR_SIZE);
            Kernel.call("getsockname", Sys.GETSOCKNAME, fd, at, length);
            return get(at);
        }
    }

    private static int put(long at, InetSocketAddress address) {
        InetAddress host = address.getAddress();
        if (host == null) {
            throw new LinuxException(Errno.EADDRNOTAVAIL.number(), "resolve", address.getHostString());
        }
        byte[] bytes = host.getAddress();
        boolean v6 = host instanceof Inet6Address;
        Kernel.MEMORY.putShort(at, (short) (v6 ? INET6 : INET));
        Kernel.MEMORY.putShort(at + 2, Short.reverseBytes((short) address.getPort()));
        NativeMemory.write(bytes, 0, bytes.length, v6 ? at + 8 : at + 4);
        if (host instanceof Inet6Address six) {
            Kernel.MEMORY.putInt(at + 24, six.getScopeId());
        }
        return v6 ? SOCKADDR_SIZE : 16;
    }

    private static InetSocketAddress get(long at) {
        int family = Kernel.MEMORY.getShort(at);
        int port = Short.toUnsignedInt(Short.reverseBytes(Kernel.MEMORY.getShort(at + 2)));
        if (family != INET && family != INET6) {
            throw new LinuxException(Errno.EAFNOSUPPORT.number(), "getsockname");
        }
        byte[] bytes = new byte[family == INET ? 4 : 16];
        NativeMemory.read(family == INET ? at + 4 : at + 8, bytes, 0, bytes.length);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 bytes is one", e);
        }
    }

    /**
     * Two connected sockets.
     *
     * @param first one end
     * @param second the other end
     */
    public record Pair(int first, int second) {}

    /**
     * An answer of {@link #receive}.
     *
     * @param bytes how many were received
     * @param flags {@link #TRUNCATED} and others of the kernel
     */
    public record Received(long bytes, int flags) {}
}
