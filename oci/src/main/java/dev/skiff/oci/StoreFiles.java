package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** What the store does with files: everything that is there is whole, and stays when the power fails. */
final class StoreFiles {
    private StoreFiles() {}

    /** Makes a directory, and those above it, that only its owner can use. */
    static void createDirectories(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Writes a file that appears under its name only when it is whole. */
    static void replace(Path file, byte[] content) throws IOException {
        Path part = Files.createTempFile(file.getParent(), ".part-", "");
        try {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            move(part, file);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Gives a file that is on the disk its name, for good. */
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(to.getParent());
    }

    /** Has the disk know a directory's names. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** What went wrong with the store, for people. */
    static OciException failure(String doing, Path path, IOException e) {
        String reason = DiskFailure.reason(e);
        String hint = "";
        if (reason.contains("No space left")) {
            hint = "; skiff images prune makes room, and --store names another place";
        } else if (reason.contains("Read-only") || e instanceof AccessDeniedException) {
            hint = "; --store names another place";
        }
        return new OciException(Problem.STORAGE, "cannot " + doing + " " + path + ": " + reason + hint, e);
    }
}
