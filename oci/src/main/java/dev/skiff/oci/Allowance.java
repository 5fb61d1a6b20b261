package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;

/** What is left of an image's limits while its layers are read. For one thread. */
final class Allowance {
    private final UnpackLimits limits;
    private long unpacked;
    private long stored;
    private long names;
    private int entries;

    Allowance(UnpackLimits limits) {
        this.limits = limits;
    }

    UnpackLimits limits() {
        return limits;
    }

    /** Takes bytes that came out of a decompressor. */
    void unpacked(long count, String layer) {
        unpacked += count;
        checkBytes(unpacked, layer);
    }

    /** Takes bytes of a file, which can be more than the layer has: holes are not in it. */
    void stored(long count, String layer) {
        stored += count;
        checkBytes(stored, layer);
    }

    private void checkBytes(long count, String layer) {
        if (count > limits.unpackedBytes()) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    "up to " + layer + " the image unpacks to more than the limit of " + limits.unpackedBytes()
                            + " bytes");
        }
    }

    /** Takes the name of an entry, or the text of a link. */
    void name(String name, String layer) {
        names += ImagePath.bytes(name);
        if (names > limits.nameBytes()) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    "up to " + layer + " the image has names and links of more than the limit of " + limits.nameBytes()
                            + " bytes");
        }
    }

    /** Takes one entry, or one directory that no entry names. */
    void entry(String layer) {
        if (++entries > limits.entries()) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    "up to " + layer + " the image has more than the limit of " + limits.entries()
                            + " files and directories");
        }
    }
}
