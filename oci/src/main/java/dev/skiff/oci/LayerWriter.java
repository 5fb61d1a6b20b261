package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes files as the layer of a container image: a POSIX tar archive, compressed with gzip. Equal files give equal bytes: entries
 * are sorted, the directories that they lie in come before them with permissions 0755, all belongs to user and group 0, and all has
 * the same time. The archive, and with it the diff ID, is the same everywhere; its compressed form is the same for the same release
 * of the JDK, because others may bring another release of zlib.
 */
public final class LayerWriter {
    private static final int DIRECTORY_PERMISSIONS = 0755;

    private LayerWriter() {}

    /**
     * Writes a layer.
     *
     * @param modified the time of all entries, to the second, such as what {@code SOURCE_DATE_EPOCH} says; from 1970 on
     * @param out where it goes; neither flushed nor closed
     * @throws OciException INVALID if two files, or a file and a directory, have the same path, or a path cannot be one in an image;
     *     STORAGE if a file cannot be read, or the layer not be written
     */
    public static WrittenLayer write(List<LayerFile> files, Instant modified, OutputStream out) {
        if (modified.isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException("a layer's time is 1970 or later, not " + modified);
        }
        Map<String, Optional<LayerFile>> entries = sorted(files);
        FileTime time = FileTime.from(modified.truncatedTo(ChronoUnit.SECONDS));
        HashingOutput compressed = new HashingOutput(out);
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed, 64 << 10)) {
            HashingOutput archive = new HashingOutput(gzip);
            try (TarArchiveOutputStream tar = new TarArchiveOutputStream(archive, StandardCharsets.UTF_8.name())) {
                tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
                tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
                tar.setAddPaxHeadersForNonAsciiNames(true);
                for (Map.Entry<String, Optional<LayerFile>> entry : entries.entrySet()) {
                    write(entry.getKey(), entry.getValue(), time, tar);
                }
            }
            gzip.finish();
            return new WrittenLayer(compressed.digest(), compressed.size(), archive.digest());
        } catch (IOException e) {
            throw new OciException(Problem.STORAGE, "cannot write a layer: " + e.getMessage(), e);
        }
    }

    /** Directories, which have no file, and files by their paths. The order puts directories before what is in them. */
    private static Map<String, Optional<LayerFile>> sorted(List<LayerFile> files) {
        Map<String, Optional<LayerFile>> entries = new TreeMap<>();
        for (LayerFile file : files) {
            String path = checked(file.path());
            if (entries.put(path, Optional.of(file)) != null) {
                throw twice(path);
            }
        }
        for (String path : List.copyOf(entries.keySet())) {
            for (String parent = ImagePath.parent(path); !parent.isEmpty(); parent = ImagePath.parent(parent)) {
                if (entries.getOrDefault(parent, Optional.empty()).isPresent()) {
                    throw twice(parent);
                }
                entries.put(parent, Optional.empty());
            }
        }
        return entries;
    }

    private static String checked(String path) {
        String relative = path.startsWith("/") ? path.substring(1) : path;
        String clean = ImagePath.clean(relative, "a new layer", UnpackLimits.DEFAULTS);
        if (clean.isEmpty() || !clean.equals(relative) || ("/" + clean).contains("/.wh.")) {
            throw new OciException(
                    Problem.INVALID,
                    "a layer cannot have a file at \"" + ImagePath.shown(path)
                            + "\"; give a path of names with slashes between, none of them . or .. or with .wh. at its start");
        }
        return clean;
    }

    private static OciException twice(String path) {
        return new OciException(Problem.INVALID, "a layer cannot have " + ImagePath.shown(path) + " twice");
    }

    private static void write(String path, Optional<LayerFile> file, FileTime time, TarArchiveOutputStream tar)
            throws IOException {
        if (file.isEmpty()) {
            tar.putArchiveEntry(entry(path + "/", TarConstants.LF_DIR, DIRECTORY_PERMISSIONS, time));
            tar.closeArchiveEntry();
            return;
        }
        TarArchiveEntry entry = entry(path, TarConstants.LF_NORMAL, file.get().permissions(), time);
        switch (file.get().content()) {
            case LayerFile.Content.InMemory(byte[] bytes) -> {
                entry.setSize(bytes.length);
                tar.putArchiveEntry(entry);
                tar.write(bytes);
            }
            case LayerFile.Content.OnDisk(Path source) -> copy(source, entry, tar);
        }
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String path, byte type, int permissions, FileTime time) {
        TarArchiveEntry entry = new TarArchiveEntry(path, type);
        entry.setMode(permissions);
        entry.setModTime(time);
        entry.setIds(0, 0);
        // Otherwise it is the name of whoever runs this.
        entry.setNames("", "");
        return entry;
    }

    private static void copy(Path source, TarArchiveEntry entry, TarArchiveOutputStream tar) throws IOException {
        long size;
        try (InputStream in = open(source)) {
            size = size(source);
            entry.setSize(size);
            tar.putArchiveEntry(entry);
            byte[] buffer = new byte[64 << 10];
            long left = size;
            while (left > 0) {
                int count = read(in, buffer, (int) Math.min(buffer.length, left), source);
                tar.write(buffer, 0, count);
                left -= count;
            }
        }
    }

    private static InputStream open(Path source) {
        try {
            return Files.newInputStream(source);
        } catch (IOException e) {
            throw DiskFailure.of("read", source, e);
        }
    }

    private static long size(Path source) {
        try {
            return Files.size(source);
        } catch (IOException e) {
            throw DiskFailure.of("read", source, e);
        }
    }

    private static int read(InputStream in, byte[] buffer, int length, Path source) {
        try {
            int count = in.read(buffer, 0, length);
            if (count > 0) {
                return count;
            }
        } catch (IOException e) {
            throw DiskFailure.of("read", source, e);
        }
        throw new OciException(Problem.STORAGE, "cannot read " + source + ": it became shorter meanwhile");
    }
}
