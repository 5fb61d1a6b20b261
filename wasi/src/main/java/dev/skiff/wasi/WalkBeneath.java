package dev.skiff.wasi;

import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;

/** Resolves component by component, for kernels without openat2(2) and for sandboxes that forbid it. */
final class WalkBeneath implements Beneath {
    static final WalkBeneath INSTANCE = new WalkBeneath();

    private WalkBeneath() {}

    @Override
    public int open(Paths paths, Start start, byte[] path, int flags, int mode) {
        try (PathWalk walk = new PathWalk(paths, start, path, flags | OpenFlags.CLOSE_ON_EXEC, mode)) {
            return walk.open();
        }
    }
}
