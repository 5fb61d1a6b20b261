package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Images in files, for sites without a network (OCI image specification, "Image Layout"): a directory, or a tar archive of one. Other
 * tools read what is written here, and the other way round.
 */
public final class OciLayout {
    private static final String LAYOUT_FILE = "oci-layout";
    private static final String INDEX_FILE = "index.json";
    private static final byte[] LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
    private static final String TAG = "org.opencontainers.image.ref.name";
    /** The whole name, as containerd writes and reads it. */
    private static final String NAME = "io.containerd.image.name";

    private final Store store;

    /** Layouts that are made from a store, or read into it. */
    public OciLayout(Store store) {
        this.store = store;
    }

    // Saving

    /** Writes images to a directory, which may be such a layout already: then they are added. */
    public void saveDirectory(List<StoredImage> images, Path directory) {
        try (FileLock keep = store.keepAll()) {
            Files.createDirectories(directory.resolve("blobs/sha256"));
            Map<Digest, Descriptor> content = content(images);
            for (Descriptor descriptor : content.values()) {
                Path target = directory.resolve(path(descriptor.digest()));
                Files.createDirectories(target.getParent());
                if (!Files.exists(target)) {
                    write(descriptor, target);
                }
            }
            List<Descriptor> entries = new ArrayList<>();
            Path index = directory.resolve(INDEX_FILE);
            if (Files.exists(index)) {
                entries.addAll(
                        index(Files.readAllBytes(index), index.toString()).manifests());
            }
            List<Descriptor> added = entries(images);
            entries.removeIf(old -> added.stream().anyMatch(entry -> name(entry).equals(name(old))));
            entries.addAll(added);
            StoreFiles.replace(directory.resolve(LAYOUT_FILE), LAYOUT);
            StoreFiles.replace(index, new Index(MediaTypes.OCI_INDEX, entries, Map.of()).toJson());
        } catch (IOException e) {
            throw StoreFiles.failure("write", directory, e);
        }
    }

    private static String name(Descriptor entry) {
        return entry.annotations()
                .getOrDefault(
                        NAME,
                        entry.annotations().getOrDefault(TAG, entry.digest().toString()));
    }

