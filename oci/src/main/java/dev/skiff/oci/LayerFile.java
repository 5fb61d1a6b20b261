package dev.skiff.oci;

import java.nio.file.Path;

/**
 * A file for a layer that is written.
 *
 * @param path where it is in the image, from the root; a slash at the beginning says nothing
 * @param content its bytes
 * @param permissions nine bits
 */
public record LayerFile(String path, Content content, int permissions) {
    /** Where the bytes come from. */
    public sealed interface Content {
        /** A file of this machine, which must not change meanwhile. */
        record OnDisk(Path file) implements Content {}

        /** Bytes that are there already; not copied, so they must not change afterwards. */
        @SuppressWarnings("ArrayRecordComponent")
        record InMemory(byte[] bytes) implements Content {}
    }

    /** Checks the permissions. */
    public LayerFile {
        if ((permissions & ~0777) != 0) {
            throw new IllegalArgumentException("permissions are nine bits, not 0" + Integer.toOctalString(permissions));
        }
    }

    /** A file whose bytes are in a file of this machine. */
    public static LayerFile of(String path, Path file, int permissions) {
        return new LayerFile(path, new Content.OnDisk(file), permissions);
    }

    /** A file of these bytes, which must not change afterwards. */
    public static LayerFile of(String path, byte[] bytes, int permissions) {
        return new LayerFile(path, new Content.InMemory(bytes), permissions);
    }
}
