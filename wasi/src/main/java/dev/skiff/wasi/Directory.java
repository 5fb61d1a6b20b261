package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileStatus;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.nio.charset.StandardCharsets;

/**
 * An open directory of the host as a guest may use it: every path is resolved beneath it, and nothing is changed if it
 * is read-only, or where the guest's user has no right to. What it gives out inherits these properties. Knows nothing of rights or descriptor numbers.
 *
 * <p>Paths are resolved in two steps where a name is made, removed or read: the parent directory is opened beneath this
 * one, then the kernel acts on the last component in that directory, which it does not follow.
 */
final class Directory implements AutoCloseable {
    private static final byte[] ITSELF = {};
    private static final byte[] DOT = {'.'};
    private static final int LISTED = OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC;
    private static final int PLACE = OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC;
    private static final int PLACE_OF_DIRECTORY = PLACE | OpenFlags.DIRECTORY;

    private final int fd;
    private final Start start;
    private final Tree tree;

    /** Takes over the descriptor of a directory that was opened beneath another one. */
    Directory(int fd, Tree tree) {
        this(fd, tree.within(fd), tree);
    }

    private Directory(int fd, Start start, Tree tree) {
        this.fd = fd;
        this.start = start;
        this.tree = tree;
    }

    /**
     * Opens a directory of the host. Its place is this process's to find; what is in it can be listed if the guest's user may.
     *
     * @throws LinuxException if it does not exist, is no directory, or this process may not read it
     */
    static Directory open(String hostPath, Tree tree) {
        if (tree.paths() == Paths.OWN) {
            return top(Paths.OWN.open(hostPath, LISTED, 0), tree);
        }
        int place = Paths.OWN.open(hostPath, PLACE_OF_DIRECTORY, 0);
        try {
            int fd = tree.paths().open(place, DOT, LISTED, 0);
            Descriptors.close(place);
            return top(fd, tree);
        } catch (LinuxException e) {
            if (e.errno() == dev.skiff.linux.Errno.EACCES) {
                return top(place, tree);
            }
            Descriptors.close(place);
            throw e;
        }
    }

    private static Directory top(int fd, Tree tree) {
        return new Directory(fd, tree.top(fd), tree);
    }

    int fd() {
        return fd;
    }

    boolean readOnly() {
        return tree.readOnly();
    }

    Tree tree() {
        return tree;
    }

    private int resolve(byte[] path, int flags, int mode) {
        return tree.beneath().open(tree.paths(), start, path, flags, mode);
    }

    /**
     * Opens what a path names.
     *
     * @param flags {@link OpenFlags}; never waits for the other end of a named pipe
     * @throws Failure EROFS if the directory is read-only and the flags ask for writing
     */
    int open(GuestPath path, int flags) {
        int how = flags | OpenFlags.NONBLOCK | OpenFlags.NO_TERMINAL;
        if (tree.readOnly()) {
            return openReadOnly(path, how);
        }
        return resolve(path.bytes(), how, (flags & OpenFlags.CREATE) != 0 ? 0666 : 0);
    }

    private int openReadOnly(GuestPath path, int flags) {
        boolean changes = (flags & (OpenFlags.ACCESS_MODE | OpenFlags.TRUNCATE)) != 0;
        int making = flags & (OpenFlags.CREATE | OpenFlags.EXCLUSIVE);
        int how = flags & ~making;
        if (changes) {
            how = PLACE | flags & (OpenFlags.NO_FOLLOW | OpenFlags.DIRECTORY);
        }
        int opened;
        try {
            opened = resolve(path.bytes(), how, 0);
        } catch (LinuxException e) {
            throw making != 0 && e.errno() == dev.skiff.linux.Errno.ENOENT ? Errno.EROFS.failure() : e;
        }
        if (!changes && (making & OpenFlags.EXCLUSIVE) == 0) {
            return opened;
        }
        boolean directory = isDirectory(opened);
        Descriptors.close(opened);
        if ((making & OpenFlags.EXCLUSIVE) != 0) {
            throw Errno.EEXIST.failure();
        }
        throw (directory ? Errno.EISDIR : Errno.EROFS).failure();
    }

    private static boolean isDirectory(int fd) {
        try {
            return Paths.status(fd).isDirectory();
        } catch (LinuxException e) {
            return false;
        }
    }

    /** What the kernel knows of a file. */
    FileStatus status(GuestPath path, boolean follow) {
        if (path.isPlainName()) {
            FileStatus status = tree.paths().status(fd, path.bytes(), Paths.NO_FOLLOW);
            if (!follow || !status.isSymlink()) {
                return status;
            }
        }
        int place = openPlace(path, follow);
        try {
            return Paths.status(place);
        } finally {
            Descriptors.close(place);
        }
    }

    /** What the kernel knows of an entry that was read. */
    FileStatus entry(byte[] name) {
        return tree.paths().status(fd, name, Paths.NO_FOLLOW);
    }

    /** Sets its own times; the arguments are those of {@link Paths#setTimes(int, long, long)}. */
    void setTimes(long accessed, long modified) {
        requireWritable();
        tree.paths().setTimes(fd, accessed, modified);
    }

