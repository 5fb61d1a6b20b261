package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileStatus;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.nio.charset.StandardCharsets;

/**
 * An open directory of the host as a guest may use it: every path is resolved beneath it, and nothing is changed if it
 * is read-only. What it gives out inherits both properties. Knows nothing of rights or descriptor numbers.
 *
 * <p>Paths are resolved in two steps where a name is made, removed or read: the parent directory is opened beneath this
 * one, then the kernel acts on the last component in that directory, which it does not follow.
 */
final class Directory implements AutoCloseable {
    private static final byte[] ITSELF = {};
    private static final int PLACE = OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC;
    private static final int PLACE_OF_DIRECTORY = PLACE | OpenFlags.DIRECTORY;

    private final int fd;
    private final boolean readOnly;
    private final Beneath beneath;

    /** Takes over the descriptor of a directory. */
    Directory(int fd, boolean readOnly, Beneath beneath) {
        this.fd = fd;
        this.readOnly = readOnly;
        this.beneath = beneath;
    }

    /**
     * Opens a directory of the host.
     *
     * @throws LinuxException if it does not exist, is no directory, or may not be read
     */
    static Directory open(String hostPath, boolean readOnly, Beneath beneath) {
        int flags = OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC;
        return new Directory(Paths.open(hostPath, flags, 0), readOnly, beneath);
    }

    int fd() {
        return fd;
    }

    boolean readOnly() {
        return readOnly;
    }

    Beneath beneath() {
        return beneath;
    }

    /**
     * Opens what a path names.
     *
     * @param flags {@link OpenFlags}; never waits for the other end of a named pipe
     * @throws Failure EROFS if the directory is read-only and the flags ask for writing
     */
    int open(GuestPath path, int flags) {
        int how = flags | OpenFlags.NONBLOCK | OpenFlags.NO_TERMINAL;
        if (readOnly) {
            return openReadOnly(path, how);
        }
        return beneath.open(fd, path.bytes(), how, (flags & OpenFlags.CREATE) != 0 ? 0666 : 0);
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
            opened = beneath.open(fd, path.bytes(), how, 0);
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
            FileStatus status = Paths.status(fd, path.bytes(), Paths.NO_FOLLOW);
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

    /** Sets times; the arguments are those of {@link Paths#setTimes(int, long, long)}. */
    void setTimes(GuestPath path, boolean follow, long accessed, long modified) {
        requireWritable();
        if (path.isPlainName() && !follow) {
            Paths.setTimes(fd, path.bytes(), accessed, modified, Paths.NO_FOLLOW);
            return;
        }
        int place = openPlace(path, follow);
        try {
            Paths.setTimes(place, ITSELF, accessed, modified, Paths.EMPTY_PATH);
        } catch (LinuxException e) {
            if (e.errno() != dev.skiff.linux.Errno.EINVAL) {
                throw e;
            }
            // Before Linux 5.8 a place can only be reached by its name in /proc.
            byte[] name = ("/proc/self/fd/" + place).getBytes(StandardCharsets.US_ASCII);
            Paths.setTimes(Paths.CURRENT_DIRECTORY, name, accessed, modified, 0);
        } finally {
            Descriptors.close(place);
        }
    }

    private int openPlace(GuestPath path, boolean follow) {
        return beneath.open(fd, path.bytes(), follow ? PLACE : PLACE | OpenFlags.NO_FOLLOW, 0);
    }

    /** The text of a symbolic link. */
    byte[] readLink(GuestPath path) {
        if (path.endsInSlash()) {
            Descriptors.close(openPlace(path, true));
            throw Errno.EINVAL.failure();
        }
        try (Place place = place(path, Errno.EINVAL, Errno.EINVAL)) {
            return Paths.readLink(place.parent, path.name());
        }
    }

    void makeDirectory(GuestPath path) {
        requireWritable();
        try (Place place = place(path, Errno.EEXIST, Errno.EEXIST)) {
            Paths.makeDirectory(place.parent, path.name(), 0777);
        }
    }

    void removeDirectory(GuestPath path) {
        requireWritable();
        try (Place place = place(path, Errno.EINVAL, Errno.ENOTEMPTY)) {
            Paths.unlink(place.parent, path.nameWithSlash(), Paths.REMOVE_DIRECTORY);
        }
    }

    void unlinkFile(GuestPath path) {
        requireWritable();
        try (Place place = place(path, Errno.EISDIR, Errno.EISDIR)) {
            Paths.unlink(place.parent, path.nameWithSlash(), 0);
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
            Paths.symlink(text, place.parent, path.nameWithSlash());
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
            Descriptors.close(beneath.open(fd, from.bytes(), PLACE_OF_DIRECTORY, 0));
            throw Errno.EPERM.failure();
        }
        try (Place old = place(from, Errno.EPERM, Errno.EPERM);
                Place target = directory.place(to, Errno.EEXIST, Errno.EEXIST)) {
            Paths.link(old.parent, from.name(), target.parent, to.nameWithSlash(), 0);
        }
    }

    /** Renames into another directory; both must be writable. */
    void rename(GuestPath from, Directory directory, GuestPath to) {
        requireWritable();
        directory.requireWritable();
        try (Place old = place(from, Errno.EBUSY, Errno.EBUSY);
                Place target = directory.place(to, Errno.EBUSY, Errno.EBUSY)) {
            Paths.rename(old.parent, from.nameWithSlash(), target.parent, to.nameWithSlash(), 0);
        }
    }

    void requireWritable() {
        if (readOnly) {
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
            Descriptors.close(beneath.open(fd, path.bytes(), PLACE_OF_DIRECTORY, 0));
            throw (path.endsInDot() ? dot : dotDot).failure();
        }
        byte[] parent = path.parent();
        return parent.length == 0
                ? new Place(fd, false)
                : new Place(beneath.open(fd, parent, PLACE_OF_DIRECTORY, 0), true);
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
