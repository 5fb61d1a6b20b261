package dev.skiff.wasi;

import dev.skiff.linux.OpenFlags;

/** Resolves component by component, for kernels without openat2(2) and for sandboxes that forbid it. */
final class WalkBeneath implements Beneath {
    static final WalkBeneath INSTANCE = new WalkBeneath();

    private WalkBeneath() {}

    @Override
    public int open(int root, byte[] path, int flags, int mode) {
        try (PathWalk walk = new PathWalk(root, path, flags | OpenFlags.CLOSE_ON_EXEC, mode)) {
            return walk.open();
        }
    }
}
