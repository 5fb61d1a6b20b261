package dev.skiff.linux;

/**
 * Memory mappings and anonymous memory files: mmap(2), munmap(2), mprotect(2), madvise(2), mremap(2), memfd_create(2).
 *
 * <p>Addresses and lengths are in bytes; what the kernel wants page-aligned must be so. Nothing tracks what is mapped:
 * an access to memory after {@link #unmap} ends the process.
 */
public final class Mappings {
    /** No access. */
    public static final int PROT_NONE = 0;
    /** Pages may be read. */
    public static final int PROT_READ = 1;
    /** Pages may be written. */
    public static final int PROT_WRITE = 2;

    /** Writes go to the file and are seen by its other mappings. */
    public static final int MAP_SHARED = 0x01;
    /** Writes go to a private copy of the page. */
    public static final int MAP_PRIVATE = 0x02;
    /** Exactly at the address given, replacing what is there. */
    public static final int MAP_FIXED = 0x10;
    /** Zeroed memory without a file. */
    public static final int MAP_ANONYMOUS = 0x20;
    /** Reserve no swap space for it. */
    public static final int MAP_NORESERVE = 0x4000;
    /** Fault all pages in at once. */
    public static final int MAP_POPULATE = 0x8000;
    /** Exactly at the address given, failing with EEXIST if something is there. */
    public static final int MAP_FIXED_NOREPLACE = 0x100000;

    /** Drop the pages: private ones read as the file (or zero) again. */
    public static final int MADV_DONTNEED = 4;
    /** The kernel may drop the pages when it needs memory. */
    public static final int MADV_FREE = 8;
    /** Prefer huge pages. */
    public static final int MADV_HUGEPAGE = 14;
    /** Never use huge pages. */
    public static final int MADV_NOHUGEPAGE = 15;
    /** Leave the pages out of core dumps. */
    public static final int MADV_DONTDUMP = 16;
    /** Fault pages in, readable. */
    public static final int MADV_POPULATE_READ = 22;
    /** Fault pages in, writable. */
    public static final int MADV_POPULATE_WRITE = 23;

    /** The mapping may be moved to grow. */
    public static final int MREMAP_MAYMOVE = 1;

    /** Close the memory file on exec. */
    public static final int MFD_CLOEXEC = 1;
    /** Allow seals on the memory file. */
    public static final int MFD_ALLOW_SEALING = 2;

    /** File descriptor argument for {@link #MAP_ANONYMOUS} mappings. */
    public static final int NO_FD = -1;

    private Mappings() {}

    /**
     * Maps memory: mmap(2).
     *
     * @param address where; 0 lets the kernel choose
     * @param length bytes, positive
     * @param protection PROT_ bits
     * @param flags MAP_ bits
     * @param fd file, or {@link #NO_FD}
     * @param offset offset into the file, page-aligned
     * @return the address of the first byte
     * @throws LinuxException if the kernel refuses (ENOMEM, EINVAL, ...)
     */
    public static long map(long address, long length, int protection, int flags, int fd, long offset) {
        return Kernel.call("mmap", Sys.MMAP, address, length, protection, flags, fd, offset);
    }

    /**
     * Unmaps all pages of a range: munmap(2).
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void unmap(long address, long length) {
        Kernel.call("munmap", Sys.MUNMAP, address, length);
    }

    /**
     * Changes what may be done with a range of pages: mprotect(2).
     *
     * @param protection PROT_ bits
     * @throws LinuxException if the kernel refuses
     */
    public static void protect(long address, long length, int protection) {
        Kernel.call("mprotect", Sys.MPROTECT, address, length, protection);
    }

    /**
     * Tells the kernel what to do with a range of pages: madvise(2).
     *
     * @param advice a MADV_ constant
     * @throws LinuxException if the kernel refuses
     */
    public static void advise(long address, long length, int advice) {
        Kernel.call("madvise", Sys.MADVISE, address, length, advice);
    }

    /**
     * Grows, shrinks or moves a mapping: mremap(2).
     *
     * @param flags {@link #MREMAP_MAYMOVE} or 0
     * @return the new address
     * @throws LinuxException if the kernel refuses
     */
    public static long remap(long address, long oldLength, long newLength, int flags) {
        return Kernel.call("mremap", Sys.MREMAP, address, oldLength, newLength, flags);
    }

    /**
     * Makes a file that lives in memory only: memfd_create(2).
     *
     * @param name shown in /proc/PID/fd for debugging, at most 249 bytes, ASCII
     * @param flags MFD_ bits
     * @return a file descriptor; {@link Descriptors#close(int)} frees it
     * @throws LinuxException if the kernel refuses
     */
    public static int memoryFile(String name, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            return (int) Kernel.call("memfd_create", Sys.MEMFD_CREATE, scratch.string(name), flags);
        }
    }
}
