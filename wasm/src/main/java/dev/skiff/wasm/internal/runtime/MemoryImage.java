package dev.skiff.wasm.internal.runtime;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Mappings;
import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.LimitException.Limit;
import dev.skiff.wasm.MemoryType;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The first contents of a memory, made once for a module and shared by its instances. Off-heap it is a memory file that
 * each instance maps copy-on-write: an instance costs the pages that it writes. Windows that are given back are cleaned
 * and kept for the next instance. Thread-safe.
 */
public final class MemoryImage {
    /** Bytes in a page of the system. */
    public static final int PAGE = 4_096;

    private static final int MAX_POOLED = 64;

    private final byte[] heapImage;
    private final int heapBase;
    private final Mapped mapped;

    private MemoryImage(byte[] heapImage, int heapBase, Mapped mapped) {
        this.heapImage = heapImage;
        this.heapBase = heapBase;
        this.mapped = mapped;
    }

    private static MemoryImage inHeap(byte[] contents, int base) {
        return new MemoryImage(contents, base, null);
    }

    private static MemoryImage offHeap(byte[] contents, int base) {
        MemoryImage image = new MemoryImage(null, 0, new Mapped(contents, base));
        Housekeeping.CLEANER.register(image, image.mapped::free);
        return image;
    }

    /** An image of nothing but zeros. */
    public static MemoryImage zeros(boolean offHeap) {
        return of(new byte[0], 0, offHeap);
    }

    /**
     * An image of the given kind.
     *
     * @param contents what is in the memory; before and behind are zeros
     * @param base where in the memory that is, a multiple of {@link #PAGE}
     */
    public static MemoryImage of(byte[] contents, int base, boolean offHeap) {
        return offHeap ? offHeap(contents, base) : inHeap(contents, base);
    }

    boolean offHeap() {
        return mapped != null;
    }

    /** Makes a memory that starts with this image. */
    public LinearMemory instantiate(MemoryType type, Control control) {
        control.reserveMemory(type.size().min() << 16);
        try {
            return new LinearMemory(type, control, this);
        } catch (RuntimeException | OutOfMemoryError failure) {
            control.releaseMemory(type.size().min() << 16);
            throw failure;
        }
    }

    byte[] heapCopy(long size) {
        if (size > Integer.MAX_VALUE - 8) {
            throw new LimitException(
                    Limit.HEAP_MEMORY,
                    "a memory of " + size + " bytes cannot be kept in the Java heap, where one has less than 2 GiB");
        }
        byte[] copy = new byte[(int) size];
        System.arraycopy(heapImage, 0, copy, heapBase, heapImage.length);
        return copy;
    }

    Window window(long length, Control control) {
        Window window = mapped.take(length);
        control.windows().add(this, window);
        return window;
    }

    void clean(Window window) {
        mapped.clean(window);
    }

    void release(Window window, Control control) {
        control.windows().remove(window);
        mapped.give(window);
    }

    /** Frees a window whose store was forgotten. */
    void abandon(Window window) {
        mapped.unmap(window);
    }

    private static final class Mapped {
        private static final byte[] ZEROS = new byte[PAGE];

        private final int file;
        private final long fileLength;
        private final ArrayDeque<Window> pool = new ArrayDeque<>();
        private boolean freed;

        Mapped(byte[] contents, int base) {
            long length = (contents.length + PAGE - 1L) / PAGE * PAGE;
            fileLength = length == 0 ? 0 : base + length;
            file = length == 0 ? Mappings.NO_FD : makeFile(contents, base, length);
        }

        private int makeFile(byte[] contents, int base, long length) {
            int made = Mappings.memoryFile("skiff-image", Mappings.MFD_CLOEXEC);
            try {
                Descriptors.truncate(made, fileLength);
                // The runs of zeros stay holes, which cost nothing.
                long address = Mappings.map(
                        0, length, Mappings.PROT_READ | Mappings.PROT_WRITE, Mappings.MAP_SHARED, made, base);
                for (int at = 0; at < contents.length; at += PAGE) {
                    int count = Math.min(PAGE, contents.length - at);
                    if (!Arrays.equals(contents, at, at + count, ZEROS, 0, count)) {
                        OffHeap.unsafe()
                                .copyMemory(
                                        contents,
                                        jdk.internal.misc.Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) at,
                                        null,
                                        address + at,
                                        count);
                    }
                }
                Mappings.unmap(address, length);
                return made;
            } catch (RuntimeException failure) {
                Descriptors.close(made);
                throw failure;
            }
        }

        synchronized Window take(long length) {
            Window pooled = pool.pollLast();
            if (pooled != null) {
                if (pooled.length() == length) {
                    return pooled;
                }
                Mappings.unmap(pooled.address(), pooled.length());
            }
            return map(length);
        }

        private Window map(long length) {
            int protection = Mappings.PROT_READ | Mappings.PROT_WRITE;
            // Even an empty memory gets a page: its base is then an address of its own.
            long whole = Math.max(length, PAGE);
            try {
                long address = Mappings.map(
                        0,
                        whole,
                        protection,
                        Mappings.MAP_PRIVATE | Mappings.MAP_ANONYMOUS | Mappings.MAP_NORESERVE,
                        Mappings.NO_FD,
                        0);
                if (fileLength != 0) {
                    Mappings.map(
                            address,
                            Math.min(fileLength, whole),
                            protection,
                            Mappings.MAP_PRIVATE | Mappings.MAP_FIXED | Mappings.MAP_NORESERVE,
                            file,
                            0);
                }
                return new Window(address, length);
            } catch (LinuxException refused) {
                throw new LimitException(
                        Limit.SYSTEM_MEMORY,
                        "the system has no room for a memory that may grow to " + length + " bytes ("
                                + refused.getMessage()
                                + "); with many instances raise its vm.max_map_count, which counts two for each");
            }
        }

        void clean(Window window) {
            Mappings.advise(window.address(), Math.max(window.length(), PAGE), Mappings.MADV_DONTNEED);
        }

        void give(Window window) {
            clean(window);
            synchronized (this) {
                if (!freed && pool.size() < MAX_POOLED) {
                    pool.addLast(window);
                    return;
                }
            }
            unmap(window);
        }

        void unmap(Window window) {
            Mappings.unmap(window.address(), Math.max(window.length(), PAGE));
        }

        synchronized void free() {
            freed = true;
            pool.forEach(this::unmap);
            pool.clear();
            if (file != Mappings.NO_FD) {
                Descriptors.close(file);
            }
        }
    }
}
