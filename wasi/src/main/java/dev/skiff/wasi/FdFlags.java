package dev.skiff.wasi;

import dev.skiff.linux.OpenFlags;

/** The bits of the type {@code fdflags}. */
final class FdFlags {
    static final int APPEND = 1;
    static final int DSYNC = 2;
    static final int NONBLOCK = 4;
    static final int RSYNC = 8;
    static final int SYNC = 16;
    static final int ALL = 31;
    /** Those that cannot change while a file is open. */
    static final int FIXED = DSYNC | RSYNC | SYNC;

    private FdFlags() {}

    /** The kernel's flags for opening a file; NONBLOCK is not among them, see {@link HostFile}. */
    static int toKernel(int flags) {
        return ((flags & APPEND) != 0 ? OpenFlags.APPEND : 0)
                | ((flags & DSYNC) != 0 ? OpenFlags.DATA_SYNC : 0)
                | ((flags & (RSYNC | SYNC)) != 0 ? OpenFlags.SYNC : 0);
    }

    static void check(int flags) {
        if ((flags & ~ALL) != 0) {
            throw Errno.EINVAL.failure();
        }
    }
}
