package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.LinearMemory;
import dev.skiff.wasm.internal.runtime.MemoryImage;
import java.lang.foreign.MemorySegment;

/**
 * A linear memory. Offsets are unsigned 32-bit guest addresses, given as {@code long}; data are little-endian. Belongs to
 * a store: one thread at a time.
 */
public final class Memory implements Extern {
    private final LinearMemory memory;

    Memory(LinearMemory memory) {
        this.memory = memory;
    }

    /**
     * Creates a memory that a linker can offer.
     *
     * @throws LimitException if the store's limits do not allow its first size
     */
    public static Memory create(Store store, MemoryType type) {
        boolean offHeap = store.engine().memoryKind() == MemoryKind.OFF_HEAP;
        return new Memory(MemoryImage.zeros(offHeap).instantiate(type, store.control()));
    }

    @Override
    public MemoryType type() {
        return new MemoryType(new SizeRange(pages(), memory.declaredMax()));
    }

    /** Size in bytes. */
    public long size() {
        return memory.size;
    }

    /** Size in pages of 64 KiB. */
    public long pages() {
        return memory.size >>> 16;
    }

    /**
     * Grows the memory.
     *
     * @param pages how many pages to add; 0 asks for the size
     * @return the size before, in pages, or -1 if the maximum or the store's limit does not allow it
     */
    public long grow(long pages) {
        return memory.grow(pages);
    }

    /** Whether a range lies within the memory. */
    public boolean contains(long offset, long length) {
        return offset >= 0 && length >= 0 && offset <= memory.size - length;
    }

    /**
     * A view of a range; valid until the memory grows or its instance is closed. Native (with an address that can be
     * handed to the system) if the engine keeps memories off-heap.
     *
     * @throws Trap {@link TrapCode#MEMORY_OUT_OF_BOUNDS} if the range is not within the memory
     */
    public MemorySegment segment(long offset, long length) {
        return memory.segment(offset, length);
    }

    /** Whether {@link #segment} gives native segments. */
    public boolean isNative() {
        return memory.heap == null;
    }

    /** Reads an unsigned byte; traps out of bounds. */
    public int getByte(long offset) {
        return memory.getByte(offset);
    }

    /** Writes a byte; traps out of bounds. */
    public void putByte(long offset, int value) {
        memory.putByte(offset, value);
    }

    /** Reads an unsigned 16-bit number; traps out of bounds. */
    public int getShort(long offset) {
        return memory.getShort(offset);
    }

    /** Writes a 16-bit number; traps out of bounds. */
    public void putShort(long offset, int value) {
        memory.putShort(offset, value);
    }

    /** Reads a 32-bit number; traps out of bounds. */
    public int getInt(long offset) {
        return memory.getInt(offset);
    }

    /** Writes a 32-bit number; traps out of bounds. */
    public void putInt(long offset, int value) {
        memory.putInt(offset, value);
    }

    /** Reads a 64-bit number; traps out of bounds. */
    public long getLong(long offset) {
        return memory.getLong(offset);
    }

    /** Writes a 64-bit number; traps out of bounds. */
    public void putLong(long offset, long value) {
        memory.putLong(offset, value);
    }

    /** Copies a range out; traps out of bounds. */
    public byte[] read(long offset, int length) {
        return memory.read(offset, length);
    }

    /** Copies bytes in; traps out of bounds, then nothing is written. */
    public void write(long offset, byte[] bytes) {
        memory.write(offset, bytes, 0, bytes.length);
    }

    LinearMemory memory() {
        return memory;
    }

    /** Whether the other object is the same memory. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Memory that && that.memory == memory;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(memory);
    }
}
