package dev.skiff.linux;

/**
 * What the kernel knows of a file: statx(2).
 *
 * @param device number of the device that holds it
 * @param inode number of the file on that device
 * @param mode type and permission bits
 * @param links number of hard links
 * @param size bytes
 * @param accessed last read, nanoseconds since 1970
 * @param modified last write, nanoseconds since 1970
 * @param changed last change of attributes, nanoseconds since 1970
 */
public record FileStatus(
        long device, long inode, int mode, long links, long size, long accessed, long modified, long changed) {
    /** Mask of the type bits in {@link #mode}. */
    public static final int TYPE_MASK = 0xf000;
    /** Type: named pipe. */
    public static final int FIFO = 0x1000;
    /** Type: character device. */
    public static final int CHARACTER_DEVICE = 0x2000;
    /** Type: directory. */
    public static final int DIRECTORY = 0x4000;
    /** Type: block device. */
    public static final int BLOCK_DEVICE = 0x6000;
    /** Type: regular file. */
    public static final int REGULAR = 0x8000;
    /** Type: symbolic link. */
    public static final int SYMLINK = 0xa000;
    /** Type: socket. */
    public static final int SOCKET = 0xc000;

    /** Permission bits by which whoever executes the file becomes its owner, or one of its group. */
    public static final int SET_IDS = 06000;

    static final int STATX_SIZE = 256;
    static final int STATX_BASIC = 0x7ff;

    /** The type bits. */
    public int type() {
        return mode & TYPE_MASK;
    }

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return type() == DIRECTORY;
    }

    /** Whether it is a symbolic link. */
    public boolean isSymlink() {
        return type() == SYMLINK;
    }

    static FileStatus fromStatx(long at) {
        long major = Integer.toUnsignedLong(Kernel.MEMORY.getInt(at + 136));
        long minor = Integer.toUnsignedLong(Kernel.MEMORY.getInt(at + 140));
        return new FileStatus(
                major << 32 | minor,
                Kernel.MEMORY.getLong(at + 32),
                Kernel.MEMORY.getShort(at + 28) & 0xffff,
                Integer.toUnsignedLong(Kernel.MEMORY.getInt(at + 16)),
                Kernel.MEMORY.getLong(at + 40),
                time(at + 64),
                time(at + 112),
                time(at + 96));
    }

    private static long time(long at) {
        return Kernel.MEMORY.getLong(at) * 1_000_000_000L + Kernel.MEMORY.getInt(at + 8);
    }
}
