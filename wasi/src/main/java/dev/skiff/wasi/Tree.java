package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileStatus;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.util.OptionalInt;

/**
 * What a directory that a guest has from the start and all that it opens beneath have in common.
 *
 * @param paths with whose rights files are reached
 * @param readOnly whether nothing is changed
 * @param beneath how paths are confined
 * @param root descriptor of the directory, if it is the root of all; stays open as long as anything beneath is
 */
record Tree(Paths paths, boolean readOnly, Beneath beneath, OptionalInt root) implements AutoCloseable {
    /** One whose paths do not leave the directory where they start. */
    static Tree refusing(Paths paths, boolean readOnly, Beneath beneath) {
        return new Tree(paths, readOnly, beneath, OptionalInt.empty());
    }

    /** One whose paths stay beneath a directory of the host, which is the root of all. */
    static Tree rooted(String hostPath, Paths paths, boolean readOnly, Beneath beneath) {
        int flags = OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC;
        return new Tree(paths, readOnly, beneath, OptionalInt.of(Paths.OWN.open(hostPath, flags, 0)));
    }

    /** Where paths start that are relative to the directory itself. */
    Start top(int directory) {
        return new Start(root.orElse(directory), root);
    }

    /** Where paths start that are relative to another one beneath it. */
    Start within(int directory) {
        return new Start(directory, root);
    }

    /**
     * Takes away the bits by which whoever executes a file that was opened for writing becomes its owner. The kernel does that when a user without CAP_FSETID
     * writes, but writing is done with this process's rights.
     */
    void withholdIds(int fd, FileStatus status) {
        if (!paths.keepsSetIds() && (status.mode() & FileStatus.SET_IDS) != 0) {
            Descriptors.setPermissions(fd, status.mode() & ~FileStatus.SET_IDS);
        }
    }

    @Override
    public void close() {
        if (root.isPresent()) {
            Descriptors.close(root.getAsInt());
        }
    }
}
