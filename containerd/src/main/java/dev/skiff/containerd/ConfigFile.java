package dev.skiff.containerd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** A file of containerd's configuration on the disk: read as a whole, and replaced as a whole. */
final class ConfigFile {
    private static final long LARGEST = 1 << 20;

    private ConfigFile() {}

    /**
     * The file that a path means: symbolic links are followed, so that writing does not replace them.
     *
     * @return empty if there is none
     * @throws ConfigException if links lead nowhere
     */
    static Optional<Path> real(Path path) throws IOException {
        try {
            return Optional.of(path.toRealPath());
        } catch (NoSuchFileException e) {
            if (Files.isSymbolicLink(path)) {
                throw new ConfigException(path + " is a symbolic link to what is not there", e);
            }
            return Optional.empty();
        } catch (FileSystemException e) {
            if (Files.isSymbolicLink(path)) {
                throw new ConfigException(path + " is a symbolic link that leads nowhere: " + e.getReason(), e);
            }
            throw e;
        }
    }

    /** The text of a file. */
    static String read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ConfigException(file + " is not a file");
        }
        if (Files.size(file) > LARGEST) {
            throw new ConfigException(
                    file + " is larger than " + LARGEST + " bytes, and no configuration of containerd");
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + " is not TOML: it is not UTF-8", e);
        }
    }

    /** Puts a text in a file's place. What was there keeps its owner, group and permissions; a new file is for all to read. */
    static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Path part = Files.createTempFile(file.getParent(), ".skiff", ".part");
        try {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            PosixFileAttributeView made = Files.getFileAttributeView(part, PosixFileAttributeView.class);
            if (Files.exists(file)) {
                PosixFileAttributes old = Files.readAttributes(file, PosixFileAttributes.class);
                made.setGroup(old.group());
                made.setOwner(old.owner());
                made.setPermissions(old.permissions());
            } else {
                made.setPermissions(PosixFilePermissions.fromString("rw-r--r--"));
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
