package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Removes images, and content that no image needs. What a running workload uses stays. */
public final class Collector {
    private final Store store;
    private final Set<Digest> needed = new HashSet<>();
    private long files;
    private long bytes;

    private Collector(Store store) {
        this.store = store;
    }

    /**
     * What was removed.
     *
     * @param files how many blobs, unfinished downloads, unpacked images and lists of signatures
     * @param bytes their bytes
     */
    public record Removed(long files, long bytes) {}

    /**
     * Removes a name, and content that only it needed.
     *
     * @throws OciException if there is no such name, or it is the last one of an image that is in use
     */
    public static Removed remove(Store store, Reference reference) {
        try (FileLock alone = store.alone()) {
            StoredImage image = store.find(reference)
                    .orElseThrow(() -> new OciException(
                            Problem.NOT_FOUND,
                            "there is no image " + reference.withDefaultTag().familiar()));
            Digest manifest = image.manifest().digest();
            boolean last = store.images().stream()
                    .noneMatch(other -> !other.reference().equals(image.reference())
                            && other.manifest().digest().equals(manifest));
            if (last && Lease.inUse(store).contains(manifest)) {
                throw new OciException(
                        Problem.STORAGE,
                        "the image " + image.reference().familiar()
                                + " is in use by a running workload; stop it first");
            }
            store.unname(image.reference());
            return new Collector(store).collect();
        }
    }

    /** Removes content that no image needs, and downloads that broke off. */
    public static Removed prune(Store store) {
        try (FileLock alone = store.alone()) {
            return new Collector(store).pruneAlone();
        }
    }

    /** Removes all images that are not in use, and what {@link #prune} removes. */
    public static Removed pruneAll(Store store) {
        try (FileLock alone = store.alone()) {
            Set<Digest> used = Lease.inUse(store);
            for (StoredImage image : store.images()) {
                if (!used.contains(image.manifest().digest())) {
                    store.unname(image.reference());
                }
            }
            return new Collector(store).pruneAlone();
        }
    }

    private Removed pruneAlone() {
        sweep(store.ingest, file -> !file.startsWith("lock-"));
        // What a process left that was killed while it wrote a name.
        sweep(store.names, file -> file.startsWith("."));
        return collect();
    }

    private Removed collect() {
        for (StoredImage image : store.images()) {
            mark(image.root());
            mark(image.manifest());
        }
        for (Digest digest : Lease.inUse(store)) {
            mark(store.manifest(digest));
        }
        Set<String> neededNames = new HashSet<>();
        Set<String> neededFiles = new HashSet<>();
        needed.forEach(digest -> {
            neededNames.add(digest.toString());
            neededFiles.add(StoredSignatures.fileName(digest));
        });
        for (String algorithm : new String[] {"sha256", "sha512"}) {
            sweep(
                    store.root().resolve("blobs").resolve(algorithm),
                    name -> !neededNames.contains(algorithm + ":" + name));
        }
        sweep(store.signatures, name -> !neededFiles.contains(name));
        sweep(store.roots, name -> !neededNames.contains("sha256:" + name));
        return new Removed(files, bytes);
    }

    /** Marks content and, as far as it is here, what it consists of and what signs it. */
    private void mark(Descriptor root) {
        Deque<Descriptor> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            Descriptor descriptor = open.pop();
            if (!needed.add(descriptor.digest()) || !MediaTypes.MANIFESTS.contains(descriptor.mediaType())) {
                continue;
            }
            new StoredSignatures(store).of(descriptor.digest()).forEach(open::push);
            readIfWhole(descriptor)
                    .ifPresent(document -> document.children().stream()
                            .filter(child -> !(document instanceof Index) || store.has(child))
                            .forEach(open::push));
        }
    }

    /** A damaged manifest leads nowhere. */
    private Optional<Document> readIfWhole(Descriptor descriptor) {
        try {
            byte[] bytes = Files.readAllBytes(store.file(descriptor.digest()));
            return Optional.of(
                    Document.parse(bytes, Optional.empty(), descriptor.digest().toString()));
        } catch (IOException | OciException e) {
            return Optional.empty();
        }
    }

    private interface Unneeded {
        boolean test(String name);
    }

    private void sweep(Path directory, Unneeded unneeded) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (unneeded.test(entry.getFileName().toString())) {
                    bytes += DirectoryDeletion.deleteTree(entry);
                    files++;
                }
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw StoreFiles.failure("prune", directory, e);
        }
    }
}
