package dev.skiff.wasi;

import dev.skiff.linux.Paths;

/**
 * Opens paths so that nothing outside of a directory, or of the root of all that it is in, can be reached: neither by {@code ..}, nor by a symbolic link, nor
 * by a magic link of /proc, nor by renaming while the path is resolved. Thread-safe.
 */
sealed interface Beneath permits KernelBeneath, WalkBeneath {
    /**
     * Opens a path beneath a directory.
     *
     * @param paths with whose rights
     * @param start the directory
     * @param path relative path; slashes at its end mean a directory
     * @param flags {@link dev.skiff.linux.OpenFlags}; close-on-exec is added
     * @param mode permission bits of a file that is made; 0 unless one may be made
     * @return the descriptor
     * @throws Failure ENOTCAPABLE if the path leaves the directory, or the root of all if there is one
     * @throws dev.skiff.linux.LinuxException for what else the kernel refuses
     */
    int open(Paths paths, Start start, byte[] path, int flags, int mode);

    /** The kernel's own resolution where the kernel has it, otherwise the walk. */
    static Beneath best() {
        return KernelBeneath.isOffered() ? KernelBeneath.INSTANCE : WalkBeneath.INSTANCE;
    }
}
