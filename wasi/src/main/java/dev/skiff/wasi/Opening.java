package dev.skiff.wasi;

import dev.skiff.linux.FileStatus;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;

/**
 * What a guest asks for when it opens a path: the arguments of {@code path_open}.
 *
 * @param follow whether to follow a symbolic link at the end
 * @param oflags {@link OFlags}
 * @param base {@link Rights} wanted; reading and writing among them decide how the file is opened
 * @param inheriting rights wanted for what is opened beneath it
 * @param fdflags {@link FdFlags}
 */
record Opening(boolean follow, int oflags, long base, long inheriting, int fdflags) {
    /**
     * Opens a path and adds its descriptor to the table.
     *
     * @throws Failure EINVAL for flags that are unknown or senseless together; ENOTCAPABLE for a right that the
     *     directory lacks or may not pass on; others
     */
    int open(FdTable fds, int directoryFd, GuestPath path) {
        Descriptor from = fds.get(directoryFd);
        Directory directory = from.asDirectory().directory();
        FdFlags.check(fdflags);
        if ((oflags & ~OFlags.ALL) != 0 || wants(OFlags.CREAT) && wants(OFlags.DIRECTORY)) {
            throw Errno.EINVAL.failure();
        }
        from.require(rightsToOpen());
        long wantedBase = base & Rights.ALL;
        long wantedInheriting = inheriting & Rights.ALL;
        if (((wantedBase | wantedInheriting) & ~from.inheriting()) != 0) {
            throw Errno.ENOTCAPABLE.failure();
        }
        fds.requireRoom();
        int fd = directory.open(path, kernelFlags());
        return fds.add(describe(directory, fd, wantedBase, wantedInheriting));
    }

    private boolean wants(int flag) {
        return (oflags & flag) != 0;
    }

    private long rightsToOpen() {
        return Rights.PATH_OPEN
                | (wants(OFlags.CREAT) ? Rights.PATH_CREATE_FILE : 0)
                | (wants(OFlags.TRUNC) ? Rights.PATH_FILESTAT_SET_SIZE : 0);
    }

    private int kernelFlags() {
        boolean reads = (base & Rights.READS) != 0;
        boolean writes = (base & Rights.WRITES) != 0 || wants(OFlags.TRUNC);
        int access = OpenFlags.READ_ONLY;
        if (writes) {
            access = reads ? OpenFlags.READ_WRITE : OpenFlags.WRITE_ONLY;
        }
        return access
                | (follow ? 0 : OpenFlags.NO_FOLLOW)
                | (wants(OFlags.CREAT) ? OpenFlags.CREATE : 0)
                | (wants(OFlags.DIRECTORY) ? OpenFlags.DIRECTORY : 0)
                | (wants(OFlags.EXCL) ? OpenFlags.EXCLUSIVE : 0)
                | (wants(OFlags.TRUNC) ? OpenFlags.TRUNCATE : 0)
                | FdFlags.toKernel(fdflags);
    }

    private Descriptor describe(Directory directory, int fd, long wantedBase, long wantedInheriting) {
        FileStatus status;
        try {
            status = Paths.status(fd);
            if (status.type() == FileStatus.REGULAR && (kernelFlags() & OpenFlags.ACCESS_MODE) != OpenFlags.READ_ONLY) {
                directory.tree().withholdIds(fd, status);
            }
        } catch (RuntimeException e) {
            HostDirectory.closeQuietly(fd);
            throw e;
        }
        if (status.isDirectory()) {
            Directory opened = new Directory(fd, directory.tree());
            return new Descriptor(new HostDirectory(opened), wantedBase & Rights.DIRECTORY, wantedInheriting, fdflags);
        }
        HostFile file =
                new HostFile(fd, HostFile.Ownership.GUEST, directory.tree().paths(), directory.readOnly(), status);
        return new Descriptor(file, wantedBase & Rights.FILE, Rights.NONE, fdflags);
    }
}
