package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.NativeMemory;
import dev.skiff.wasm.Memory;
import java.lang.foreign.MemorySegment;

/**
 * The guest's list of buffers, made into the kernel's. Where the guest's memory has addresses the kernel works on it
 * directly; otherwise the bytes pass through a buffer, at most 64 KiB in a call. One for a guest, used for one call at
 * a time.
 */
final class Vectors implements AutoCloseable {
    /** Bytes in one entry of the guest's list: pointer and length. */
    private static final int GUEST_ENTRY = 8;

    private static final int BOUNCE = 65_536;
    private static final int FEW = 8;

    private final long most;
    private long vectors;
    private int capacity;
    private int count;
    private long total;

    private long bounce;
    private Memory memory;
    private long list;

    /**
     * Without a list yet.
     *
     * @param most bytes in a call; what is under way in the kernel cannot be stopped
     */
    Vectors(long most) {
        this.most = most;
    }

    /**
     * Takes the guest's list. Beyond 1,024 buffers, which is the kernel's limit, and beyond the most bytes the rest is left for
     * the next call.
     *
     * @throws Failure EFAULT if the list or a buffer is not within the memory
     */
    void load(Memory memory, int listPointer, int entries) {
        long at = Integer.toUnsignedLong(listPointer);
        long given = Integer.toUnsignedLong(entries);
        if (!memory.contains(at, given * GUEST_ENTRY)) {
            throw Errno.EFAULT.failure();
        }
        this.memory = memory;
        list = at;
        count = (int) Math.min(given, Descriptors.IOVEC_MAX);
        reserve();
        total = 0;
        long base = memory.isNative() ? memory.segment(0, memory.size()).address() : 0;
        for (int i = 0; i < count; i++) {
            long pointer = Integer.toUnsignedLong(memory.getInt(at + (long) i * GUEST_ENTRY));
            long length = Integer.toUnsignedLong(memory.getInt(at + (long) i * GUEST_ENTRY + 4));
            if (!memory.contains(pointer, length)) {
                throw Errno.EFAULT.failure();
            }
            long usable = Math.min(length, most - total);
            putVector(i, base + pointer, usable);
            total += usable;
        }
    }

    private void reserve() {
        if (count > capacity || capacity == 0) {
            NativeMemory.free(vectors);
            capacity = count <= FEW ? FEW : Descriptors.IOVEC_MAX;
            vectors = NativeMemory.allocate((long) capacity * Descriptors.IOVEC_SIZE);
        }
    }

    private void putVector(int index, long address, long length) {
        long at = vectors + (long) index * Descriptors.IOVEC_SIZE;
        NativeMemory.putLong(at, address);
        NativeMemory.putLong(at + 8, length);
    }

    /** Makes the buffers ready to be written from. */
    void gather() {
        if (memory.isNative()) {
            return;
        }
        long room = useBounce();
        long filled = 0;
        for (long i = list; filled < room; i += GUEST_ENTRY) {
            long length = Math.min(Integer.toUnsignedLong(memory.getInt(i + 4)), room - filled);
            MemorySegment.copy(
                    bytesOf(i, length), 0, MemorySegment.ofAddress(bounce).reinterpret(BOUNCE), filled, length);
            filled += length;
        }
    }

    /** Makes the buffers ready to be read into. */
    void prepare() {
        if (!memory.isNative()) {
            useBounce();
        }
    }

    /** Brings bytes that were read to where the guest wants them. */
    void scatter(long bytes) {
        if (memory.isNative()) {
            return;
        }
        long done = 0;
        for (long i = list; done < bytes; i += GUEST_ENTRY) {
            long length = Math.min(Integer.toUnsignedLong(memory.getInt(i + 4)), bytes - done);
            MemorySegment.copy(
                    MemorySegment.ofAddress(bounce).reinterpret(BOUNCE), done, bytesOf(i, length), 0, length);
            done += length;
        }
    }

    private MemorySegment bytesOf(long entry, long length) {
        return memory.segment(Integer.toUnsignedLong(memory.getInt(entry)), length);
    }

    private long useBounce() {
        if (bounce == 0) {
            bounce = NativeMemory.allocate(BOUNCE);
        }
        total = Math.min(total, BOUNCE);
        count = 1;
        putVector(0, bounce, total);
        return total;
    }

    /** Address of the kernel's list of buffers. */
    long address() {
        return vectors;
    }

    /** Number of buffers in the kernel's list. */
    int count() {
        return count;
    }

    /** Bytes in all buffers. */
    long total() {
        return total;
    }

    /** Cuts the list down to a part of its first buffer that is not empty. */
    void limit(int bytes) {
        for (int i = 0; i < count; i++) {
            long at = vectors + (long) i * Descriptors.IOVEC_SIZE;
            long length = NativeMemory.getLong(at + 8);
            if (length > 0) {
                putVector(0, NativeMemory.getLong(at), Math.min(length, bytes));
                count = 1;
                return;
            }
        }
    }

    /**
     * Takes bytes that were read off the front of the list; {@link #scatter} is still told of all of them at the end.
     */
    void advance(long bytes) {
        total -= bytes;
        long rest = bytes;
        for (int i = 0; i < count && rest > 0; i++) {
            long at = vectors + (long) i * Descriptors.IOVEC_SIZE;
            long part = Math.min(rest, NativeMemory.getLong(at + 8));
            putVector(i, NativeMemory.getLong(at) + part, NativeMemory.getLong(at + 8) - part);
            rest -= part;
        }
    }

    /** Copies the bytes to be written into an array. */
    byte[] toBytes(int limit) {
        byte[] bytes = new byte[(int) Math.min(total, limit)];
        int filled = 0;
        for (int i = 0; i < count && filled < bytes.length; i++) {
            long at = vectors + (long) i * Descriptors.IOVEC_SIZE;
            int length = (int) Math.min(NativeMemory.getLong(at + 8), bytes.length - filled);
            NativeMemory.read(NativeMemory.getLong(at), bytes, filled, length);
            filled += length;
        }
        return bytes;
    }

    /** Copies bytes that were read to the buffers, as far as there is room. */
    void fromBytes(byte[] bytes, int length) {
        int done = 0;
        for (int i = 0; i < count && done < length; i++) {
            long at = vectors + (long) i * Descriptors.IOVEC_SIZE;
            int part = (int) Math.min(NativeMemory.getLong(at + 8), length - done);
            NativeMemory.write(bytes, done, part, NativeMemory.getLong(at));
            done += part;
        }
    }

    @Override
    public void close() {
        NativeMemory.free(vectors);
        NativeMemory.free(bounce);
        vectors = 0;
        bounce = 0;
        capacity = 0;
    }
}
