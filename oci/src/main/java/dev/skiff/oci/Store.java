package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The images of this machine: content by its digest, and names that lead to manifests. Content is verified when it is written and
 * when it is read. Thread-safe; several processes may use one store at once, and any of them may be killed at any moment: what is
 * visible is whole.
 *
 * <p>Beneath its root are {@code blobs/ALGORITHM/HEX}, {@code names} with a file for each name, {@code signatures} with what signs what,
 * {@code ingest} with downloads that are under way or broke off, {@code roots} with unpacked images, and {@code leases} with a locked file for each image in use.
 */
public final class Store {
    private static final String VERSION = "skiff store 1\n";

    private final Path root;
    final Path names;
    final Path signatures;
    final Path ingest;
    final Path leases;
    final Path roots;

    private Store(Path root) {
        this.root = root.toAbsolutePath().normalize();
        names = this.root.resolve("names");
        signatures = this.root.resolve("signatures");
        ingest = this.root.resolve("ingest");
        leases = this.root.resolve("leases");
        roots = this.root.resolve("roots");
    }

    /** The store in a directory, which is made when something is first written. */
    public static Store at(Path root) {
        return new Store(root);
    }

    /** Its directory. */
    public Path root() {
        return root;
    }

    /**
     * Makes its directories.
     *
     * @throws OciException if they cannot be made, or another version of Skiff made them
     */
    void prepare() {
        Path version = root.resolve("version");
        try {
            if (!Files.exists(version)) {
                for (Path directory : List.of(
                        root.resolve("blobs/sha256"), root.resolve("blobs/sha512"), names, ingest, leases, roots)) {
                    StoreFiles.createDirectories(directory);
                }
                StoreFiles.replace(version, VERSION.getBytes(StandardCharsets.US_ASCII));
            } else if (!Files.readString(version, StandardCharsets.US_ASCII).equals(VERSION)) {
                throw new OciException(
                        Problem.STORAGE,
                        "the store " + root + " was made by another version of Skiff; --store names another place");
            }
        } catch (IOException e) {
            throw StoreFiles.failure("use the store", root, e);
        }
    }

    /** While it is open nothing is pruned, so that what was found or written stays until a name leads to it. */
    FileLock keepAll() {
        prepare();
        try {
            return FileLock.shared(root.resolve("lock"));
        } catch (IOException e) {
            throw StoreFiles.failure("lock the store", root, e);
        }
    }

    /** While it is open nobody else uses the store to write. */
    FileLock alone() {
        prepare();
        try {
            return FileLock.exclusive(root.resolve("lock"));
        } catch (IOException e) {
            throw StoreFiles.failure("lock the store", root, e);
        }
    }

    // Content