    private void write(Descriptor descriptor, Path target) throws IOException {
        Path part = Files.createTempFile(target.getParent(), ".part-", "");
        try {
            try (InputStream in = store.open(descriptor, "the content " + descriptor.digest());
                    OutputStream out = Files.newOutputStream(part)) {
                in.transferTo(out);
            }
            StoreFiles.move(part, target);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Writes images as a tar archive; equal images give equal bytes. */
    public void saveTar(List<StoredImage> images, OutputStream out) throws IOException {
        try (FileLock keep = store.keepAll();
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8")) {
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            entry(tar, LAYOUT_FILE, LAYOUT);
            entry(tar, INDEX_FILE, new Index(MediaTypes.OCI_INDEX, entries(images), Map.of()).toJson());
            for (Descriptor descriptor : content(images).values()) {
                tar.putArchiveEntry(header(path(descriptor.digest()), descriptor.size()));
                try (InputStream in = store.open(descriptor, "the content " + descriptor.digest())) {
                    in.transferTo(tar);
                }
                tar.closeArchiveEntry();
            }
        }
    }

    private static void entry(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        tar.putArchiveEntry(header(name, content.length));
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry header(String name, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setModTime(0);
        entry.setMode(0100644);
        entry.setIds(0, 0);
        return entry;
    }

    private static String path(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    private static List<Descriptor> entries(List<StoredImage> images) {
        List<Descriptor> entries = new ArrayList<>();
        for (StoredImage image : images) {
            Map<String, String> annotations = new LinkedHashMap<>();
            annotations.put(NAME, image.reference().toString());
            image.reference().tag().ifPresent(tag -> annotations.put(TAG, tag));
            entries.add(image.root().plain().withAnnotations(annotations));
        }
        return entries;
    }

    /** All that images consist of, as far as it is here: of an index, the chosen manifest only. */
    private Map<Digest, Descriptor> content(List<StoredImage> images) {
        Map<Digest, Descriptor> content = new LinkedHashMap<>();
        for (StoredImage image : images) {
            collect(image.root(), image.reference().familiar(), content);
            collect(image.manifest(), image.reference().familiar(), content);
        }
        return content;
    }

    private void collect(Descriptor descriptor, String what, Map<Digest, Descriptor> content) {
        if (content.putIfAbsent(descriptor.digest(), descriptor) != null
                || !MediaTypes.MANIFESTS.contains(descriptor.mediaType())) {
            return;
        }
        Document document = store.document(descriptor, "the manifest " + descriptor.digest() + " of " + what);
        for (Descriptor child : document.children()) {
            if (document instanceof Manifest || store.has(child)) {
                collect(child, what, content);
            }
        }
    }

    // Loading

    /**
     * Reads all images of a directory or tar archive into the store.
     *
     * @param name what the image is called, whatever the layout calls it; then it has one only
     * @return the images
     * @throws OciException if it is no layout, or content is not what its name says; then no name leads to it
     */
    public List<StoredImage> load(Path from, Optional<Reference> name) {
        if (Files.isDirectory(from)) {
            return loadDirectory(from, name);
        }
        try (InputStream in = Files.newInputStream(from)) {
            return loadTar(in, from.toString(), name);
        } catch (IOException e) {
            throw StoreFiles.failure("read", from, e);
        }
    }

    private List<StoredImage> loadDirectory(Path directory, Optional<Reference> name) {
        try (FileLock keep = store.keepAll()) {
            Index index = index(Files.readAllBytes(directory.resolve(INDEX_FILE)), directory + "/" + INDEX_FILE);
            checkName(index, directory.toString(), name);
            List<StoredImage> images = new ArrayList<>();
            for (Descriptor entry : index.manifests()) {
                copyIn(entry, directory);
            }
            for (Descriptor entry : index.manifests()) {
                images.add(image(entry, directory.toString(), name));
            }
            images.forEach(store::name);
            return images;
        } catch (NoSuchFileException e) {
            throw new OciException(Problem.INVALID, directory + " is no OCI layout: it has no " + e.getFile(), e);
        } catch (IOException e) {
            throw StoreFiles.failure("read", directory, e);
        }
    }

    private void copyIn(Descriptor descriptor, Path directory) throws IOException {
        Path blob = directory.resolve(path(descriptor.digest()));
        if (!Files.exists(blob)) {
            return;
        }
        try (InputStream in = Files.newInputStream(blob)) {
            ingest(descriptor, in);
        }
        if (MediaTypes.MANIFESTS.contains(descriptor.mediaType())) {
            Document document = store.document(descriptor, "the manifest " + descriptor.digest() + " of " + directory);
            for (Descriptor child : document.children()) {
                copyIn(child, directory);
            }
        }
    }

    private void ingest(Descriptor descriptor, InputStream in) throws IOException {
        try (Ingest ingest = store.ingest(descriptor)) {
            if (ingest.isDone()) {
                return;
            }
            ingest.restart();
            byte[] buffer = new byte[1 << 16];
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                ingest.write(buffer, 0, got);
            }
            ingest.finish();
        }
    }

    /** Reads a tar archive from a stream, such as standard input; content may come before or behind the index. */
    public List<StoredImage> loadTar(InputStream in, String what, Optional<Reference> name) {
        try (FileLock keep = store.keepAll()) {
            TarArchiveInputStream tar = new TarArchiveInputStream(in, "UTF-8");
            Optional<Index> index = Optional.empty();
            boolean docker = false;
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String path = entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
                if (!entry.isFile()) {
                    continue;
                }
                if (path.equals(INDEX_FILE)) {
                    index = Optional.of(index(tar.readNBytes(Document.MAX_BYTES + 1), what + ", " + INDEX_FILE));
                } else if (path.startsWith("blobs/")) {
                    long size = entry.getSize();
                    digest(path).ifPresent(digest -> ingestEntry(digest, size, tar));
                } else {
                    docker |= path.equals("manifest.json");
                }
            }
            if (index.isEmpty()) {
                throw new OciException(
                        Problem.INVALID,
                        what + " is no archive of an OCI layout: it has no " + INDEX_FILE
                                + (docker
                                        ? "; docker save writes such archives since version 25, and skopeo copy"
                                                + " turns older ones into them"
                                        : ""));
            }
            checkName(index.get(), what, name);
            List<StoredImage> images = new ArrayList<>();
            for (Descriptor entry : index.get().manifests()) {
                images.add(image(entry, what, name));
            }
            images.forEach(store::name);
            return images;
        } catch (UncheckedIOException e) {
            throw broken(what, e.getCause());
        } catch (IOException e) {
            throw broken(what, e);
        } catch (IllegalArgumentException e) {
            throw new OciException(Problem.INVALID, what + " is no tar archive: " + e.getMessage(), e);
        }
    }

    private static OciException broken(String what, IOException e) {
        return new OciException(Problem.INVALID, what + " is no tar archive, or is damaged: " + e.getMessage(), e);
    }

    private void ingestEntry(Digest digest, long size, InputStream in) {
        try {
            ingest(Descriptor.of("application/octet-stream", digest, size), in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Digest> digest(String path) {
        String[] parts = path.split("/");
        try {
            return parts.length == 3 ? Optional.of(new Digest(parts[1], parts[2])) : Optional.empty();
        } catch (OciException e) {
            return Optional.empty();
        }
    }

    private static void checkName(Index index, String what, Optional<Reference> name) {
        int images = index.manifests().size();
        if (name.isPresent() && images > 1) {
            throw new OciException(
                    Problem.INVALID,
                    what + " has " + images + " images, and they cannot all be called "
                            + name.get().familiar());
        }
    }

    private static Index index(byte[] text, String what) {
        Document document = Document.parse(text, Optional.of(MediaTypes.OCI_INDEX), what);
        if (document instanceof Index index) {
            return index;
        }
        throw new OciException(Problem.INVALID, what + " is no index");
    }

    private StoredImage image(Descriptor entry, String what, Optional<Reference> name) {
        Reference reference = name.or(() -> reference(entry))
                .orElseThrow(() -> new OciException(
                        Problem.INVALID,
                        what + " has the image " + entry.digest() + " without a name; --name gives it one"));
        String image = reference.familiar();
        Descriptor chosen = entry.plain();
        Document document = store.document(chosen, "the manifest of " + image);
        if (document instanceof Index index) {
            List<Descriptor> here =
                    index.manifests().stream().filter(store::has).toList();
            chosen = Platforms.choose(
                    new Index(index.mediaType(), here.isEmpty() ? index.manifests() : here, Map.of()),
                    Optional.empty(),
                    image);
            document = store.document(chosen, "the manifest " + chosen.digest() + " of " + image);
        }
        if (!(document instanceof Manifest manifest)) {
            throw new OciException(Problem.INVALID, image + " has an index in an index");
        }
        long size = chosen.size();
        for (Descriptor child : manifest.children()) {
            if (!store.has(child)) {
                throw new OciException(Problem.INVALID, what + " lacks " + child.digest() + " of " + image);
            }
            size += child.size();
        }
        Artifact artifact = Artifact.of(
                manifest, config -> store.read(config, ImageConfig.MAX_BYTES, "the configuration of " + image), image);
        return new StoredImage(
                reference, entry.plain(), chosen.plain(), artifact.kind(), size, Instant.now(), Optional.empty());
    }

    /** The name that an entry of the index has, as containerd writes it or in short. */
    private static Optional<Reference> reference(Descriptor entry) {
        return Optional.ofNullable(entry.annotations().get(NAME))
                .or(() -> Optional.ofNullable(entry.annotations().get(TAG)).filter(tag -> tag.indexOf('/') > 0))
                .map(Reference::parse);
    }
}
