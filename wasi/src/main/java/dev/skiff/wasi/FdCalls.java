package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Memory;

/**
 * Reading, writing and positions: the calls of the hot path on open descriptors. {@link FdStateCalls} has the others.
 */
final class FdCalls {
    /** The type {@code whence}: its values are the kernel's. */
    private static final int LAST_WHENCE = Descriptors.SEEK_END;

    private FdCalls() {}

    static int fdRead(int fd, int list, int count, int result, Caller caller) {
        try {
            Wasi wasi = Guest.io(caller);
            Memory memory = caller.memory();
            Descriptor descriptor = wasi.fds().get(fd);
            Handle handle = descriptor.asFile(Rights.FD_READ);
            wasi.vectors().load(memory, list, count);
            Guest.check(memory, result, 4);
            long bytes = wasi.vectors().total() == 0
                    ? 0
                    : handle.read(wasi.vectors(), descriptor.nonblocking(), wasi.waiter());
            wasi.throttle().charge(bytes);
            memory.putInt(Guest.unsigned(result), (int) bytes);
            return 0;
        } catch (RuntimeException e) {
            return Guest.codeOf(e, caller);
        }
    }

    static int fdWrite(int fd, int list, int count, int result, Caller caller) {
        try {
            Wasi wasi = Guest.io(caller);
            Memory memory = caller.memory();
            Descriptor descriptor = wasi.fds().get(fd);
            Handle handle = descriptor.asFile(Rights.FD_WRITE);
            wasi.vectors().load(memory, list, count);
            Guest.check(memory, result, 4);
            long bytes = handle.write(wasi.vectors(), descriptor.nonblocking(), wasi.waiter());
            wasi.throttle().charge(bytes);
            memory.putInt(Guest.unsigned(result), (int) bytes);
            return 0;
        } catch (RuntimeException e) {
            return Guest.codeOf(e, caller);
        }
    }

    static int fdPread(int fd, int list, int count, long offset, int result, Caller caller) {
        try {
            Wasi wasi = Guest.io(caller);
            Memory memory = caller.memory();
            Handle handle = wasi.fds().get(fd).asFile(Rights.FD_READ | Rights.FD_SEEK);
            wasi.vectors().load(memory, list, count);
            Guest.check(memory, result, 4);
            long bytes = handle.readAt(wasi.vectors(), offset);
            wasi.throttle().charge(bytes);
            memory.putInt(Guest.unsigned(result), (int) bytes);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdPwrite(int fd, int list, int count, long offset, int result, Caller caller) {
        try {
            Wasi wasi = Guest.io(caller);
            Memory memory = caller.memory();
            Handle handle = wasi.fds().get(fd).asFile(Rights.FD_WRITE | Rights.FD_SEEK);
            wasi.vectors().load(memory, list, count);
            Guest.check(memory, result, 4);
            long bytes = handle.writeAt(wasi.vectors(), offset);
            wasi.throttle().charge(bytes);
            memory.putInt(Guest.unsigned(result), (int) bytes);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdSeek(int fd, long offset, int whence, int result, Caller caller) {
        try {
            FdTable fds = Guest.wasi(caller).fds();
            if (whence < 0 || whence > LAST_WHENCE) {
                return Errno.EINVAL.code();
            }
            boolean tells = offset == 0 && whence == Descriptors.SEEK_CUR;
            long right = tells ? Rights.FD_TELL : Rights.FD_SEEK;
            return seek(caller.memory(), fds.get(fd), offset, whence, right, result);
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdTell(int fd, int result, Caller caller) {
        try {
            Descriptor descriptor = Guest.wasi(caller).fds().get(fd);
            return seek(caller.memory(), descriptor, 0, Descriptors.SEEK_CUR, Rights.FD_TELL, result);
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    private static int seek(Memory memory, Descriptor descriptor, long offset, int whence, long right, int result) {
        // To move is more than to tell.
        Handle handle = descriptor.asFile(descriptor.has(Rights.FD_SEEK) ? Rights.FD_SEEK : right);
        Guest.check(memory, result, 8);
        memory.putLong(Guest.unsigned(result), handle.seek(offset, whence));
        return 0;
    }

    static int fdReaddir(int fd, int buffer, int length, long cookie, int result, Caller caller) {
        try {
            Memory memory = caller.memory();
            Wasi wasi = Guest.io(caller);
            Descriptor descriptor = wasi.fds().get(fd);
            HostDirectory directory = descriptor.asDirectory();
            descriptor.require(Rights.FD_READDIR);
            long room = Guest.unsigned(length);
            Guest.check(memory, buffer, room);
            Guest.check(memory, result, 4);
            int used = directory.readEntries(wasi.lifetime(), memory, Guest.unsigned(buffer), room, cookie);
            wasi.throttle().charge(used);
            memory.putInt(Guest.unsigned(result), used);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdClose(int fd, Caller caller) {
        try {
            Guest.wasi(caller).fds().close(fd);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdRenumber(int from, int to, Caller caller) {
        try {
            Guest.wasi(caller).fds().renumber(from, to);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }
}
