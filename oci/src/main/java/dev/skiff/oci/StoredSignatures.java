package dev.skiff.oci;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The signatures that a store has: which of its manifests sign which. That one does is an empty file with the digest of the one that signs
 * for its name, in a directory with the digest of what is signed. So it can be added by several processes at once, belongs to the content
 * whatever the image is called, and nothing in it can be damaged. Thread-safe.
 *
 * <p>All of them are found as referrers: those that a registry keeps behind a tag as well, of which there may be several here.
 */
final class StoredSignatures implements SignatureSource {
    private final Store store;

    StoredSignatures(Store store) {
        this.store = store;
    }

    private Path directory(Digest signed) {
        return store.signatures.resolve(fileName(signed));
    }

    /** How files and directories are named by a digest. */
    static String fileName(Digest digest) {
        return digest.algorithm() + "-" + digest.hex();
    }

    /** Has a manifest, all of whose content is in the store, stay as long as what it signs. Pruning must be kept off until this returns. */
    void add(Digest signed, Digest manifest) {
        Path directory = directory(signed);
        try {
            StoreFiles.createDirectories(directory);
            Files.createFile(directory.resolve(fileName(manifest)));
            StoreFiles.sync(directory);
            StoreFiles.sync(store.signatures);
        } catch (FileAlreadyExistsException e) {
            // It was added before.
            return;
        } catch (IOException e) {
            throw StoreFiles.failure("write", directory, e);
        }
    }

    /** The manifests that sign another one, as far as they are here, in the order of their digests. */
    List<Descriptor> of(Digest signed) {
        Path directory = directory(signed);
        List<Descriptor> manifests = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "sha*-*")) {
            for (Path file : files) {
                String[] parts = file.getFileName().toString().split("-", 2);
                Descriptor manifest = store.manifest(new Digest(parts[0], parts[1]));
                if (store.has(manifest)) {
                    manifests.add(manifest);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw StoreFiles.failure("read", directory, e);
        }
        manifests.sort((a, b) -> a.digest().compareTo(b.digest()));
        return manifests;
    }

    @Override
    public String name() {
        return "the store";
    }

    @Override
    public Optional<byte[]> manifestOfTag(String tag) {
        return Optional.empty();
    }

    @Override
    public byte[] manifest(Digest digest) {
        return store.read(store.manifest(digest), MAX_BYTES, "the manifest " + digest);
    }

    @Override
    public byte[] blob(Digest digest, long size) {
        return store.read(
                Descriptor.of("application/octet-stream", digest, size), MAX_BYTES, "the signature " + digest);
    }

    @Override
    public List<Referrer> referrers(Digest subject) {
        return of(subject).stream()
                .map(manifest -> new Referrer(manifest.digest(), Optional.empty()))
                .toList();
    }
}
