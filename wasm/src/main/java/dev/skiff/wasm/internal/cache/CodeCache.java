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
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Translated code on disk, one file for each module, its options, engine and JDK. Files are replaced as a whole, so readers see the old
 * or the new one, and are authenticated with a key that only the directory's owner can read. What is damaged, foreign or
 * out of date is as good as absent. Thread-safe, also between processes.
 */
public final class CodeCache {
    private static final int KEY_BYTES = Seal.LENGTH;
    private static final Pattern IDENTITY = Pattern.compile("[0-9a-f]{" + 2 * Seal.LENGTH + "}");
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final CacheFiles files;
    private final byte[] key;

    private CodeCache(CacheFiles files, byte[] key) {
        this.files = files;
        this.key = key;
    }

    /**
     * Opens the cache in a directory, which is made if it is absent.
     *
     * @throws UncheckedIOException if the directory cannot be used; the message says why
     */
    public static CodeCache open(Path directory) {
        try {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            requireOwned(directory);
            CacheFiles files = new CacheFiles(directory);
            return new CodeCache(files, readOrMakeKey(files));
        } catch (IOException failure) {
            throw new UncheckedIOException("the code cache " + directory + " cannot be used: " + failure, failure);
        }
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

    private static byte[] readOrMakeKey(CacheFiles files) throws IOException {
        Path file = files.key();
        for (int attempt = 0; attempt < 10; attempt++) {
            try {
                byte[] key = Files.readAllBytes(file);
                if (key.length == KEY_BYTES) {
                    return key;
                }
                Files.delete(file);
            } catch (NoSuchFileException _) {
                makeKey(files);
            }
        }
        throw new IOException("its key file " + file + " cannot be made");
    }

    private static void makeKey(CacheFiles files) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        Path temporary = files.part();
        try {
            Files.write(temporary, key);
            // A link, unlike a move, fails where another process was first.
            Files.createLink(files.key(), temporary);
        } catch (FileAlreadyExistsException _) {
            // The other process's key is as good.
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Tells a module from all others, in this cache. */
    public String identify(byte[] binary) {
        return hex(Seal.of(key, Seal.Purpose.MODULE, binary));
    }

    private Path file(CacheKey name) {
        byte[] text = name.text().getBytes(StandardCharsets.UTF_8);
        return files.entry(name.module(), hex(Seal.of(key, Seal.Purpose.NAME, text)));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The entry of a module, if there is one that can be trusted; it counts as used. The caller closes it. */
    public Optional<CacheEntry> find(CacheKey name) {
        Path file = file(name);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        CacheFiles.touch(file);
        return CacheEntry.open(file, name, key);
    }

    /**
     * Removes all entries of a module, of other engines and JDKs too.
     *
     * @param module as {@link #identify} says
     * @throws IllegalArgumentException if it says nothing of the kind
     * @throws UncheckedIOException if they cannot be removed
     */
    public void remove(String module) {
        // It becomes part of a file's name.
        if (!IDENTITY.matcher(module).matches()) {
            throw new IllegalArgumentException("no module has the name " + module + " in a code cache");
        }
        files.remove(module);
    }

    /**
     * Removes the entries that were not used for longest, until the others have so many bytes at most. Who has one open can
     * go on to read it.
     *
     * @throws UncheckedIOException if they cannot be removed
     */
    public void prune(long maxBytes) {
        files.prune(maxBytes);
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
            Path temporary = files.part();
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
