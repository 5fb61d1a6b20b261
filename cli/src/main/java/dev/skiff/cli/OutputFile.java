package dev.skiff.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file that the user named. What was there stays until the new one is whole. */
final class OutputFile {
    private static final int BUFFER = 1 << 16;

    private OutputFile() {}

    /** Writes what goes into a file. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes a file, with the permissions that the umask leaves; devices and pipes are written to, not replaced. */
    static void write(Path file, Content content) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "it is a directory");
        }
        boolean exists = Files.exists(file);
        if (exists && !Files.isRegularFile(file)) {
            fill(file, content, StandardOpenOption.WRITE);
            return;
        }
        // A link leads to the file that is meant.
        Path target = exists ? file.toRealPath() : file.toAbsolutePath();
        Path folder = target.getParent();
        if (!Files.exists(folder)) {
            throw new FileSystemException(file.toString(), null, "there is no directory " + folder);
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        Path part = folder.resolve(".skiff-" + UUID.randomUUID());
        try {
            fill(part, content, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void fill(Path file, Content content, StandardOpenOption... how) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file, how), BUFFER)) {
            content.writeTo(out);
        }
    }
}
