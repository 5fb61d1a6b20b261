package dev.skiff.linux;

import java.util.Objects;
import jdk.internal.misc.Unsafe;

/**
 * Reads and writes memory outside the Java heap by address, in the machine's byte order (little-endian on both).
 *
 * <p>Nothing is checked: a wrong address ends the process. Meant for buffers and structures that are handed to the
 * system, by code that knows where they end. Thread-safe as memory is.
 */
public final class NativeMemory {
    private NativeMemory() {}

    /** Allocates bytes with undefined content, aligned to sixteen; {@link #free} gives them back. */
    public static long allocate(long bytes) {
        return Kernel.MEMORY.allocateMemory(bytes);
    }

    /** Frees what {@link #allocate} gave; 0 is ignored. */
    public static void free(long address) {
        if (address != 0) {
            Kernel.MEMORY.freeMemory(address);
        }
    }

    /** Fills a range with zeros. */
    public static void clear(long address, long bytes) {
        Kernel.MEMORY.setMemory(address, bytes, (byte) 0);
    }

    /** Reads an unsigned byte. */
    public static int getByte(long address) {
        return Kernel.MEMORY.getByte(address) & 0xff;
    }

    /** Reads an unsigned 16-bit number. */
    public static int getShort(long address) {
        return Kernel.MEMORY.getShort(address) & 0xffff;
    }

    /** Reads a 32-bit number. */
    public static int getInt(long address) {
        return Kernel.MEMORY.getInt(address);
    }

    /** Reads a 64-bit number. */
    public static long getLong(long address) {
        return Kernel.MEMORY.getLong(address);
    }

    /** Writes a byte. */
    public static void putByte(long address, int value) {
        Kernel.MEMORY.putByte(address, (byte) value);
    }

    /** Writes a 16-bit number. */
    public static void putShort(long address, int value) {
        Kernel.MEMORY.putShort(address, (short) value);
    }

    /** Writes a 32-bit number. */
    public static void putInt(long address, int value) {
        Kernel.MEMORY.putInt(address, value);
    }

    /** Writes a 64-bit number. */
    public static void putLong(long address, long value) {
        Kernel.MEMORY.putLong(address, value);
    }

    /** Copies bytes between two ranges, which may overlap. */
    public static void copy(long from, long to, long bytes) {
        Kernel.MEMORY.copyMemory(from, to, bytes);
    }

    /**
     * Copies bytes out of native memory.
     *
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    public static void read(long from, byte[] to, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, to.length);
        Kernel.MEMORY.copyMemory(null, from, to, Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) offset, count);
    }

    /**
     * Copies bytes into native memory.
     *
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    public static void write(byte[] from, int offset, int count, long to) {
        Objects.checkFromIndexSize(offset, count, from.length);
        Kernel.MEMORY.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) offset, null, to, count);
    }
}
