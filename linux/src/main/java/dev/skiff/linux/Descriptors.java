package dev.skiff.linux;

/**
 * What can be done with an open file descriptor: read, write, position, size, flags, duplicate, close.
 *
 * <p>Buffers are raw addresses that must stay valid during the call. Counts are bytes. Reads and writes may transfer
 * less than asked for. An array of buffers is the kernel's {@code struct iovec}: for each buffer its address and its
 * length in bytes, 8 bytes each; at most 1,024 buffers.
 */
public final class Descriptors {
    /** Bytes in a {@code struct iovec}. */
    public static final int IOVEC_SIZE = 16;
    /** Most buffers in a call. */
    public static final int IOVEC_MAX = 1_024;

    /** Position argument of {@link #readNow} and {@link #writeNow}: where the descriptor stands. */
    public static final long CURRENT = -1;

    /** Position from the start. */
    public static final int SEEK_SET = 0;
    /** Position from where the descriptor stands. */
    public static final int SEEK_CUR = 1;
    /** Position from the end. */
    public static final int SEEK_END = 2;

    /** What {@link #advise} can say: nothing special. */
    public static final int ADVICE_NORMAL = 0;
    /** Will be read at random positions. */
    public static final int ADVICE_RANDOM = 1;
    /** Will be read from the front to the back. */
    public static final int ADVICE_SEQUENTIAL = 2;
    /** Will be needed soon. */
    public static final int ADVICE_WILLNEED = 3;
    /** Will not be needed soon. */
    public static final int ADVICE_DONTNEED = 4;
    /** Will be needed once. */
    public static final int ADVICE_NOREUSE = 5;

    /** Flag of {@link #eventCounter}: reads and writes do not wait. */
    public static final int EFD_NONBLOCK = 0x800;
    /** Flag of {@link #eventCounter}: close on exec. */
    public static final int EFD_CLOEXEC = 0x80000;

    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int TCGETS = 0x5401;
    private static final int FIONREAD = 0x541b;
    private static final int RWF_NOWAIT = 8;

    private Descriptors() {}

    /**
     * Closes a descriptor: close(2).
     *
     * @throws LinuxException if it was not open, or an earlier write failed; it is closed in the latter case
     */
    public static void close(int fd) {
        Kernel.call("close", Sys.CLOSE, fd);
    }

    /**
     * Reads: read(2).
     *
     * @return bytes read, 0 at the end
     * @throws LinuxException if the kernel refuses
     */
    public static long read(int fd, long address, long count) {
        return Kernel.call("read", Sys.READ, fd, address, count);
    }

    /**
     * Writes: write(2).
     *
     * @return bytes written
     * @throws LinuxException if the kernel refuses
     */
    public static long write(int fd, long address, long count) {
        return Kernel.call("write", Sys.WRITE, fd, address, count);
    }

    /**
     * Reads into several buffers: readv(2).
     *
     * @param vectors address of the array of buffers
     * @param count number of buffers
     * @return bytes read, 0 at the end
     * @throws LinuxException if the kernel refuses
     */
    public static long readv(int fd, long vectors, int count) {
        return Kernel.call("readv", Sys.READV, fd, vectors, count);
    }

    /**
     * Writes from several buffers: writev(2).
     *
     * @param vectors address of the array of buffers
     * @param count number of buffers
     * @return bytes written
     * @throws LinuxException if the kernel refuses
     */
    public static long writev(int fd, long vectors, int count) {
        return Kernel.call("writev", Sys.WRITEV, fd, vectors, count);
    }

    /**
     * Reads at a position: pread(2).
     *
     * @return bytes read, 0 at the end of the file
     * @throws LinuxException if the kernel refuses
     */
    public static long pread(int fd, long address, long count, long offset) {
        return Kernel.call("pread", Sys.PREAD, fd, address, count, offset);
    }

    /**
     * Writes at a position: pwrite(2). On a descriptor with O_APPEND the kernel appends, whatever the position.
     *
     * @return bytes written
     * @throws LinuxException if the kernel refuses
     */
    public static long pwrite(int fd, long address, long count, long offset) {
        return Kernel.call("pwrite", Sys.PWRITE, fd, address, count, offset);
    }

    /**
     * Reads into several buffers at a position: preadv(2).
     *
     * @return bytes read, 0 at the end of the file
     * @throws LinuxException if the kernel refuses
     */
    public static long preadv(int fd, long vectors, int count, long offset) {
        return Kernel.call("preadv", Sys.PREADV, fd, vectors, count, offset);
    }

    /**
     * Writes from several buffers at a position: pwritev(2). With O_APPEND as {@link #pwrite}.
     *
     * @return bytes written
     * @throws LinuxException if the kernel refuses
     */
    public static long pwritev(int fd, long vectors, int count, long offset) {
        return Kernel.call("pwritev", Sys.PWRITEV, fd, vectors, count, offset);
    }

    /**
     * Reads into several buffers without waiting, whatever the flags of the descriptor: preadv2(2) with RWF_NOWAIT.
     *
     * @param offset position, or {@link #CURRENT}
     * @return bytes read, 0 at the end
     * @throws LinuxException EAGAIN if it would have to wait; EOPNOTSUPP if the kind of file cannot do this
     */
    public static long readNow(int fd, long vectors, int count, long offset) {
        return Kernel.call("preadv2", Sys.PREADV2, fd, vectors, count, offset, 0, RWF_NOWAIT);
    }

