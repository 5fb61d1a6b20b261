package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.MemoryType;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.OptionalLong;
import jdk.internal.misc.Unsafe;

/**
 * The state of a linear memory. Off-heap it lives in a window of addresses as large as it may ever get, so that its base
 * never changes and growing is a change of a number; in the heap the array is replaced when it has to grow.
 */
public final class LinearMemory {
    /** The largest size in bytes for which 31 bits are enough for every address and for the size itself. */
    public static final int MAX_NEAR = Integer.MAX_VALUE >>> 16 << 16;

    private static final int PAGE_SHIFT = 16;
    private static final long MAX_PAGES = 65_536;
    /** The longest array that every JVM can make, in pages. */
    private static final long MAX_HEAP_PAGES = (Integer.MAX_VALUE - 8) >>> PAGE_SHIFT;
    /** Bulk work is done in pieces of this size, between which a stop is noticed. */
    private static final long PIECE = 1 << 20;

    /** Address of byte 0; 0 if the memory is in the heap. */
    public long base;
    /** Size in bytes. */
    public long size;
    /** The size, or {@link #MAX_NEAR} if it is larger: how far code reaches that computes with 31 bits. */
    public int reach;
    /** How much of that is beyond the smallest size that the type declares. */
    public int beyond;
    /** The bytes, if the memory is in the heap; at least {@code size} of them. Null otherwise. */
    public byte[] heap;

    private final MemoryType type;
    private final Control control;
    private final MemoryImage image;
    private final long maxPages;
    private Window window;
    private MemorySegment view;

    /** Makes a memory with the contents of an image; the store must have reserved its first size. */
    LinearMemory(MemoryType type, Control control, MemoryImage image) {
        this.type = type;
        this.control = control;
        this.image = image;
        long limit = control.limits().mostMemoryBytes() >>> PAGE_SHIFT;
        long most = Math.min(
                type.size().max().orElse(MAX_PAGES), Math.max(limit, type.size().min()));
        setSize(type.size().min() << PAGE_SHIFT);
        if (image.offHeap()) {
            maxPages = most;
            window = image.window(most << PAGE_SHIFT, control);
            base = window.address();
        } else {
            maxPages = Math.min(most, MAX_HEAP_PAGES);
            heap = image.heapCopy(size);
        }
    }

    private void setSize(long bytes) {
        size = bytes;
        reach = (int) Math.min(bytes, MAX_NEAR);
        beyond = reach - (int) Math.min(type.size().min() << PAGE_SHIFT, MAX_NEAR);
        view = null;
    }

    /** The type with the declared limits. */
    public MemoryType type() {
        return type;
    }

    /** The store's. */
    public Control control() {
        return control;
    }

    /** The largest size that the type declares, in pages. */
    public OptionalLong declaredMax() {
        return type.size().max();
    }

    /** Adds pages; returns the size before, or -1. */
    public long grow(long pages) {
        long before = size >>> PAGE_SHIFT;
        if (pages > maxPages - before || !control.tryReserveMemory(pages << PAGE_SHIFT)) {
            if (pages <= possiblePages() - before) {
                control.countRefusedGrow();
            }
            return -1;
        }
        long wanted = before + pages << PAGE_SHIFT;
        if (heap != null && wanted > heap.length) {
            try {
                // Room for a quarter more, so that growing page by page does not copy everything each time.
                long allowed = Math.max(wanted, control.limits().maxMemoryBytes());
                long room = Math.min(Math.min(maxPages << PAGE_SHIFT, allowed), wanted + (wanted >>> 2));
                heap = Arrays.copyOf(heap, (int) room);
            } catch (OutOfMemoryError _) {
                control.releaseMemory(pages << PAGE_SHIFT);
                return -1;
            }
        }
        setSize(wanted);
        return before;
    }

    /** The largest size that the type and the kind of memory allow, whatever the store's limit is. */
    private long possiblePages() {
        return Math.min(type.size().max().orElse(MAX_PAGES), heap != null ? MAX_HEAP_PAGES : MAX_PAGES);
    }

    /** Goes back to the image and the first size. */
    public void reset() {
        control.releaseMemory(size - (type.size().min() << PAGE_SHIFT));
        setSize(type.size().min() << PAGE_SHIFT);
        if (heap != null) {
            heap = image.heapCopy(size);
        } else {
            image.clean(window);
        }
    }