    /** The file of some content, whether or not it is there. */
    Path file(Digest digest) {
        return root.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    /** Whether there is content with a digest and size. */
    public boolean has(Descriptor descriptor) {
        try {
            return Files.size(file(descriptor.digest())) == descriptor.size();
        } catch (IOException e) {
            return false;
        }
    }

    /** What names a manifest that is there; one that is not seems to be empty. */
    Descriptor manifest(Digest digest) {
        try {
            return Descriptor.of(MediaTypes.OCI_MANIFEST, digest, Files.size(file(digest)));
        } catch (IOException e) {
            return Descriptor.of(MediaTypes.OCI_MANIFEST, digest, 0);
        }
    }

    /**
     * Small content, such as a manifest.
     *
     * @param limit bytes that it has at most
     * @throws OciException if it is absent, too large or damaged; damaged content is removed
     */
    public byte[] read(Descriptor descriptor, long limit, String what) {
        if (descriptor.size() > limit) {
            throw new OciException(
                    Problem.TOO_LARGE, what + " has " + descriptor.size() + " bytes, more than " + limit);
        }
        try (InputStream in = open(descriptor, what)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw StoreFiles.failure("read", file(descriptor.digest()), e);
        }
    }

    /**
     * A stream of some content that fails at its end, or before, if it is damaged; who reads must not act before the end.
     *
     * @throws OciException if it is absent
     */
    InputStream open(Descriptor descriptor, String what) {
        Path file = file(descriptor.digest());
        try {
            return new VerifyingStream(
                    Files.newInputStream(file),
                    descriptor,
                    what + " in the store",
                    () -> removeIfDamaged(descriptor.digest(), file));
        } catch (NoSuchFileException e) {
            throw new OciException(
                    Problem.NOT_FOUND,
                    what + " (" + descriptor.digest() + ") is not in the store " + root + "; pull or load it again",
                    e);
        } catch (IOException e) {
            throw StoreFiles.failure("read", file, e);
        }
    }

    /** What the file has may be right, and only what a stranger says of its size wrong. */
    private static String removeIfDamaged(Digest digest, Path file) throws IOException {
        MessageDigest hasher = digest.hasher();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), hasher)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        if (digest.finish(hasher).equals(digest)) {
            return "its size is said wrong";
        }
        Files.deleteIfExists(file);
        return "it was removed; pull or load it again";
    }

    /** Starts to write content that is not there yet; waits for whoever writes the same. */
    Ingest ingest(Descriptor descriptor) {
        prepare();
        return Ingest.begin(this, descriptor);
    }

    /** Writes content that is all in memory. */
    void write(Descriptor descriptor, byte[] bytes) {
        try {
            write(descriptor, new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes content that comes from a stream.
     *
     * @throws IOException if the stream cannot be read
     * @throws OciException if it is not what the descriptor says, or cannot be written; then it is not there
     */
    void write(Descriptor descriptor, InputStream in) throws IOException {
        try (Ingest ingesting = ingest(descriptor)) {
            if (ingesting.isDone()) {
                return;
            }
            ingesting.restart();
            byte[] buffer = new byte[1 << 16];
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                ingesting.write(buffer, 0, got);
            }
            ingesting.finish();
        }
    }

    // Names

    private Path nameFile(Reference reference) {
        return names.resolve(Digest.ofBytes(reference.toString().getBytes(StandardCharsets.UTF_8))
                .hex());
    }

    /** The image of a name. */
    public Optional<StoredImage> find(Reference reference) {
        Reference whole = reference.withDefaultTag();
        Optional<StoredImage> named = readName(nameFile(whole));
        if (named.isPresent() || whole.digest().isEmpty()) {
            return named;
        }
        // A digest is the same under each name of the repository.
        Digest digest = whole.digest().get();
        return images().stream()
                .filter(image -> image.reference().name().equals(whole.name()))
                .filter(image -> image.root().digest().equals(digest)
                        || image.manifest().digest().equals(digest))
                .findFirst();
    }

    /** All images, by their names. */
    public List<StoredImage> images() {
        List<StoredImage> images = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(names, "[!.]*")) {
            files.forEach(file -> readName(file).ifPresent(images::add));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw StoreFiles.failure("read", names, e);
        }
        images.sort((a, b) -> a.reference().compareTo(b.reference()));
        return images;
    }

    private static Optional<StoredImage> readName(Path file) {
        try {
            return Optional.of(StoredImage.of(Files.readAllBytes(file), "the file " + file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw StoreFiles.failure("read", file, e);
        }
    }

    /**
     * Has an image stay until the lease is closed.
     *
     * @throws OciException if it is not there any more
     */
    public Lease use(StoredImage image) {
        try (FileLock keep = keepAll()) {
            if (!has(image.manifest())) {
                throw new OciException(
                        Problem.NOT_FOUND,
                        "the image " + image.reference().familiar() + " is not in the store " + root
                                + " any more; pull or load it again");
            }
            return Lease.take(this, image.manifest().digest());
        }
    }

    /** What an image of the store stands for. */
    public Artifact artifact(StoredImage image) {
        String what = image.reference().familiar();
        if (document(image.manifest(), "the manifest of " + what) instanceof Document.Manifest manifest) {
            return artifact(manifest, what);
        }
        throw new OciException(Problem.INVALID, what + " leads to an index where a manifest should be");
    }

    /** What a manifest stands for whose configuration is here. */
    Artifact artifact(Document.Manifest manifest, String what) {
        return Artifact.of(
                manifest, config -> read(config, ImageConfig.MAX_BYTES, "the configuration of " + what), what);
    }

    /**
     * Whether an image is what would be chosen for a platform now; one that is for a single platform always is.
     *
     * @param platform what to choose from an index; empty if anything is right
     * @throws OciException if the image is for several platforms, and not for this one
     */
    public boolean suits(StoredImage image, Optional<Platform> platform) {
        if (platform.isEmpty() || image.root().digest().equals(image.manifest().digest())) {
            return true;
        }
        String what = image.reference().familiar();
        return document(image.root(), "the index of " + what) instanceof Document.Index index
                && Platforms.choose(index, platform, what)
                        .digest()
                        .equals(image.manifest().digest());
    }

    /**
     * All of an image, ready to be pushed elsewhere. Of an index all that it lists, if all of that is there; otherwise the image alone
     * that was chosen from it.
     */
    public ArtifactContent content(StoredImage image) {
        String what = image.reference().familiar();
        return content(isWhole(image.root(), what) ? image.root() : image.manifest(), what);
    }

    private boolean isWhole(Descriptor manifest, String what) {
        return has(manifest)
                && document(manifest, what).children().stream()
                        .allMatch(child ->
                                MediaTypes.MANIFESTS.contains(child.mediaType()) ? isWhole(child, what) : has(child));
    }

    private ArtifactContent content(Descriptor root, String what) {
        byte[] manifest = read(root, Document.MAX_BYTES, "the manifest of " + what);
        Document document = Document.parse(manifest, Optional.of(root.mediaType()), what);
        Map<Boolean, List<Descriptor>> children = document.children().stream()
                .collect(Collectors.partitioningBy(child -> MediaTypes.MANIFESTS.contains(child.mediaType())));
        return new ArtifactContent(
                document.mediaType(),
                manifest,
                children.get(false).stream()
                        .map(child -> new ArtifactContent.Blob(child, ContentSource.of(file(child.digest()))))
                        .toList(),
                children.get(true).stream().map(child -> content(child, what)).toList());
    }

    /** Has a name lead to an image all of whose content is there. */
    void name(StoredImage image) {
        Path file = nameFile(image.reference());
        try {
            StoreFiles.replace(file, image.toJson());
        } catch (IOException e) {
            throw StoreFiles.failure("write", file, e);
        }
    }

    /** Removes a name; whether there was one. */
    boolean unname(Reference reference) {
        Path file = nameFile(reference);
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw StoreFiles.failure("remove", file, e);
        }
    }

    /** Reads the manifest or index of an image. */
    public Document document(Descriptor descriptor, String what) {
        byte[] bytes = read(descriptor, Document.MAX_BYTES, what);
        return Document.parse(bytes, Optional.of(descriptor.mediaType()), what);
    }
}
