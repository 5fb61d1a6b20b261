package dev.skiff.wasi;

import dev.skiff.linux.FileStatus;
import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Memory;
import java.util.Arrays;

/** The calls that take a path. */
final class PathCalls {
    private static final int FOLLOW = 1;

    private PathCalls() {}

    private static FdTable fds(Caller caller) {
        return Guest.io(caller).fds();
    }

    private static boolean follows(int lookupFlags) {
        if ((lookupFlags & ~FOLLOW) != 0) {
            throw Errno.EINVAL.failure();
        }
        return lookupFlags == FOLLOW;
    }

    static int pathOpen(
            int fd,
            int lookupFlags,
            int path,
            int length,
            int oflags,
            long base,
            long inheriting,
            int fdflags,
            int result,
            Caller caller) {
        try {
            FdTable fds = fds(caller);
            Memory memory = caller.memory();
            Guest.check(memory, result, 4);
            Opening opening = new Opening(follows(lookupFlags), oflags, base, inheriting, fdflags);
            int opened = opening.open(fds, fd, Guest.path(memory, path, length));
            memory.putInt(Guest.unsigned(result), opened);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathFilestatGet(int fd, int lookupFlags, int path, int length, int result, Caller caller) {
        try {
            Memory memory = caller.memory();
            Directory directory = fds(caller).directory(fd, Rights.PATH_FILESTAT_GET);
            Guest.check(memory, result, 64);
            FileStatus status = directory.status(Guest.path(memory, path, length), follows(lookupFlags));
            Guest.putStatus(memory, result, status, FileType.of(status));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathFilestatSetTimes(
            int fd, int lookupFlags, int path, int length, long accessed, long modified, int flags, Caller caller) {
        try {
            Directory directory = fds(caller).directory(fd, Rights.PATH_FILESTAT_SET_TIMES);
            FileTimes times = FileTimes.of(accessed, modified, flags);
            GuestPath at = Guest.path(caller.memory(), path, length);
            directory.setTimes(at, follows(lookupFlags), times.accessed(), times.modified());
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathCreateDirectory(int fd, int path, int length, Caller caller) {
        try {
            Directory directory = fds(caller).directory(fd, Rights.PATH_CREATE_DIRECTORY);
            directory.makeDirectory(Guest.path(caller.memory(), path, length));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathRemoveDirectory(int fd, int path, int length, Caller caller) {
        try {
            Directory directory = fds(caller).directory(fd, Rights.PATH_REMOVE_DIRECTORY);
            directory.removeDirectory(Guest.path(caller.memory(), path, length));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathUnlinkFile(int fd, int path, int length, Caller caller) {
        try {
            Directory directory = fds(caller).directory(fd, Rights.PATH_UNLINK_FILE);
            directory.unlinkFile(Guest.path(caller.memory(), path, length));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathReadlink(int fd, int path, int length, int buffer, int bufferLength, int result, Caller caller) {
        try {
            Memory memory = caller.memory();
            Directory directory = fds(caller).directory(fd, Rights.PATH_READLINK);
            Guest.check(memory, buffer, Guest.unsigned(bufferLength));
            Guest.check(memory, result, 4);
            byte[] text = directory.readLink(Guest.path(memory, path, length));
            int fitting = (int) Math.min(text.length, Guest.unsigned(bufferLength));
            memory.write(Guest.unsigned(buffer), Arrays.copyOf(text, fitting));
            memory.putInt(Guest.unsigned(result), fitting);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathSymlink(int text, int textLength, int fd, int path, int length, Caller caller) {
        try {
            Memory memory = caller.memory();
            Directory directory = fds(caller).directory(fd, Rights.PATH_SYMLINK);
            directory.symlink(Guest.text(memory, text, textLength), Guest.path(memory, path, length));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    /** A link to what a symbolic link points to is not offered: EINVAL. */
    static int pathLink(
            int fd, int lookupFlags, int path, int length, int newFd, int newPath, int newLength, Caller caller) {
        try {
            FdTable fds = fds(caller);
            if (lookupFlags != 0) {
                return Errno.EINVAL.code();
            }
            Memory memory = caller.memory();
            Directory from = fds.directory(fd, Rights.PATH_LINK_SOURCE);
            Directory to = fds.directory(newFd, Rights.PATH_LINK_TARGET);
            from.link(Guest.path(memory, path, length), to, Guest.path(memory, newPath, newLength));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int pathRename(int fd, int path, int length, int newFd, int newPath, int newLength, Caller caller) {
        try {
            FdTable fds = fds(caller);
            Memory memory = caller.memory();
            Directory from = fds.directory(fd, Rights.PATH_RENAME_SOURCE);
            Directory to = fds.directory(newFd, Rights.PATH_RENAME_TARGET);
            from.rename(Guest.path(memory, path, length), to, Guest.path(memory, newPath, newLength));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }
}
