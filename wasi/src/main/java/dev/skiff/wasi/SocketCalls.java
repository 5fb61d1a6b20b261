package dev.skiff.wasi;

import dev.skiff.linux.Sockets;
import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Memory;

/** The calls on sockets, all of which were listening or accepted. */
final class SocketCalls {
    private static final int RECEIVE_PEEK = 1;
    private static final int RECEIVE_WAIT_ALL = 2;
    private static final int DATA_TRUNCATED = 1;
    private static final int SHUT_READ = 1;
    private static final int SHUT_WRITE = 2;

    private SocketCalls() {}

    private static HostSocket connection(Descriptor descriptor, long rights) {
        return switch (descriptor.handle()) {
            case HostSocket socket -> {
                descriptor.require(rights);
                yield socket;
            }
            case HostListener listener -> throw Errno.ENOTCONN.failure();
            default -> throw Errno.ENOTSOCK.failure();
        };
    }

    static int sockAccept(int fd, int fdflags, int result, Caller caller) {
        try {
            Wasi wasi = Guest.io(caller);
            Memory memory = caller.memory();
            Descriptor descriptor = wasi.fds().get(fd);
            Guest.check(memory, result, 4);
            if ((fdflags & ~FdFlags.NONBLOCK) != 0) {
                return Errno.EINVAL.code();
            }
            HostListener listener = switch (descriptor.handle()) {
                case HostListener l -> l;
                case HostSocket s -> throw Errno.EINVAL.failure();
                default -> throw Errno.ENOTSOCK.failure();
            };
            descriptor.require(Rights.SOCK_ACCEPT);
            wasi.fds().requireRoom();
            HostSocket socket = listener.accept(descriptor.nonblocking(), wasi.waiter());
            long rights = Rights.CONNECTION & descriptor.inheriting();
            int accepted = wasi.fds().add(new Descriptor(socket, rights, Rights.NONE, fdflags));
            memory.putInt(Guest.unsigned(result), accepted);
            return 0;
        } catch (RuntimeException e) {
            return Guest.codeOf(e, caller);
        }
    }

    static int sockRecv(int fd, int list, int count, int flags, int bytesResult, int flagsResult, Caller caller) {
        try {
            Wasi wasi = Guest.io(caller);
            Memory memory = caller.memory();
            Descriptor descriptor = wasi.fds().get(fd);
            HostSocket socket = connection(descriptor, Rights.FD_READ);
            if ((flags & ~(RECEIVE_PEEK | RECEIVE_WAIT_ALL)) != 0) {
                return Errno.EINVAL.code();
            }
            wasi.vectors().load(memory, list, count);
            Guest.check(memory, bytesResult, 4);
            Guest.check(memory, flagsResult, 2);
            int kernelFlags = ((flags & RECEIVE_PEEK) != 0 ? Sockets.PEEK : 0)
                    | ((flags & RECEIVE_WAIT_ALL) != 0 ? Sockets.WAIT_ALL : 0);
            Sockets.Received received =
                    socket.receive(wasi.vectors(), kernelFlags, descriptor.nonblocking(), wasi.waiter());
            wasi.throttle().charge(received.bytes());
            memory.putInt(Guest.unsigned(bytesResult), (int) received.bytes());
            boolean truncated = (received.flags() & Sockets.TRUNCATED) != 0;
            memory.putShort(Guest.unsigned(flagsResult), truncated ? DATA_TRUNCATED : 0);
            return 0;
        } catch (RuntimeException e) {
            return Guest.codeOf(e, caller);
        }
    }

    static int sockSend(int fd, int list, int count, int flags, int result, Caller caller) {
        try {
            Wasi wasi = Guest.io(caller);
            Memory memory = caller.memory();
            Descriptor descriptor = wasi.fds().get(fd);
            HostSocket socket = connection(descriptor, Rights.FD_WRITE);
            if (flags != 0) {
                return Errno.EINVAL.code();
            }
            wasi.vectors().load(memory, list, count);
            Guest.check(memory, result, 4);
            long bytes = socket.write(wasi.vectors(), descriptor.nonblocking(), wasi.waiter());
            wasi.throttle().charge(bytes);
            memory.putInt(Guest.unsigned(result), (int) bytes);
            return 0;
        } catch (RuntimeException e) {
            return Guest.codeOf(e, caller);
        }
    }

    static int sockShutdown(int fd, int how, Caller caller) {
        try {
            HostSocket socket = connection(Guest.wasi(caller).fds().get(fd), Rights.SOCK_SHUTDOWN);
            int direction = switch (how) {
                case SHUT_READ -> Sockets.SHUT_READ;
                case SHUT_WRITE -> Sockets.SHUT_WRITE;
                case SHUT_READ | SHUT_WRITE -> Sockets.SHUT_BOTH;
                default -> throw Errno.EINVAL.failure();
            };
            socket.shutdown(direction);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }
}
