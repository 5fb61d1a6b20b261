package dev.skiff.wasm.internal.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Translated code on disk, one file for each module, engine and JDK. Files are replaced as a whole, so readers see the old
 * or the new one, and are authenticated with a key that only the directory's owner can read. What is damaged, foreign or
 * out of date is as good as absent. Thread-safe, also between processes.
 */
public final class CodeCache {
    private static final int KEY_BYTES = Seal.LENGTH;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final Path directory;
    private final byte[] key;

    private CodeCache(Path directory, byte[] key) {
        this.directory = directory;
        this.key = key;
    }

    /**
     * Opens the cache in a directory, which is made if it is absent.
     *
     * @throws UncheckedIOException if the directory cannot be used; the message says why
     */
    public static CodeCache open(Path directory) {
        try {
            Files.createDirectories(directory, attributes(OWNER_ONLY));
            requireOwned(directory);
            return new CodeCache(directory, readOrMakeKey(directory.resolve("seal-key")));
        } catch (IOException failure) {
            throw new UncheckedIOException("the code cache " + directory + " cannot be used: " + failure, failure);
        }
    }

    private static FileAttribute<?> attributes(Set<PosixFilePermission> permissions) {
        return PosixFilePermissions.asFileAttribute(permissions);
    }

    /** Whoever may write into the directory may put code there; so nobody else may. */
    private static void requireOwned(Path directory) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(directory, PosixFileAttributes.class);
        Set<PosixFilePermission> permissions = attributes.permissions();
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("others may write to it; run chmod 700 " + directory);
        }
    }

    private static byte[] readOrMakeKey(Path file) throws IOException {
        for (int attempt = 0; attempt < 10; attempt++) {
            try {
                byte[] key = Files.readAllBytes(file);
                if (key.length == KEY_BYTES) {
                    return key;
                }
                Files.delete(file);
            } catch (NoSuchFileException _) {
                makeKey(file);
            }
        }
        throw new IOException("its key file " + file + " cannot be made");
    }

    private static void makeKey(Path file) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        Path temporary = temporary(file.getParent());
        try {
            Files.write(temporary, key);
            // A link, unlike a move, fails where another process was first.
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException _) {
            // The other process's key is as good.
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Path temporary(Path directory) throws IOException {
        return Files.createTempFile(
                directory, "new-", ".tmp", attributes(PosixFilePermissions.fromString("rw-------")));
    }

    /** Tells a module from all others, in this cache. */
    public String identify(byte[] binary) {
        return hex(Seal.of(key, Seal.Purpose.MODULE, binary));
    }

    private Path file(CacheKey name) {
        byte[] text = name.text().getBytes(StandardCharsets.UTF_8);
        return directory.resolve(hex(Seal.of(key, Seal.Purpose.NAME, text)) + ".code");
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The entry of a module, if there is one that can be trusted. */
    public Optional<CacheEntry> find(CacheKey name) {
        Path file = file(name);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        return CacheEntry.open(file, name, key);
    }

    /**
     * Writes an entry in place of the one there was.
     *
     * @param classes class files by number
     * @throws UncheckedIOException if it cannot be written; then the old one stays
     */
    public void write(CacheKey name, Map<Integer, byte[]> classes) {
        Path file = file(name);
        try {
            Path temporary = temporary(directory);
            try {
                CacheEntry.write(temporary, name, key, classes);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("the code cache entry " + file + " cannot be written: " + failure, failure);
        }
    }
}