    /** Sets times; the arguments are those of {@link Paths#setTimes(int, long, long)}. */
    void setTimes(GuestPath path, boolean follow, long accessed, long modified) {
        requireWritable();
        if (path.isPlainName() && !follow) {
            tree.paths().setTimes(fd, path.bytes(), accessed, modified, Paths.NO_FOLLOW);
            return;
        }
        int place = openPlace(path, follow);
        try {
            tree.paths().setTimes(place, ITSELF, accessed, modified, Paths.EMPTY_PATH);
        } catch (LinuxException e) {
            if (e.errno() != dev.skiff.linux.Errno.EINVAL) {
                throw e;
            }
            // Before Linux 5.8 a place can only be reached by its name in /proc.
            byte[] name = ("/proc/self/fd/" + place).getBytes(StandardCharsets.US_ASCII);
            tree.paths().setTimes(Paths.CURRENT_DIRECTORY, name, accessed, modified, 0);
        } finally {
            Descriptors.close(place);
        }
    }

    private int openPlace(GuestPath path, boolean follow) {
        return resolve(path.bytes(), follow ? PLACE : PLACE | OpenFlags.NO_FOLLOW, 0);
    }

    /** The text of a symbolic link. */
    byte[] readLink(GuestPath path) {
        if (path.endsInSlash()) {
            Descriptors.close(openPlace(path, true));
            throw Errno.EINVAL.failure();
        }
        try (Place place = place(path, Errno.EINVAL, Errno.EINVAL)) {
            return tree.paths().readLink(place.parent, path.name());
        }
    }

    void makeDirectory(GuestPath path) {
        requireWritable();
        try (Place place = place(path, Errno.EEXIST, Errno.EEXIST)) {
            tree.paths().makeDirectory(place.parent, path.name(), 0777);
        }
    }

    void removeDirectory(GuestPath path) {
        requireWritable();
        try (Place place = place(path, Errno.EINVAL, Errno.ENOTEMPTY)) {
            tree.paths().unlink(place.parent, path.nameWithSlash(), Paths.REMOVE_DIRECTORY);
        }
    }

    void unlinkFile(GuestPath path) {
        requireWritable();
        try (Place place = place(path, Errno.EISDIR, Errno.EISDIR)) {
            tree.paths().unlink(place.parent, path.nameWithSlash(), 0);
        }
    }

    /**
     * Makes a symbolic link.
     *
     * @param text where it points to
     * @throws Failure ENOTCAPABLE if the text is an absolute path, which programs of the host would follow
     */
    void symlink(byte[] text, GuestPath path) {
        requireWritable();
        if (text.length > 0 && text[0] == '/') {
            throw Errno.ENOTCAPABLE.failure();
        }
        try (Place place = place(path, Errno.EEXIST, Errno.EEXIST)) {
            tree.paths().symlink(text, place.parent, path.nameWithSlash());
        }
    }

    /**
     * Makes a hard link in another directory; both must be writable, since writing through the link changes the file
     * here.
     */
    void link(GuestPath from, Directory directory, GuestPath to) {
        requireWritable();
        directory.requireWritable();
        if (from.endsInSlash()) {
            // The kernel would follow a link here; only a directory can be meant, and a directory cannot be linked.
            Descriptors.close(resolve(from.bytes(), PLACE_OF_DIRECTORY, 0));
            throw Errno.EPERM.failure();
        }
        try (Place old = place(from, Errno.EPERM, Errno.EPERM);
                Place target = directory.place(to, Errno.EEXIST, Errno.EEXIST)) {
            tree.paths().link(old.parent, from.name(), target.parent, to.nameWithSlash(), 0);
        }
    }

    /** Renames into another directory; both must be writable. */
    void rename(GuestPath from, Directory directory, GuestPath to) {
        requireWritable();
        directory.requireWritable();
        try (Place old = place(from, Errno.EBUSY, Errno.EBUSY);
                Place target = directory.place(to, Errno.EBUSY, Errno.EBUSY)) {
            tree.paths().rename(old.parent, from.nameWithSlash(), target.parent, to.nameWithSlash(), 0);
        }
    }

    void requireWritable() {
        if (tree.readOnly()) {
            throw Errno.EROFS.failure();
        }
    }

    /**
     * Opens the directory that holds the last component.
     *
     * @param dot the error if that component is {@code .}
     * @param dotDot the error if it is {@code ..}
     */
    private Place place(GuestPath path, Errno dot, Errno dotDot) {
        if (path.endsInDots()) {
            Descriptors.close(resolve(path.bytes(), PLACE_OF_DIRECTORY, 0));
            throw (path.endsInDot() ? dot : dotDot).failure();
        }
        byte[] parent = path.parent();
        return parent.length == 0 ? new Place(fd, false) : new Place(resolve(parent, PLACE_OF_DIRECTORY, 0), true);
    }

    @Override
    public void close() {
        Descriptors.close(fd);
    }

    /** A directory that is open while one call acts on a name in it. */
    private record Place(int parent, boolean owned) implements AutoCloseable {
        @Override
        public void close() {
            if (owned) {
                Descriptors.close(parent);
            }
        }
    }
}
