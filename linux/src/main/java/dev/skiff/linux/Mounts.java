package dev.skiff.linux;

/** Mounting: mount(2) and umount2(2), for those who have the right to. All methods throw {@link LinuxException} if the kernel refuses. */
public final class Mounts {
    /** Flag: nothing can be changed. */
    public static final long READ_ONLY = 1;
    /** Flag: setuid bits count for nothing. */
    public static final long NO_SUID = 2;
    /** Flag: devices cannot be used. */
    public static final long NO_DEVICES = 4;
    /** Flag: nothing can be executed. */
    public static final long NO_EXEC = 8;
    /** Flag: writing waits for the disk. */
    public static final long SYNCHRONOUS = 16;
    /** Flag: changes the flags of a mount that is there. */
    public static final long REMOUNT = 32;
    /** Flag: changes of directories wait for the disk. */
    public static final long DIRECTORY_SYNCHRONOUS = 128;
    /** Flag: access times are not kept. */
    public static final long NO_ACCESS_TIMES = 1024;
    /** Flag: access times of directories are not kept. */
    public static final long NO_DIRECTORY_ACCESS_TIMES = 2048;
    /** Flag: shows a directory or file at another place. */
    public static final long BIND = 4096;
    /** Flag with {@link #BIND}: with what is mounted beneath. */
    public static final long RECURSIVE = 16384;
    /** Flag: what is mounted beneath is of no concern to copies of the mount, and the other way around. */
    public static final long PRIVATE = 1 << 18;
    /** Flag: what is mounted beneath the source comes, and nothing goes back. */
    public static final long SLAVE = 1 << 19;
    /** Flag: access times are kept where they matter. */
    public static final long RELATIVE_ACCESS_TIMES = 1 << 21;
    /** Flag: access times are kept. */
    public static final long STRICT_ACCESS_TIMES = 1 << 24;

    /** Flag of {@link #unmount}: out of sight at once, and gone when nobody uses it any more. */
    public static final int DETACH = 2;
    /** Flag of {@link #unmount}: a symbolic link is not followed. */
    public static final int NO_FOLLOW = 8;

    private Mounts() {}

    /**
     * Mounts.
     *
     * @param source what, such as a device or directory
     * @param target where
     * @param type of the file system; empty for binds
     * @param flags of this class
     * @param data what the file system wants to know; less than a page, 4,096 bytes
     */
    public static void mount(String source, String target, String type, long flags, String data) {
        try (Scratch scratch = Scratch.borrow()) {
            Kernel.call(
                    "mount",
                    Sys.MOUNT,
                    scratch.string(source),
                    scratch.string(target),
                    scratch.string(type),
                    flags,
                    scratch.string(data),
                    0);
        } catch (LinuxException e) {
            throw new LinuxException(e.number(), "mount", target);
        }
    }

    /**
     * Unmounts what was mounted last at a place.
     *
     * @param flags {@link #DETACH}, {@link #NO_FOLLOW}
     */
    public static void unmount(String target, int flags) {
        try (Scratch scratch = Scratch.borrow()) {
            Kernel.call("umount2", Sys.UMOUNT2, scratch.string(target), flags);
        } catch (LinuxException e) {
            throw new LinuxException(e.number(), "unmount", target);
        }
    }
}
