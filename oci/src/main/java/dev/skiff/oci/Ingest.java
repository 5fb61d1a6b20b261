package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Content on its way into the store. One process at a time writes the same content; what it has written when it breaks off is there
 * for the next, which goes on behind it. Not thread-safe.
 */
final class Ingest implements AutoCloseable {
    private final Store store;
    private final Descriptor descriptor;
    private final Path part;
    private final FileLock lock;
    private final Optional<FileChannel> channel;
    private Optional<FileHash> hash = Optional.empty();
    private long written;

    private Ingest(Store store, Descriptor descriptor, Path part, FileLock lock, Optional<FileChannel> channel) {
        this.store = store;
        this.descriptor = descriptor;
        this.part = part;
        this.lock = lock;
        this.channel = channel;
    }

    static Ingest begin(Store store, Descriptor descriptor) {
        String name =
                descriptor.digest().algorithm() + "-" + descriptor.digest().hex();
        Path part = store.ingest.resolve(name);
        try {
            // A lock file is never removed, or who waits for it would get another one's: so there are few.
            FileLock lock = FileLock.exclusive(
                    store.ingest.resolve("lock-" + descriptor.digest().hex().substring(0, 2)));
            try {
                if (store.has(descriptor)) {
                    return new Ingest(store, descriptor, part, lock, Optional.empty());
                }
                FileChannel channel = FileChannel.open(
                        part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Ingest ingest = new Ingest(store, descriptor, part, lock, Optional.of(channel));
                ingest.resume();
                return ingest;
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw StoreFiles.failure("write", part, e);
        }
    }

    /** Takes what an earlier try left into account. */
    private void resume() throws IOException {
        if (channel().size() > descriptor.size()) {
            restart();
            return;
        }
        begin(channel().size());
    }

    private void begin(long length) throws IOException {
        hash.ifPresent(FileHash::close);
        channel().truncate(length);
        channel().position(length);
        written = length;
        hash = Optional.of(new FileHash(channel(), descriptor.digest(), length, descriptor.size()));
    }

    private FileChannel channel() {
        return channel.orElseThrow(() -> new IllegalStateException(descriptor.digest() + " is there already"));
    }

    /** Whether the content was there already. */
    boolean isDone() {
        return channel.isEmpty();
    }

    /** How many bytes are there. */
    long written() {
        return isDone() ? descriptor.size() : written;
    }

    /** Forgets what was written. */
    void restart() {
        try {
            begin(0);
        } catch (IOException e) {
            throw StoreFiles.failure("write", part, e);
        }
    }

    /**
     * Writes what comes next.
     *
     * @throws OciException if it is more than there should be, or cannot be written
     */
    void write(byte[] bytes, int offset, int length) {
        if (length > descriptor.size() - written) {
            restart();
            throw new OciException(
                    Problem.CORRUPT,
                    "there are more than the " + descriptor.size() + " bytes that " + descriptor.digest()
                            + " should have");
        }
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                channel().write(buffer);
            }
        } catch (IOException e) {
            throw StoreFiles.failure("write", part, e);
        }
        written += length;
        hash.orElseThrow().grown(written);
    }

    /**
     * Ends the content, which has its name from now on.
     *
     * @throws OciException if it is not what it should be; then nothing of it stays
     */
    void finish() {
        if (written != descriptor.size()) {
            throw new OciException(
                    Problem.CORRUPT,
                    "there are " + written + " bytes instead of the " + descriptor.size() + " that "
                            + descriptor.digest() + " should have");
        }
        Digest digest = verified();
        if (!digest.equals(descriptor.digest())) {
            restart();
            throw new OciException(
                    Problem.CORRUPT, "what came as " + descriptor.digest() + " has the digest " + digest);
        }
        try {
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r--r--"));
            StoreFiles.move(part, store.file(descriptor.digest()));
        } catch (IOException e) {
            throw StoreFiles.failure("write", part, e);
        }
    }

    /** The digest of what is on the disk. */
    private Digest verified() {
        try {
            // The disk and who hashes have both something to do.
            channel().force(true);
            return descriptor.digest().finish(hash.orElseThrow().finish());
        } catch (IOException e) {
            throw StoreFiles.failure("write", part, e);
        }
    }

    /** Ends it; what was written and not finished stays for the next try, if it is anything. */
    @Override
    public void close() {
        try {
            if (channel.isPresent()) {
                hash.ifPresent(FileHash::close);
                channel.get().close();
                if (written == 0) {
                    Files.deleteIfExists(part);
                }
            }
        } catch (IOException e) {
            throw StoreFiles.failure("write", part, e);
        } finally {
            lock.close();
        }
    }
}
