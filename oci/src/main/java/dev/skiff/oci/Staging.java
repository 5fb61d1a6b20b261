package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A directory of its own in which the contents of files wait for their place. The files have numbers for names, and nobody else may
 * read them. For one thread.
 */
final class Staging implements AutoCloseable {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /**
     * A file in it.
     *
     * @param size in bytes
     */
    record Stored(Path file, long size) {}

    private final Path directory;
    private final byte[] buffer = new byte[64 << 10];
    private long files;

    private Staging(Path directory) {
        this.directory = directory;
    }

    /** Makes a new directory in another one. */
    static Staging in(Path parent) {
        try {
            return new Staging(Files.createTempDirectory(parent, ImageTree.TEMPORARY_PREFIX));
        } catch (IOException e) {
            throw DiskFailure.of("make a directory in", parent, e);
        }
    }

    /**
     * Writes a file.
     *
     * @param content read to its end; what it throws comes out as it is
     * @throws OciException STORAGE if it cannot be written, TOO_LARGE
     */
    Stored store(InputStream content, String layer, Allowance allowance) throws IOException {
        Path file = directory.resolve(Long.toString(files++));
        long size = 0;
        try (Output out = new Output(file)) {
            while (true) {
                int count = content.read(buffer);
                if (count < 0) {
                    return new Stored(file, size);
                }
                size += count;
                allowance.stored(count, layer);
                out.write(ByteBuffer.wrap(buffer, 0, count));
            }
        }
    }

    /** Deletes the directory with all that is still in it. */
    @Override
    public void close() {
        DirectoryDeletion.delete(directory);
    }

    /** A new file. Its failures are the disk's, and must not look like those of what is written. */
    private static final class Output implements AutoCloseable {
        private final Path file;
        private final SeekableByteChannel channel;

        Output(Path file) {
            this.file = file;
            try {
                channel = Files.newByteChannel(
                        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY);
            } catch (IOException e) {
                throw DiskFailure.of("make", file, e);
            }
        }

        void write(ByteBuffer bytes) {
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                throw DiskFailure.of("write", file, e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw DiskFailure.of("write", file, e);
            }
        }
    }
}
