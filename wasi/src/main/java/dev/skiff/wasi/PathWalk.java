package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileStatus;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.OptionalInt;

/**
 * One resolution of a path, component by component. Every directory on the way is opened by its name in the one before
 * it, never through a link; links are read and their text is walked in turn; {@code ..} goes back to a directory that
 * is already open. So the walk stays beneath the directory where it starts whatever is renamed or replaced meanwhile.
 *
 * <p>If there is a root of all, links to absolute paths go on there. {@code ..} beyond the start opens one parent after the other until that root is reached: these are
 * then the directories that were entered. If it is not reached, the start is not beneath it any more, and nothing of the way is used.
 */
final class PathWalk implements AutoCloseable {
    private static final int MAX_LINKS = 40;
    private static final int MAX_DEPTH = 256;
    private static final byte[] NONE = {};
    private static final byte[] DOT = {'.'};
    private static final byte[] DOT_DOT = {'.', '.'};
    private static final int STEP =
            OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.NO_FOLLOW | OpenFlags.CLOSE_ON_EXEC;

    private final Paths paths;
    private final OptionalInt root;
    private final int flags;
    private final int mode;
    /** Where the walk is when all that it entered is left: where it started, or the root. */
    private int base;

    /** The directories that were entered and not left, innermost first. */
    private final Deque<Integer> entered = new ArrayDeque<>();

    private final Deque<byte[]> pending = new ArrayDeque<>();
    private boolean directoryWanted;
    private int links;

    PathWalk(Paths paths, Start start, byte[] path, int flags, int mode) {
        this.paths = paths;
        root = start.root();
        base = start.directory();
        this.flags = flags;
        this.mode = mode;
        push(path, true);
    }

    int open() {
        if (pending.isEmpty()) {
            throw Errno.ENOENT.failure();
        }
        while (true) {
            byte[] name = pending.pop();
            if (isDots(name)) {
                if (name.length == 2) {
                    leave();
                }
                if (pending.isEmpty()) {
                    return paths.open(current(), DOT, flags, mode);
                }
            } else if (!pending.isEmpty()) {
                enter(name);
            } else {
                OptionalInt fd = last(name);
                if (fd.isPresent()) {
                    return fd.getAsInt();
                }
            }
        }
    }

    private int current() {
        return entered.isEmpty() ? base : entered.peek();
    }

    private void enter(byte[] name) {
        try {
            if (entered.size() == MAX_DEPTH) {
                throw Errno.ENAMETOOLONG.failure();
            }
            entered.push(paths.open(current(), name, STEP, 0));
        } catch (LinuxException e) {
            if (!mayBeLink(e)) {
                throw e;
            }
            follow(name, e, false);
        }
    }

    private void leave() {
        if (!entered.isEmpty()) {
            Descriptors.close(entered.pop());
        } else if (root.isEmpty()) {
            throw Errno.ENOTCAPABLE.failure();
        } else if (base != root.getAsInt()) {
            climb(root.getAsInt());
        }
    }

    /** Leaves the directory where the walk started. */
    private void climb(int top) {
        FileStatus wanted = Paths.status(top);
        FileStatus at = Paths.status(base);
        int fd = base;
        while (!isSame(at, wanted)) {
            if (entered.size() == MAX_DEPTH) {
                throw Errno.ENAMETOOLONG.failure();
            }
            fd = paths.open(fd, DOT_DOT, STEP, 0);
            entered.addLast(fd);
            FileStatus above = Paths.status(fd);
            if (isSame(above, at)) {
                // The machine's own root.
                throw Errno.ENOTCAPABLE.failure();
            }
            at = above;
        }
        if (!entered.isEmpty()) {
            Descriptors.close(entered.removeLast());
        }
        base = top;
    }

    private static boolean isSame(FileStatus one, FileStatus other) {
        return one.device() == other.device() && one.inode() == other.inode();
    }

    /** Opens the last component, or puts the text of the link that it is in its place. */
    private OptionalInt last(byte[] name) {
        boolean makes = (flags & OpenFlags.CREATE) != 0;
        if (directoryWanted && makes) {
            throw Errno.EISDIR.failure();
        }
        boolean follow =
                directoryWanted || (flags & OpenFlags.NO_FOLLOW) == 0 && !(makes && (flags & OpenFlags.EXCLUSIVE) != 0);
        int how = flags | OpenFlags.NO_FOLLOW | (directoryWanted ? OpenFlags.DIRECTORY : 0);
        try {
            int fd = paths.open(current(), name, how, mode);
            if (follow && (flags & OpenFlags.PATH) != 0 && isLink(fd)) {
                followOpened(fd);
                return OptionalInt.empty();
            }
            return OptionalInt.of(fd);
        } catch (LinuxException e) {
            if (!follow || !mayBeLink(e)) {
                throw e;
            }
            follow(name, e, true);
            return OptionalInt.empty();
        }
    }

    private static boolean isLink(int fd) {
        try {
            return Paths.status(fd).isSymlink();
        } catch (LinuxException e) {
            Descriptors.close(fd);
            throw e;
        }
    }

    private void followOpened(int fd) {
        try {
            splice(paths.readLink(fd, NONE), true);
        } finally {
            Descriptors.close(fd);
        }
    }

    private static boolean mayBeLink(LinuxException e) {
        return e.errno() == dev.skiff.linux.Errno.ELOOP || e.errno() == dev.skiff.linux.Errno.ENOTDIR;
    }

    private void follow(byte[] name, LinuxException cause, boolean last) {
        byte[] text;
        try {
            text = paths.readLink(current(), name);
        } catch (LinuxException e) {
            throw e.errno() == dev.skiff.linux.Errno.EINVAL ? cause : e;
        }
        splice(text, last);
    }

    private void splice(byte[] text, boolean last) {
        if (++links > MAX_LINKS) {
            throw Errno.ELOOP.failure();
        }
        if (text.length == 0) {
            throw Errno.ENOENT.failure();
        }
        if (text[0] == '/') {
            if (root.isEmpty()) {
                throw Errno.ENOTCAPABLE.failure();
            }
            close();
            base = root.getAsInt();
        }
        push(text, last);
        if (pending.isEmpty()) {
            pending.push(DOT);
        }
    }

    /** Puts the components of a path before those that are pending. */
    private void push(byte[] path, boolean last) {
        if (last && path.length > 0 && path[path.length - 1] == '/') {
            directoryWanted = true;
        }
        int end = path.length;
        while (end > 0) {
            int start = end;
            while (start > 0 && path[start - 1] != '/') {
                start--;
            }
            if (start < end) {
                pending.push(Arrays.copyOfRange(path, start, end));
            }
            end = start - 1;
        }
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
    }

    @Override
    public void close() {
        while (!entered.isEmpty()) {
            Descriptors.close(entered.pop());
        }
    }
}
