package dev.skiff.linux;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The system calls for which it matters whose file it is: those that take a path, in their {@code *at} form. The path starts at an open
 * directory, or at the current directory with {@link #CURRENT_DIRECTORY}. Absolute paths ignore that directory.
 *
 * <p>They are made with somebody's rights, which the caller has to name: this process's with {@link #OWN}, or those of a {@link FileUser}. Thread-safe.
 *
 * <p>Paths are bytes without a zero byte (EINVAL), at most 4,095 (ENAMETOOLONG). All methods throw
 * {@link LinuxException} if the kernel refuses.
 */
public final class Paths {
    /** Stands for the current directory of the process. */
    public static final int CURRENT_DIRECTORY = -100;

    /** Flag: act on a symbolic link itself. */
    public static final int NO_FOLLOW = 0x100;
    /** Flag of {@link #unlink}: remove a directory. */
    public static final int REMOVE_DIRECTORY = 0x200;
    /** Flag of {@link #link}: follow a symbolic link at the end of the old path. */
    public static final int FOLLOW = 0x400;
    /** Flag: with an empty path, act on the descriptor itself. */
    public static final int EMPTY_PATH = 0x1000;

    /** Flag of {@link #rename}: fail with EEXIST if the new name is taken. */
    public static final int RENAME_NO_REPLACE = 1;

    /** Nanoseconds argument of {@link #setTimes}: the current time. */
    public static final long TIME_NOW = Long.MIN_VALUE;
    /** Nanoseconds argument of {@link #setTimes}: leave it as it is. */
    public static final long TIME_OMIT = Long.MIN_VALUE + 1;

    private static final long UTIME_NOW = 0x3fffffff;
    private static final long UTIME_OMIT = 0x3ffffffe;
    private static final byte[] NONE = {};

    /** With the rights of this process. */
    public static final Paths OWN = new Paths(Optional.empty(), 0, true);

    private final Optional<ActingUser> acting;
    private final int umask;
    private final boolean keepsSetIds;

    private Paths(Optional<ActingUser> acting, int umask, boolean keepsSetIds) {
        this.acting = acting;
        this.umask = umask;
        this.keepsSetIds = keepsSetIds;
    }

    /**
     * With the rights of a user, and no more. Not for virtual threads, unless the user has all of this process's: calls on one throw {@link IllegalStateException}.
     *
     * <p>The calling thread has these rights while the kernel works, and its own as soon as it is back. Should the kernel refuse to give it the user's, a
     * call fails with EPERM and does nothing.
     *
     * @throws LinuxException EPERM if this process may not act as the user
     */
    public static Paths as(FileUser user) {
        if (user.equals(FileUser.ROOT)) {
            return OWN;
        }
        return new Paths(ActingUser.of(user), user.umask(), user.capabilities().contains(Capability.CAP_FSETID));
    }

    /**
     * Whether a file that is written keeps the bits by which others execute it as its owner, as far as this process may have it keep them (CAP_FSETID). What is
     * done with a descriptor is done with this process's rights, whoever opened it.
     */
    public boolean keepsSetIds() {
        return keepsSetIds;
    }

    /** The one way from here to the kernel. */
    private long call(String name, int number, long a, long b, long c, long d, long e, long f) {
        return acting.isEmpty()
                ? Kernel.call(name, number, a, b, c, d, e, f)
                : Kernel.check(name, acting.get().raw(number, a, b, c, d, e, f));
    }

    private long call(String name, int number, long a, long b, long c, long d) {
        return call(name, number, a, b, c, d, 0, 0);
    }

    private long call(String name, int number, long a, long b, long c) {
        return call(name, number, a, b, c, 0, 0, 0);
    }

    private int masked(int mode) {
        return mode & ~umask;
    }

    /**
     * Opens a file: openat(2).
     *
     * @param flags {@link OpenFlags}
     * @param mode permission bits of a file that is made, before the umask
     * @return a file descriptor
     */
    public int open(int directory, byte[] path, int flags, int mode) {
        try (Scratch scratch = Scratch.borrow()) {
            return (int) call("openat", Sys.OPENAT, directory, scratch.string(path), flags, masked(mode));
        }
    }

    /**
     * Opens a file of this machine by the path that a person gave; a failure names the path.
     *
     * @param flags {@link OpenFlags}
     * @param mode permission bits of a file that is made, before the umask
     * @return a file descriptor
     */
    public int open(String path, int flags, int mode) {
        try {
            return open(CURRENT_DIRECTORY, path.getBytes(StandardCharsets.UTF_8), flags, mode);
        } catch (LinuxException e) {
            throw new LinuxException(e.number(), "open", path);
        }
    }

    /**
     * Opens a file with restrictions on how its path is resolved: openat2(2).
     *
     * @param flags {@link OpenFlags}; unlike {@link #open}, unknown or senseless ones are refused with EINVAL
     * @param mode permission bits of a file that is made, before the umask; 0 unless one may be made
     * @param resolve RESOLVE_ bits of {@link OpenFlags}
     * @return a file descriptor
     * @throws LinuxException as for {@link #open}; ENOSYS before Linux 5.6; EXDEV when a restriction is broken; EAGAIN
     *     when the kernel cannot tell because of a rename at the same time
     */
    public int open2(int directory, byte[] path, int flags, int mode, int resolve) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.string(path);
            long how = scratch.bytes(24);
            Kernel.MEMORY.putLong(how, flags);
            Kernel.MEMORY.putLong(how + 8, masked(mode));
            Kernel.MEMORY.putLong(how + 16, resolve);
            return (int) call("openat2", Sys.OPENAT2, directory, at, how, 24);
        }
    }

    /**
     * What the kernel knows of a file: statx(2).
     *
     * @param flags {@link #NO_FOLLOW}, {@link #EMPTY_PATH} or 0
     */
    public FileStatus status(int directory, byte[] path, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.string(path);
            long status = scratch.zeroed(FileStatus.STATX_SIZE);
            call("statx", Sys.STATX, directory, at, flags, FileStatus.STATX_BASIC, status, 0);
            return FileStatus.fromStatx(status);
        }
    }

    /** What the kernel knows of an open file: statx(2) on the descriptor itself. */
    public static FileStatus status(int fd) {
        return OWN.status(fd, NONE, EMPTY_PATH);
    }

    /**
     * Sets the times of a file: utimensat(2).
     *
     * @param accessed nanoseconds since 1970, {@link #TIME_NOW} or {@link #TIME_OMIT}
     * @param modified the same
     * @param flags {@link #NO_FOLLOW}, {@link #EMPTY_PATH} (since Linux 5.8, otherwise EINVAL) or 0
     */
    public void setTimes(int directory, byte[] path, long accessed, long modified, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.string(path);
            call("utimensat", Sys.UTIMENSAT, directory, at, times(scratch, accessed, modified), flags, 0, 0);
        }
    }

    /**
     * Sets the times of an open file: futimens(3). The descriptor must not be one opened with {@link OpenFlags#PATH}.
     *
     * @param accessed as for the other form
     * @param modified as for the other form
     */
    public void setTimes(int fd, long accessed, long modified) {
        try (Scratch scratch = Scratch.borrow()) {
            call("utimensat", Sys.UTIMENSAT, fd, 0, times(scratch, accessed, modified), 0, 0, 0);
        }
    }

    private static long times(Scratch scratch, long accessed, long modified) {
        long at = scratch.bytes(32);
        putTime(at, accessed);
        putTime(at + 16, modified);
        return at;
    }

    private static void putTime(long at, long nanos) {
        long seconds = 0;
        long rest;
        if (nanos == TIME_NOW) {
            rest = UTIME_NOW;
        } else if (nanos == TIME_OMIT) {
            rest = UTIME_OMIT;
        } else {
            seconds = Math.floorDiv(nanos, 1_000_000_000L);
            rest = Math.floorMod(nanos, 1_000_000_000L);
        }
        Kernel.MEMORY.putLong(at, seconds);
        Kernel.MEMORY.putLong(at + 8, rest);
    }

    /** The text of a symbolic link: readlinkat(2). An empty path reads a link that was opened itself. */
    public byte[] readLink(int directory, byte[] path) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.string(path);
            long text = scratch.bytes(4_096);
            int length = (int) call("readlinkat", Sys.READLINKAT, directory, at, text, 4_096);
            byte[] result = new byte[length];
            NativeMemory.read(text, result, 0, length);
            return result;
        }
    }

    /** Makes a symbolic link: symlinkat(2). */
    public void symlink(byte[] text, int directory, byte[] path) {
        try (Scratch scratch = Scratch.borrow()) {
            call("symlinkat", Sys.SYMLINKAT, scratch.string(text), directory, scratch.string(path));
        }
    }

    /**
     * Makes a hard link: linkat(2).
     *
     * @param flags {@link #FOLLOW}, {@link #EMPTY_PATH} or 0
     */
    public void link(int oldDirectory, byte[] oldPath, int newDirectory, byte[] newPath, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            long from = scratch.string(oldPath);
            call("linkat", Sys.LINKAT, oldDirectory, from, newDirectory, scratch.string(newPath), flags, 0);
        }
    }

    /**
     * Removes a name: unlinkat(2).
     *
     * @param flags {@link #REMOVE_DIRECTORY} or 0
     */
    public void unlink(int directory, byte[] path, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            call("unlinkat", Sys.UNLINKAT, directory, scratch.string(path), flags);
        }
    }

    /**
     * Renames: renameat2(2).
     *
     * @param flags {@link #RENAME_NO_REPLACE} or 0
     */
    public void rename(int oldDirectory, byte[] oldPath, int newDirectory, byte[] newPath, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            long from = scratch.string(oldPath);
            call("renameat2", Sys.RENAMEAT2, oldDirectory, from, newDirectory, scratch.string(newPath), flags, 0);
        }
    }

    /**
     * Makes a directory: mkdirat(2).
     *
     * @param mode permission bits, before the umask
     */
    public void makeDirectory(int directory, byte[] path, int mode) {
        try (Scratch scratch = Scratch.borrow()) {
            call("mkdirat", Sys.MKDIRAT, directory, scratch.string(path), masked(mode));
        }
    }

    /**
     * Reads entries of an open directory from where it stands: getdents64(2). An entry is: inode (8 bytes), position
     * after it for {@link Descriptors#seek} (8), length of the entry (2), type (1), name with a zero byte at its end.
     *
     * @param address where to put them
     * @param count room, in bytes; EINVAL if not one entry fits
     * @return bytes put, 0 at the end
     */
    public static int readDirectory(int fd, long address, int count) {
        return (int) Kernel.call("getdents64", Sys.GETDENTS64, fd, address, count);
    }
}
