package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;

/**
 * The kernel resolves: openat2(2) with RESOLVE_BENEATH or RESOLVE_IN_ROOT, since Linux 5.6. A path that starts elsewhere in a root, and leaves that
 * directory, is walked.
 */
final class KernelBeneath implements Beneath {
    static final KernelBeneath INSTANCE = new KernelBeneath();

    private static final int RESOLVE_BENEATH = OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_NO_MAGICLINKS;
    private static final int RESOLVE_IN_ROOT = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;

    /** How often to ask again when something was renamed during the resolution of a path with {@code ..}. */
    private static final int ATTEMPTS = 32;

    private KernelBeneath() {}

    /** Whether the kernel has the call, and no system call filter forbids it. */
    static boolean isOffered() {
        return Offered.YES;
    }

    @Override
    public int open(Paths paths, Start start, byte[] path, int flags, int mode) {
        int resolve = start.isRoot() ? RESOLVE_IN_ROOT : RESOLVE_BENEATH;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                return paths.open2(start.directory(), path, flags | OpenFlags.CLOSE_ON_EXEC, mode, resolve);
            } catch (LinuxException e) {
                switch (e.errno()) {
                    case EXDEV -> {
                        if (start.root().isEmpty()) {
                            throw dev.skiff.wasi.Errno.ENOTCAPABLE.failure();
                        }
                        return WalkBeneath.INSTANCE.open(paths, start, path, flags, mode);
                    }
                    case EAGAIN, EINTR -> Thread.onSpinWait();
                    default -> throw e;
                }
            }
        }
        return WalkBeneath.INSTANCE.open(paths, start, path, flags, mode);
    }

    private static final class Offered {
        static final boolean YES = probe();

        private static boolean probe() {
            try {
                int flags = OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC;
                Descriptors.close(
                        Paths.OWN.open2(Paths.CURRENT_DIRECTORY, new byte[] {'.'}, flags, 0, RESOLVE_BENEATH));
                return true;
            } catch (LinuxException e) {
                return e.errno() != Errno.ENOSYS && e.errno() != Errno.EPERM;
            }
        }
    }
}
