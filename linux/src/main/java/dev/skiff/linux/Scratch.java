package dev.skiff.linux;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A borrowed piece of native memory for strings and structures that a call needs while it runs.
 *
 * <p>A few are kept for reuse. They are owned exclusively while borrowed, not by thread: a virtual thread that is
 * unmounted between filling a buffer and making the call must find its path unchanged.
 */
final class Scratch implements AutoCloseable {
    /** Room for two paths of the longest kind, their zero bytes, and a structure. */
    private static final int SIZE = 3 * 4096;

    private static final AtomicReferenceArray<Scratch> IDLE = new AtomicReferenceArray<>(16);

    private final long base;
    private int used;

    private Scratch() {
        base = Kernel.MEMORY.allocateMemory(SIZE);
    }

    static Scratch borrow() {
        Scratch s = IDLE.getAndSet(slot(), null);
        return s == null ? new Scratch() : s;
    }

    private static int slot() {
        return (int) Thread.currentThread().threadId() & 15;
    }

    /** Reserves bytes, aligned to eight; their content is undefined. */
    long bytes(int count) {
        int start = (used + 7) & -8;
        if (count > SIZE - start) {
            throw new LinuxException(Errno.ENAMETOOLONG.number(), "path");
        }
        used = start + count;
        return base + start;
    }

    /** Reserves zeroed bytes. */
    long zeroed(int count) {
        long address = bytes(count);
        Kernel.MEMORY.setMemory(address, count, (byte) 0);
        return address;
    }

    /**
     * Copies a string as UTF-8 with a zero byte at its end.
     *
     * @throws LinuxException ENAMETOOLONG at 4,096 bytes and more, EINVAL if it contains a zero byte
     */
    long string(String s) {
        return string(s.getBytes(StandardCharsets.UTF_8));
    }

    /** The same for bytes. */
    long string(byte[] utf8) {
        if (utf8.length > 4095) {
            throw new LinuxException(Errno.ENAMETOOLONG.number(), "path");
        }
        long address = bytes(utf8.length + 1);
        for (int i = 0; i < utf8.length; i++) {
            if (utf8[i] == 0) {
                throw new LinuxException(Errno.EINVAL.number(), "path");
            }
            Kernel.MEMORY.putByte(address + i, utf8[i]);
        }
        Kernel.MEMORY.putByte(address + utf8.length, (byte) 0);
        return address;
    }

    @Override
    public void close() {
        used = 0;
        if (!IDLE.compareAndSet(slot(), null, this)) {
            Kernel.MEMORY.freeMemory(base);
        }
    }
}
