package dev.skiff.wasi;

import java.nio.file.Path;

/**
 * A directory of the host that a guest may use.
 *
 * @param hostPath where it is
 * @param guestPath what the guest calls it, such as {@code /} or {@code data}
 * @param readOnly whether every change in it is refused with EROFS
 */
public record PreopenedDirectory(Path hostPath, String guestPath, boolean readOnly) {
    /** Checks the name: not empty, without a zero character. */
    public PreopenedDirectory {
        if (guestPath.isEmpty() || guestPath.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a guest path must not be empty nor contain a zero character");
        }
    }
}
