package dev.skiff.oci;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says that an image is in use, so that its content stays, until it is closed or its process ends. The file is locked and its name says
 * the digest: opening a locked file once more and closing it would end the lock.
 */
public final class Lease implements AutoCloseable {
    private static final AtomicLong COUNT = new AtomicLong(System.nanoTime());

    private final Path file;
    private final FileLock lock;

    private Lease(Path file, FileLock lock) {
        this.file = file;
        this.lock = lock;
    }

    /** Differs for each lease of this machine; random numbers would take longer to begin than many a program runs. */
    private static String unique() {
        return ProcessHandle.current().pid() + "-" + Long.toHexString(COUNT.incrementAndGet());
    }

    /** Has the content of a manifest stay. The store must be kept from pruning until this returns. */
    static Lease take(Store store, Digest manifest) {
        store.prepare();
        Path file = store.leases.resolve(manifest.algorithm() + "-" + manifest.hex() + "-" + unique());
        try {
            return new Lease(file, FileLock.exclusive(file));
        } catch (IOException e) {
            throw StoreFiles.failure("write", file, e);
        }
    }

    /** The manifests that are in use, by whatever process. Removes what killed processes left. */
    static Set<Digest> inUse(Store store) {
        Set<Digest> used = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(store.leases)) {
            for (Path file : files) {
                Optional<FileLock> stale = FileLock.tryExclusive(file);
                if (stale.isPresent()) {
                    Files.deleteIfExists(file);
                    stale.get().close();
                } else {
                    String[] parts = file.getFileName().toString().split("-", 3);
                    used.add(new Digest(parts[0], parts[1]));
                }
            }
        } catch (NoSuchFileException e) {
            return used;
        } catch (IOException e) {
            throw StoreFiles.failure("read", store.leases, e);
        }
        return used;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw StoreFiles.failure("remove", file, e);
        } finally {
            lock.close();
        }
    }
}
