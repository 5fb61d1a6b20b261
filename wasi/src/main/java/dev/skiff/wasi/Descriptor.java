package dev.skiff.wasi;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** An entry of the guest's descriptor table: a handle, and what may be done through it. */
final class Descriptor {
    private final Handle handle;
    private final Optional<byte[]> preopenName;
    private long base;
    private long inheriting;
    private int flags;

    Descriptor(Handle handle, long base, long inheriting, int flags) {
        this(handle, base, inheriting, flags, Optional.empty());
    }

    private Descriptor(Handle handle, long base, long inheriting, int flags, Optional<byte[]> preopenName) {
        this.handle = handle;
        this.base = base;
        this.inheriting = inheriting;
        this.flags = flags;
        this.preopenName = preopenName;
    }

    /** A directory that the guest has from the start, under a name. */
    static Descriptor preopen(Directory directory, String name) {
        return new Descriptor(
                new HostDirectory(directory),
                Rights.DIRECTORY,
                Rights.ALL,
                0,
                Optional.of(name.getBytes(StandardCharsets.UTF_8)));
    }

    Handle handle() {
        return handle;
    }

    Optional<byte[]> preopenName() {
        return preopenName;
    }

    long inheriting() {
        return inheriting;
    }

    /** The rights as the guest sees them; a terminal is recognised by having no position. */
    long base() {
        return handle.isTerminal() ? base & ~Rights.POSITION : base;
    }

    boolean nonblocking() {
        return (flags & FdFlags.NONBLOCK) != 0;
    }

    int flags() {
        return flags;
    }

    boolean has(long rights) {
        return (base & rights) == rights;
    }

    /**
     * Checks that it may be used for something.
     *
     * @throws Failure ENOTCAPABLE if a right is missing
     */
    Descriptor require(long rights) {
        if (!has(rights)) {
            throw Errno.ENOTCAPABLE.failure();
        }
        return this;
    }

    /**
     * The directory behind it.
     *
     * @throws Failure ENOTDIR if it is none
     */
    HostDirectory asDirectory() {
        if (handle instanceof HostDirectory directory) {
            return directory;
        }
        throw Errno.ENOTDIR.failure();
    }

    /**
     * The handle, for what directories cannot do.
     *
     * @throws Failure EISDIR if it is a directory; ENOTCAPABLE if a right is missing
     */
    Handle asFile(long rights) {
        if (handle instanceof HostDirectory) {
            throw Errno.EISDIR.failure();
        }
        return require(rights).handle;
    }

    /**
     * Gives up rights.
     *
     * @throws Failure ENOTCAPABLE if there is one among the new rights that it does not have
     */
    void shrink(long newBase, long newInheriting) {
        if ((newBase & ~base) != 0 || (newInheriting & ~inheriting) != 0) {
            throw Errno.ENOTCAPABLE.failure();
        }
        base = newBase;
        inheriting = newInheriting;
    }

    /** Changes the flags, of which only APPEND and NONBLOCK can change. */
    void setFlags(int newFlags) {
        FdFlags.check(newFlags);
        int changed = flags ^ newFlags;
        if ((changed & FdFlags.FIXED) != 0) {
            throw Errno.ENOTSUP.failure();
        }
        if ((changed & FdFlags.APPEND) != 0) {
            handle.setAppend((newFlags & FdFlags.APPEND) != 0);
        }
        flags = newFlags;
    }
}
