package dev.skiff.oci;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** Deletes directories of images, in which there can be directories that do not let their owner in. Links are not followed. */
final class DirectoryDeletion {
    private DirectoryDeletion() {}

    /**
     * Deletes a directory with all that is in it, if it is there.
     *
     * @throws OciException STORAGE if something stays
     */
    static void delete(Path directory) {
        try {
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                deleteTree(directory);
            }
        } catch (NoSuchFileException e) {
            // Somebody else deleted it meanwhile, which is as good.
        } catch (IOException e) {
            throw DiskFailure.of("delete", directory, e);
        }
    }

    /**
     * Deletes a file, or a directory with all that is in it.
     *
     * @return the bytes of the files
     * @throws IOException if something stays, or was not there
     */
    static long deleteTree(Path root) throws IOException {
        if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            open(root);
        }
        Visitor visitor = new Visitor();
        Files.walkFileTree(root, visitor);
        return visitor.bytes;
    }

    private static void open(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private long bytes;

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            // The visit opened this directory already; those in it come next.
            try (var entries =
                    Files.newDirectoryStream(directory, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
                for (Path entry : entries) {
                    open(entry);
                }
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            bytes += attributes.size();
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