    /**
     * Writes from several buffers without waiting, whatever the flags of the descriptor: pwritev2(2) with RWF_NOWAIT.
     *
     * @param offset position, or {@link #CURRENT}
     * @return bytes written
     * @throws LinuxException EAGAIN if it would have to wait; EOPNOTSUPP if the kind of file cannot do this
     */
    public static long writeNow(int fd, long vectors, int count, long offset) {
        return Kernel.call("pwritev2", Sys.PWRITEV2, fd, vectors, count, offset, 0, RWF_NOWAIT);
    }

    /**
     * Moves the position: lseek(2).
     *
     * @param whence a SEEK_ constant
     * @return the new position from the start, in bytes
     * @throws LinuxException if the kernel refuses
     */
    public static long seek(int fd, long offset, int whence) {
        return Kernel.call("lseek", Sys.LSEEK, fd, offset, whence);
    }

    /**
     * Sets a file's size in bytes: ftruncate(2).
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void truncate(int fd, long size) {
        Kernel.call("ftruncate", Sys.FTRUNCATE, fd, size);
    }

    /**
     * Sets the permission bits of a file: fchmod(2).
     *
     * @param mode permission bits, those of the type do not count
     * @throws LinuxException if the kernel refuses
     */
    public static void setPermissions(int fd, int mode) {
        Kernel.call("fchmod", Sys.FCHMOD, fd, mode & 07777);
    }

    /**
     * Reserves space, growing the file if the range goes past its end: fallocate(2).
     *
     * @throws LinuxException if the kernel refuses; EOPNOTSUPP if the file system cannot
     */
    public static void allocate(int fd, long offset, long length) {
        Kernel.call("fallocate", Sys.FALLOCATE, fd, 0, offset, length);
    }

    /**
     * Tells the kernel how a range will be used: posix_fadvise(2).
     *
     * @param length bytes; 0 up to the end
     * @param advice an ADVICE_ constant
     * @throws LinuxException if the kernel refuses
     */
    public static void advise(int fd, long offset, long length, int advice) {
        Kernel.call("fadvise64", Sys.FADVISE, fd, offset, length, advice);
    }

    /**
     * Waits until data and attributes are on the device: fsync(2).
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void sync(int fd) {
        Kernel.call("fsync", Sys.FSYNC, fd);
    }

    /**
     * Waits until the data are on the device: fdatasync(2).
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void syncData(int fd) {
        Kernel.call("fdatasync", Sys.FDATASYNC, fd);
    }

    /**
     * The status flags and access mode, as {@link OpenFlags} bits: fcntl(2) F_GETFL.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static int flags(int fd) {
        return (int) Kernel.call("fcntl", Sys.FCNTL, fd, F_GETFL);
    }

    /**
     * Sets the status flags (of which APPEND, NONBLOCK and DIRECT can change): fcntl(2) F_SETFL. They belong to the
     * open file, which other descriptors and processes may share.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void setFlags(int fd, int flags) {
        Kernel.call("fcntl", Sys.FCNTL, fd, F_SETFL, flags);
    }

    /**
     * A second descriptor for the same open file, closed on exec: fcntl(2) F_DUPFD_CLOEXEC.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static int duplicate(int fd) {
        return (int) Kernel.call("fcntl", Sys.FCNTL, fd, F_DUPFD_CLOEXEC, 0);
    }

    /** Whether it is a terminal: isatty(3). False for what is not open. */
    public static boolean isTerminal(int fd) {
        try (Scratch scratch = Scratch.borrow()) {
            return Kernel.raw(Sys.IOCTL, fd, TCGETS, scratch.bytes(128), 0, 0, 0) == 0;
        }
    }

    /**
     * Bytes that can be read without waiting: ioctl(2) FIONREAD.
     *
     * @throws LinuxException if the kernel refuses, as it does for what is neither file, pipe, socket nor terminal
     */
    public static int available(int fd) {
        try (Scratch scratch = Scratch.borrow()) {
            long count = scratch.zeroed(4);
            Kernel.call("ioctl", Sys.IOCTL, fd, FIONREAD, count);
            return Kernel.MEMORY.getInt(count);
        }
    }

    /**
     * Makes a pipe: pipe2(2).
     *
     * @param flags {@link OpenFlags#CLOSE_ON_EXEC}, {@link OpenFlags#NONBLOCK}
     * @throws LinuxException if the kernel refuses
     */
    public static Pipe pipe(int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            long pair = scratch.zeroed(8);
            Kernel.call("pipe2", Sys.PIPE2, pair, flags);
            return new Pipe(Kernel.MEMORY.getInt(pair), Kernel.MEMORY.getInt(pair + 4));
        }
    }

    /**
     * Makes a counter that can be waited for: eventfd(2).
     *
     * @param flags EFD_ bits
     * @throws LinuxException if the kernel refuses
     */
    public static int eventCounter(int flags) {
        return (int) Kernel.call("eventfd2", Sys.EVENTFD, 0, flags);
    }

    /**
     * Adds one to a counter of {@link #eventCounter}, which makes it readable.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void addEvent(int fd) {
        try (Scratch scratch = Scratch.borrow()) {
            long one = scratch.bytes(8);
            Kernel.MEMORY.putLong(one, 1);
            write(fd, one, 8);
        }
    }

    /**
     * Sets a counter of {@link #eventCounter} back to 0, after which it is not readable.
     *
     * @return what it was
     * @throws LinuxException EAGAIN if it is 0 and does not wait
     */
    public static long takeEvents(int fd) {
        try (Scratch scratch = Scratch.borrow()) {
            long count = scratch.zeroed(8);
            read(fd, count, 8);
            return Kernel.MEMORY.getLong(count);
        }
    }

    /**
     * The two ends of a pipe, both file descriptors.
     *
     * @param reader the end to read from
     * @param writer the end to write to
     */
    public record Pipe(int reader, int writer) {}
}
