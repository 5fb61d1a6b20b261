package dev.skiff.wasi;

import dev.skiff.linux.Paths;

/** The type {@code fstflags}: which times to set, and to what. Times are in the form that {@link Paths} takes. */
record FileTimes(long accessed, long modified) {
    private static final int ACCESSED = 1;
    private static final int ACCESSED_NOW = 2;
    private static final int MODIFIED = 4;
    private static final int MODIFIED_NOW = 8;
    private static final int ALL = 15;

    /**
     * Reads the guest's arguments.
     *
     * @throws Failure EINVAL for unknown flags, for a time that is to be both given and now, and for one after 2262
     */
    static FileTimes of(long accessed, long modified, int flags) {
        if ((flags & ~ALL) != 0) {
            throw Errno.EINVAL.failure();
        }
        return new FileTimes(
                time(accessed, (flags & ACCESSED) != 0, (flags & ACCESSED_NOW) != 0),
                time(modified, (flags & MODIFIED) != 0, (flags & MODIFIED_NOW) != 0));
    }

    private static long time(long given, boolean set, boolean now) {
        if (set && now || set && given < 0) {
            throw Errno.EINVAL.failure();
        }
        if (now) {
            return Paths.TIME_NOW;
        }
        return set ? given : Paths.TIME_OMIT;
    }
}
