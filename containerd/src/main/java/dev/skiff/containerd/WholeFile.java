package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Puts files in their places as a whole: who reads one sees the old or the new, and a failure leaves the old. */
final class WholeFile {
    private WholeFile() {}

    /** Fills a file that is there. */
    interface Filling {
        void fill(Path file) throws IOException;
    }

    /**
     * Writes one.
     *
     * @param permissions such as {@code rw-r--r--}
     */
    static void write(Path file, byte[] content, String permissions) throws IOException {
        make(file, permissions, part -> Files.write(part, content));
    }

    /** The same for what need not be in memory. */
    static void make(Path file, String permissions, Filling content) throws IOException {
        Path part = Files.createTempFile(file.getParent(), ".skiff", ".part");
        try {
            content.fill(part);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(permissions));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