    /** Gives the pages back; nothing can be read or written afterwards. Must not run while code of the store does. */
    public void close() {
        control.releaseMemory(size);
        setSize(0);
        heap = heap == null ? null : new byte[0];
        if (window != null) {
            base = 0;
            image.release(window, control);
            window = null;
        }
    }

    /** A view of a range. */
    public MemorySegment segment(long offset, long length) {
        check(offset, length);
        MemorySegment all = view;
        if (all == null) {
            all = heap != null
                    ? MemorySegment.ofArray(heap).asSlice(0, size)
                    : MemorySegment.ofAddress(base).reinterpret(size);
            view = all;
        }
        return all.asSlice(offset, length);
    }

    private void check(long offset, long length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new Trap(TrapCode.MEMORY_OUT_OF_BOUNDS);
        }
    }

    /** Sets {@code count} bytes. */
    public void fill(long to, int value, long count) {
        check(to, count);
        if (heap != null) {
            Arrays.fill(heap, (int) to, (int) (to + count), (byte) value);
            return;
        }
        Unsafe unsafe = OffHeap.unsafe();
        for (long done = 0; done < count; done += PIECE) {
            if (done != 0) {
                control.checkpoint();
            }
            unsafe.setMemory(base + to + done, Math.min(PIECE, count - done), (byte) value);
        }
    }

    /** Copies {@code count} bytes from this or another memory; the ranges may overlap. */
    public void copyFrom(LinearMemory source, long to, long from, long count) {
        source.check(from, count);
        check(to, count);
        if (heap != null) {
            System.arraycopy(source.heap, (int) from, heap, (int) to, (int) count);
            return;
        }
        Unsafe unsafe = OffHeap.unsafe();
        long target = base + to;
        long origin = source.base + from;
        boolean backwards = target > origin;
        for (long done = 0; done < count; done += PIECE) {
            if (done != 0) {
                control.checkpoint();
            }
            long piece = Math.min(PIECE, count - done);
            long at = backwards ? count - done - piece : done;
            unsafe.copyMemory(origin + at, target + at, piece);
        }
    }

    /** A copy of a range. */
    public byte[] read(long from, int count) {
        check(from, count);
        byte[] bytes = new byte[count];
        if (heap != null) {
            System.arraycopy(heap, (int) from, bytes, 0, count);
        } else {
            OffHeap.unsafe().copyMemory(null, base + from, bytes, Unsafe.ARRAY_BYTE_BASE_OFFSET, count);
        }
        return bytes;
    }

    /** Copies bytes from an array. */
    public void write(long to, byte[] bytes, int from, long count) {
        check(to, count);
        if (heap != null) {
            System.arraycopy(bytes, from, heap, (int) to, (int) count);
        } else {
            OffHeap.unsafe().copyMemory(bytes, Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) from, null, base + to, count);
        }
    }

    public int getByte(long offset) {
        check(offset, 1);
        return (heap != null ? heap[(int) offset] : OffHeap.unsafe().getByte(base + offset)) & 0xFF;
    }

    public void putByte(long offset, int value) {
        check(offset, 1);
        if (heap != null) {
            heap[(int) offset] = (byte) value;
        } else {
            OffHeap.unsafe().putByte(base + offset, (byte) value);
        }
    }

    public int getShort(long offset) {
        check(offset, 2);
        return heap != null
                ? HeapAccess.getChar(offset, heap)
                : OffHeap.unsafe().getChar(base + offset);
    }

    public void putShort(long offset, int value) {
        check(offset, 2);
        if (heap != null) {
            HeapAccess.putShort(offset, value, heap);
        } else {
            OffHeap.unsafe().putShort(base + offset, (short) value);
        }
    }

    public int getInt(long offset) {
        check(offset, 4);
        return heap != null ? HeapAccess.getInt(offset, heap) : OffHeap.unsafe().getInt(base + offset);
    }

    public void putInt(long offset, int value) {
        check(offset, 4);
        if (heap != null) {
            HeapAccess.putInt(offset, value, heap);
        } else {
            OffHeap.unsafe().putInt(base + offset, value);
        }
    }

    public long getLong(long offset) {
        check(offset, 8);
        return heap != null
                ? HeapAccess.getLong(offset, heap)
                : OffHeap.unsafe().getLong(base + offset);
    }

    public void putLong(long offset, long value) {
        check(offset, 8);
        if (heap != null) {
            HeapAccess.putLong(offset, value, heap);
        } else {
            OffHeap.unsafe().putLong(base + offset, value);
        }
    }
}
