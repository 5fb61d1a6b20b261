package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;

/** The kernel resolves: openat2(2) with RESOLVE_BENEATH, since Linux 5.6. */
final class KernelBeneath implements Beneath {
    static final KernelBeneath INSTANCE = new KernelBeneath();

    private static final int RESOLVE = OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_NO_MAGICLINKS;

    /** How often to ask again when something was renamed during the resolution of a path with {@code ..}. */
    private static final int ATTEMPTS = 32;

    private KernelBeneath() {}

    /** Whether the kernel has the call, and no system call filter forbids it. */
    static boolean isOffered() {
        return Offered.YES;
    }

    @Override
    public int open(int root, byte[] path, int flags, int mode) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                return Paths.open2(root, path, flags | OpenFlags.CLOSE_ON_EXEC, mode, RESOLVE);
            } catch (LinuxException e) {
                switch (e.errno()) {
                    case EXDEV -> throw dev.skiff.wasi.Errno.ENOTCAPABLE.failure();
                    case EAGAIN, EINTR -> Thread.onSpinWait();
                    default -> throw e;
                }
            }
        }
        return WalkBeneath.INSTANCE.open(root, path, flags, mode);
    }

    private static final class Offered {
        static final boolean YES = probe();

        private static boolean probe() {
            try {
                int flags = OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC;
                Descriptors.close(Paths.open2(Paths.CURRENT_DIRECTORY, new byte[] {'.'}, flags, 0, RESOLVE));
                return true;
            } catch (LinuxException e) {
                return e.errno() != Errno.ENOSYS && e.errno() != Errno.EPERM;
            }
        }
    }
}
