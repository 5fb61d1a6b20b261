package dev.skiff.wasi;

import java.util.OptionalInt;

/**
 * Where the resolution of a path starts, and what it does not leave.
 *
 * @param directory descriptor of the directory where it starts
 * @param root descriptor of the directory that is the root of all, in which the other one is; without it nothing leaves the directory where it starts
 */
record Start(int directory, OptionalInt root) {
    /** Whether it starts at the root of all. */
    boolean isRoot() {
        return root.isPresent() && root.getAsInt() == directory;
    }
}
