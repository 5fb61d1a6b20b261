package dev.skiff.oci;

/**
 * What an image may take at most when its layers are unpacked. What exceeds a limit is refused with
 * {@link OciException.Problem#TOO_LARGE}. There is no limit on the ratio of packed to unpacked bytes: files full of zeros are
 * honest, and what harms is the absolute amount.
 *
 * @param unpackedBytes bytes of all layers unpacked, and bytes of all files with their holes filled
 * @param entries entries of all layers, and directories that are made because an entry lies in them
 * @param nameBytes length of all paths and all texts of links, as the layers write them, in bytes of UTF-8; they are in memory
 * @param pathBytes length of a path from the image's root, in bytes of UTF-8
 * @param linkTargetBytes length of a symbolic link's text, in bytes of UTF-8
 * @param depth directories within directories, 1 to 1,000
 */
public record UnpackLimits(
        long unpackedBytes, int entries, long nameBytes, int pathBytes, int linkTargetBytes, int depth) {
    /** 4 GiB, 1,000,000 entries with names of 128 MiB, paths of 4,096 bytes, links of 4,095 bytes, 256 levels. */
    public static final UnpackLimits DEFAULTS = new UnpackLimits(4L << 30, 1_000_000, 128L << 20, 4_096, 4_095, 256);

    /** No file system of Linux has longer names, in bytes. */
    static final int NAME_BYTES = 255;

    /** Checks the ranges. */
    public UnpackLimits {
        if (unpackedBytes < 1 || entries < 1 || nameBytes < 1 || pathBytes < 1 || linkTargetBytes < 1) {
            throw new IllegalArgumentException("a limit must be positive");
        }
        if (depth < 1 || depth > 1_000) {
            throw new IllegalArgumentException("the depth must be 1 to 1,000, not " + depth);
        }
    }

    /** The same with another limit on bytes. */
    public UnpackLimits withUnpackedBytes(long bytes) {
        return new UnpackLimits(bytes, entries, nameBytes, pathBytes, linkTargetBytes, depth);
    }

    /** The same with another limit on entries. */
    public UnpackLimits withEntries(int count) {
        return new UnpackLimits(unpackedBytes, count, nameBytes, pathBytes, linkTargetBytes, depth);
    }
}
