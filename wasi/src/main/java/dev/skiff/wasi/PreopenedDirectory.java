package dev.skiff.wasi;

import java.nio.file.Path;

/**
 * A directory of the host that a guest may use.
 *
 * @param hostPath where it is
 * @param guestPath what the guest calls it, such as {@code /} or {@code data}
 * @param readOnly whether every change in it is refused with EROFS
 * @param bounds what becomes of paths that would leave it
 */
public record PreopenedDirectory(Path hostPath, String guestPath, boolean readOnly, Bounds bounds) {
    /** What becomes of paths that would leave a directory, which none ever does. */
    public enum Bounds {
        /** They are refused with ENOTCAPABLE, as WASI has it: symbolic links to absolute paths, and {@code ..} beyond the directory that was opened. */
        REFUSE,
        /**
         * There is nothing else, as after chroot(2): symbolic links to absolute paths begin at the directory, and {@code ..} in it is itself. That holds
         * for all directories that the guest opens beneath it, too. Only the paths that a guest itself passes must be relative all the same.
         */
        ROOT
    }

    /** Checks the name: not empty, without a zero character. */
    public PreopenedDirectory {
        if (guestPath.isEmpty() || guestPath.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a guest path must not be empty nor contain a zero character");
        }
    }

    /** A directory of which paths that would leave it are refused. */
    public PreopenedDirectory(Path hostPath, String guestPath, boolean readOnly) {
        this(hostPath, guestPath, readOnly, Bounds.REFUSE);
    }

    /** The root of all files that a guest has, such as a container's. */
    public static PreopenedDirectory root(Path hostPath, boolean readOnly) {
        return new PreopenedDirectory(hostPath, "/", readOnly, Bounds.ROOT);
    }
}
