package dev.skiff.wasm.internal.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The files of a code cache, without a look into them: the key, entries, and those that are being written. Files of others
 * in the directory are left alone, and it may be missing. Thread-safe, also between processes.
 */
public record CacheFiles(Path directory) {
    private static final String KEY = "seal-key";
    private static final String ENTRY = ".code";
    private static final String PART = "new-";
    private static final String PART_END = ".tmp";
    /** Nobody writes one file for as long. */
    private static final Duration LEFT = Duration.ofHours(1);

    private record Kept(Path file, long size, FileTime used) {}

    /** The file of the key. */
    Path key() {
        return directory.resolve(KEY);
    }

    /**
     * The file of an entry.
     *
     * @param module what all entries of a module have in common
     * @param rest what tells them apart
     */
    Path entry(String module, String rest) {
        return directory.resolve(module + "-" + rest + ENTRY);
    }

    /** A new file to write to, which only its owner can read. */
    Path part() throws IOException {
        return Files.createTempFile(directory, PART, PART_END);
    }

    /** Notes that an entry was used just now, where that can be. */
    static void touch(Path entry) {
        try {
            Files.setLastModifiedTime(entry, FileTime.from(Instant.now()));
        } catch (IOException _) {
            // It counts as older than it is.
        }
    }

    /**
     * Removes all entries of a module.
     *
     * @throws UncheckedIOException if that cannot be
     */
    void remove(String module) {
        try {
            for (Path file : files(module + "-*" + ENTRY)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            throw failure("changed", failure);
        }
    }

    /**
     * Removes the entries that were not used for longest, until the others have so many bytes at most, and what was left half
     * written.
     *
     * @throws UncheckedIOException if that cannot be
     */
    void prune(long maxBytes) {
        try {
            List<Kept> entries = kept("*" + ENTRY);
            entries.sort(Comparator.comparing(Kept::used));
            long size = entries.stream().mapToLong(Kept::size).sum();
            for (Kept entry : entries) {
                if (size <= maxBytes) {
                    break;
                }
                Files.deleteIfExists(entry.file());
                size -= entry.size();
            }
            FileTime left = FileTime.from(Instant.now().minus(LEFT));
            for (Kept part : kept(PART + "*" + PART_END)) {
                if (part.used().compareTo(left) < 0) {
                    Files.deleteIfExists(part.file());
                }
            }
        } catch (IOException failure) {
            throw failure("pruned", failure);
        }
    }

    /**
     * The size of all entries in bytes.
     *
     * @throws UncheckedIOException if the directory cannot be read
     */
    public long size() {
        try {
            return kept("*" + ENTRY).stream().mapToLong(Kept::size).sum();
        } catch (IOException failure) {
            throw failure("read", failure);
        }
    }

    /**
     * Removes all, and the directory unless others have files there.
     *
     * @return whether there was anything
     * @throws UncheckedIOException if that cannot be
     */
    public boolean delete() {
        try {
            List<Path> all = new ArrayList<>(files("*" + ENTRY));
            all.addAll(files(PART + "*" + PART_END));
            all.add(key());
            boolean any = false;
            for (Path file : all) {
                any |= Files.deleteIfExists(file);
            }
            if (any) {
                deleteIfEmpty();
            }
            return any;
        } catch (IOException failure) {
            throw failure("removed", failure);
        }
    }

    private void deleteIfEmpty() throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException _) {
            // Not all of it is ours.
        }
    }

    private List<Path> files(String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            files.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException _) {
            // There are none.
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        return found;
    }

    private List<Kept> kept(String glob) throws IOException {
        List<Kept> found = new ArrayList<>();
        for (Path file : files(glob)) {
            kept(file).ifPresent(found::add);
        }
        return found;
    }

    private static Optional<Kept> kept(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile()
                    ? Optional.of(new Kept(file, attributes.size(), attributes.lastModifiedTime()))
                    : Optional.empty();
        } catch (NoSuchFileException _) {
            // Another process was first.
            return Optional.empty();
        }
    }

    private UncheckedIOException failure(String what, IOException failure) {
        return new UncheckedIOException("the code cache " + directory + " cannot be " + what + ": " + failure, failure);
    }
}
