package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Memory;
import java.util.Optional;

/** What a descriptor is and may do: the calls on open descriptors that move no bytes. */
final class FdStateCalls {
    /** The kernel's numbers for the type {@code advice}, whose order differs. */
    private static final int[] ADVICE = {
        Descriptors.ADVICE_NORMAL,
        Descriptors.ADVICE_SEQUENTIAL,
        Descriptors.ADVICE_RANDOM,
        Descriptors.ADVICE_WILLNEED,
        Descriptors.ADVICE_DONTNEED,
        Descriptors.ADVICE_NOREUSE
    };

    private FdStateCalls() {}

    private static Descriptor get(Caller caller, int fd) {
        return Guest.wasi(caller).fds().get(fd);
    }

    /** For a call that is about the file, and not only the descriptor. */
    private static Descriptor getForIo(Caller caller, int fd) {
        return Guest.io(caller).fds().get(fd);
    }

    static int fdAdvise(int fd, long offset, long length, int advice, Caller caller) {
        try {
            Descriptor descriptor = getForIo(caller, fd);
            if (advice < 0 || advice >= ADVICE.length || offset < 0 || length < 0) {
                return Errno.EINVAL.code();
            }
            descriptor.require(Rights.FD_ADVISE).handle().advise(offset, length, ADVICE[advice]);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdAllocate(int fd, long offset, long length, Caller caller) {
        try {
            getForIo(caller, fd).asFile(Rights.FD_ALLOCATE).allocate(offset, length);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdDatasync(int fd, Caller caller) {
        try {
            getForIo(caller, fd).require(Rights.FD_DATASYNC).handle().syncData();
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdSync(int fd, Caller caller) {
        try {
            getForIo(caller, fd).require(Rights.FD_SYNC).handle().sync();
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdFdstatGet(int fd, int result, Caller caller) {
        try {
            Memory memory = caller.memory();
            Descriptor descriptor = get(caller, fd);
            Guest.check(memory, result, 24);
            long at = Guest.unsigned(result);
            memory.putLong(at, descriptor.handle().type().code() | (long) descriptor.flags() << 16);
            memory.putLong(at + 8, descriptor.base());
            memory.putLong(at + 16, descriptor.inheriting());
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdFdstatSetFlags(int fd, int flags, Caller caller) {
        try {
            get(caller, fd).require(Rights.FD_FDSTAT_SET_FLAGS).setFlags(flags);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdFdstatSetRights(int fd, long base, long inheriting, Caller caller) {
        try {
            get(caller, fd).shrink(base, inheriting);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdFilestatGet(int fd, int result, Caller caller) {
        try {
            Memory memory = caller.memory();
            Handle handle = getForIo(caller, fd).require(Rights.FD_FILESTAT_GET).handle();
            Guest.check(memory, result, 64);
            Guest.putStatus(memory, result, handle.status(), handle.type());
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdFilestatSetSize(int fd, long size, Caller caller) {
        try {
            getForIo(caller, fd).asFile(Rights.FD_FILESTAT_SET_SIZE).truncate(size);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdFilestatSetTimes(int fd, long accessed, long modified, int flags, Caller caller) {
        try {
            Handle handle =
                    getForIo(caller, fd).require(Rights.FD_FILESTAT_SET_TIMES).handle();
            FileTimes times = FileTimes.of(accessed, modified, flags);
            handle.setTimes(times.accessed(), times.modified());
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    private static byte[] preopenName(Caller caller, int fd) {
        Optional<byte[]> name = get(caller, fd).preopenName();
        if (name.isEmpty()) {
            throw Errno.EBADF.failure();
        }
        return name.get();
    }

    static int fdPrestatGet(int fd, int result, Caller caller) {
        try {
            Memory memory = caller.memory();
            byte[] name = preopenName(caller, fd);
            // Tag 0, a directory, and the length of its name.
            memory.putLong(Guest.unsigned(result), (long) name.length << 32);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int fdPrestatDirName(int fd, int buffer, int length, Caller caller) {
        try {
            byte[] name = preopenName(caller, fd);
            if (Guest.unsigned(length) < name.length) {
                return Errno.ENAMETOOLONG.code();
            }
            caller.memory().write(Guest.unsigned(buffer), name);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }
}
