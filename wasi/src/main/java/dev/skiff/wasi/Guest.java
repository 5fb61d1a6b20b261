package dev.skiff.wasi;

import dev.skiff.linux.FileStatus;
import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Memory;

/** The guest's side of a call: its state, and values in its memory. Pointers and lengths are unsigned. */
final class Guest {
    private Guest() {}

    /** The guest's state. Each call asks for it once, before anything else: signals that wait are delivered here. */
    static Wasi wasi(Caller caller) {
        Wasi wasi = caller.store().data(Wasi.class);
        wasi.signals().begin();
        return wasi;
    }

    /** The same for a call that reads, writes, looks for or changes something: it waits for its turn where that is limited. */
    static Wasi io(Caller caller) {
        Wasi wasi = wasi(caller);
        wasi.throttle().admit(wasi.waiter());
        return wasi;
    }

    /**
     * The code for whatever was thrown in a call that may wait, as {@link Errno#codeOf}; a signal that ended the wait is delivered, now that nothing of
     * the call is used any more.
     */
    static int codeOf(RuntimeException thrown, Caller caller) {
        int code = Errno.codeOf(thrown);
        if (code == Errno.EINTR.code()) {
            try {
                caller.store().data(Wasi.class).signals().deliver();
            } catch (HandlerFailure e) {
                throw e.thrown();
            }
        }
        return code;
    }

    static long unsigned(int pointer) {
        return Integer.toUnsignedLong(pointer);
    }

    /**
     * Checks a range that will be written after something has been done that cannot be undone.
     *
     * @throws Failure EFAULT if it is not within the memory
     */
    static void check(Memory memory, int pointer, long length) {
        if (!memory.contains(unsigned(pointer), length)) {
            throw Errno.EFAULT.failure();
        }
    }

    /** A path in the memory. */
    static GuestPath path(Memory memory, int pointer, int length) {
        return GuestPath.of(text(memory, pointer, length));
    }

    /**
     * Bytes in the memory that make a path or the text of a link.
     *
     * @throws Failure EFAULT; ENAMETOOLONG for 4,096 bytes and more; EINVAL for a zero byte
     */
    static byte[] text(Memory memory, int pointer, int length) {
        check(memory, pointer, unsigned(length));
        if (unsigned(length) > 4_095) {
            throw Errno.ENAMETOOLONG.failure();
        }
        byte[] bytes = memory.read(unsigned(pointer), length);
        for (byte b : bytes) {
            if (b == 0) {
                throw Errno.EINVAL.failure();
            }
        }
        return bytes;
    }

    /** Writes the type {@code filestat}, 64 bytes. */
    static void putStatus(Memory memory, int pointer, FileStatus status, FileType type) {
        long at = unsigned(pointer);
        memory.putLong(at, status.device());
        memory.putLong(at + 8, status.inode());
        memory.putLong(at + 16, type.code());
        memory.putLong(at + 24, status.links());
        memory.putLong(at + 32, status.size());
        memory.putLong(at + 40, status.accessed());
        memory.putLong(at + 48, status.modified());
        memory.putLong(at + 56, status.changed());
    }
}
