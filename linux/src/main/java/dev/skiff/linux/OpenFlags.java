package dev.skiff.linux;

/** Flags of open(2) and bits of openat2(2); some differ between x86_64 and aarch64. */
public final class OpenFlags {
    /** For reading. */
    public static final int READ_ONLY = 0;
    /** For writing. */
    public static final int WRITE_ONLY = 1;
    /** For both. */
    public static final int READ_WRITE = 2;
    /** Mask of the three access modes. */
    public static final int ACCESS_MODE = 3;
    /** Make the file if it is absent. */
    public static final int CREATE = 0x40;
    /** With {@link #CREATE}: fail with EEXIST if it is present. */
    public static final int EXCLUSIVE = 0x80;
    /** Do not become the controlling terminal. */
    public static final int NO_TERMINAL = 0x100;
    /** Cut to no bytes. */
    public static final int TRUNCATE = 0x200;
    /** Every write goes to the end. */
    public static final int APPEND = 0x400;
    /** Do not wait. */
    public static final int NONBLOCK = 0x800;
    /** Writes wait until the data are on the device. */
    public static final int DATA_SYNC = 0x1000;
    /** Writes wait until data and attributes are on the device. */
    public static final int SYNC = 0x101000;
    /** Close on exec. */
    public static final int CLOSE_ON_EXEC = 0x80000;
    /** Only a handle on the place: no reading or writing, no permission needed. */
    public static final int PATH = 0x200000;
    /** Fail with ENOTDIR unless it is a directory. */
    public static final int DIRECTORY = Arch.AARCH64 ? 0x4000 : 0x10000;
    /** Do not follow a symbolic link at the end: ELOOP, or with {@link #PATH} a handle on the link itself. */
    public static final int NO_FOLLOW = Arch.AARCH64 ? 0x8000 : 0x20000;

    /** openat2: do not cross mount points. */
    public static final int RESOLVE_NO_XDEV = 0x01;
    /** openat2: do not follow the magic links of /proc. */
    public static final int RESOLVE_NO_MAGICLINKS = 0x02;
    /** openat2: follow no symbolic link at all. */
    public static final int RESOLVE_NO_SYMLINKS = 0x04;
    /** openat2: fail with EXDEV when the path would leave the directory it starts at. */
    public static final int RESOLVE_BENEATH = 0x08;
    /** openat2: treat the directory it starts at as the root. */
    public static final int RESOLVE_IN_ROOT = 0x10;

    private OpenFlags() {}
}
