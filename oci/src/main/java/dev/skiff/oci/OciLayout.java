package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Images in files, for sites without a network (OCI image specification, "Image Layout"): a directory, or a tar archive of one. Other
 * tools read what is written here, and the other way round.
 */
public final class OciLayout {
    private static final String LAYOUT_FILE = "oci-layout";
    private static final String INDEX_FILE = "index.json";
    private static final byte[] LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
    static final String TAG = "org.opencontainers.image.ref.name";
    /** The whole name, as containerd writes and reads it. */
    static final String NAME = "io.containerd.image.name";

    private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    private final Store store;
    private final UnaryOperator<StoredImage> admission;

    /** Layouts that are made from a store, or read into it. */
    public OciLayout(Store store) {
        this(store, image -> image);
    }

    /**
     * The same with a say in what is loaded.
     *
     * @param admission sees each image before a name leads to any, when its content and signatures are in the store; answers with the
     *     image, or throws if it must not be loaded
     */
    public OciLayout(Store store, UnaryOperator<StoredImage> admission) {
        this.store = store;
        this.admission = admission;
    }

    // Saving

    /** Writes images to a directory, which may be such a layout already: then they are added. */
    public void saveDirectory(List<StoredImage> images, Path directory) {
        try (FileLock keep = store.keepAll()) {
            Files.createDirectories(directory.resolve("blobs/sha256"));
            List<Descriptor> added = entries(images);
            Map<Digest, Descriptor> content = content(images, added);
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
            List<Descriptor> entries = entries(images);
            entry(tar, INDEX_FILE, new Index(MediaTypes.OCI_INDEX, entries, Map.of()).toJson());
            for (Descriptor descriptor : content(images, entries).values()) {
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

    private List<Descriptor> entries(List<StoredImage> images) {
        Set<Descriptor> entries = new LinkedHashSet<>();
        for (StoredImage image : images) {
            List<Descriptor> signatures = LayoutSignatures.entries(image, store);
            Map<String, String> annotations = new LinkedHashMap<>(LayoutSignatures.annotations(image, signatures));
            annotations.put(NAME, image.reference().toString());
            image.reference().tag().ifPresent(tag -> annotations.put(TAG, tag));
            entries.add(image.root().plain().withAnnotations(annotations));
            entries.addAll(signatures);
        }
        return List.copyOf(entries);
    }

    /** All that images and their signatures consist of, as far as it is here: of an index, the chosen manifest only. */
    private Map<Digest, Descriptor> content(List<StoredImage> images, List<Descriptor> entries) {
        Map<Digest, Descriptor> content = new LinkedHashMap<>();
        for (StoredImage image : images) {
            collect(image.root(), image.reference().familiar(), content);
            collect(image.manifest(), image.reference().familiar(), content);
        }
        // What is new in these are the signatures.
        entries.forEach(entry -> collect(entry, "the signatures", content));
        return content;
    }

    private void collect(Descriptor root, String what, Map<Digest, Descriptor> content) {
        Deque<Descriptor> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            Descriptor descriptor = open.remove();
            if (content.putIfAbsent(descriptor.digest(), descriptor) != null
                    || !MediaTypes.MANIFESTS.contains(descriptor.mediaType())) {
                continue;
            }
            Document document = store.document(descriptor, "the manifest " + descriptor.digest() + " of " + what);
            document.children().stream()
                    .filter(child -> document instanceof Manifest || store.has(child))
                    .forEach(open::add);
        }
    }

    // Loading

    /**
     * Reads all images of a directory or tar archive, and what signs them, into the store.
     *
     * @param name the name of an image that has none in the layout
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
            Index index = index(readIndex(directory.resolve(INDEX_FILE)), directory + "/" + INDEX_FILE);
            for (Descriptor entry : index.manifests()) {
                copyIn(entry, directory, 0);
            }
            return name(index, directory.toString(), name);
        } catch (NoSuchFileException e) {
            throw new OciException(Problem.INVALID, directory + " is no OCI layout: it has no " + e.getFile(), e);
        } catch (IOException e) {
            throw StoreFiles.failure("read", directory, e);
        }
    }

    private static byte[] readIndex(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(Document.MAX_BYTES + 1);
        }
    }

    /** Has names lead to the images of a layout whose content is in the store, to all of them or to none. */
    private List<StoredImage> name(Index index, String what, Optional<Reference> name) {
        LayoutSignatures signatures = LayoutSignatures.of(index, store, what);
        List<Descriptor> entries = signatures.images();
        if (name.isPresent() && entries.size() > 1) {
            throw new OciException(
                    Problem.INVALID, what + " has " + entries.size() + " images, and there is one name for them");
        }
        List<StoredImage> images = new ArrayList<>();
        for (Descriptor entry : entries) {
            images.add(image(entry, what, name));
        }
        signatures.keep();
        images.replaceAll(admission);
        images.forEach(store::name);
        return images;
    }

    private void copyIn(Descriptor descriptor, Path directory, int nested) throws IOException {
        Path blob = directory.resolve(path(descriptor.digest()));
        if (!Files.exists(blob)) {
            return;
        }
        try (InputStream in = Files.newInputStream(blob)) {
            ingest(descriptor, in, blob.toString());
        }
        if (MediaTypes.MANIFESTS.contains(descriptor.mediaType())) {
            Document document = store.document(descriptor, "the manifest " + descriptor.digest() + " of " + directory);
            if (document instanceof Index && nested > Document.MAX_NESTED_INDEXES) {
                throw new OciException(Problem.INVALID, directory + " has indexes in indexes without an end");
            }
            for (Descriptor child : document.children()) {
                copyIn(child, directory, nested + 1);
            }
        }
    }

    private void ingest(Descriptor descriptor, InputStream in, String where) throws IOException {
        try {
            store.write(descriptor, in);
        } catch (OciException e) {
            throw e.problem() == Problem.CORRUPT
                    ? new OciException(Problem.CORRUPT, where + " is damaged: " + e.getMessage(), e)
                    : e;
        }
    }

    /**
     * Reads a tar archive from a stream, such as standard input; content may come before or behind the index. One in Docker's format
     * is read too, unless it is an OCI layout as well.
     */
    public List<StoredImage> loadTar(InputStream in, String what, Optional<Reference> name) {
        try (FileLock keep = store.keepAll();
                DockerArchive docker = new DockerArchive(store, what)) {
            TarEntries tar = new TarEntries(unpacked(in, what), what);
            Optional<Index> index = Optional.empty();
            for (Optional<TarArchiveEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
                TarArchiveEntry entry = next.get();
                String path = entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
                if (!entry.isFile()) {
                    continue;
                }
                if (path.equals(INDEX_FILE)) {
                    index = Optional.of(
                            index(tar.content().readNBytes(Document.MAX_BYTES + 1), what + ", " + INDEX_FILE));
                } else if (path.startsWith("blobs/")) {
                    long size = entry.getSize();
                    digest(path).ifPresent(digest -> ingestEntry(digest, size, tar.content(), what + ", " + path));
                } else if (index.isEmpty()) {
                    docker.add(path, entry, tar.content());
                }
            }
            if (index.isEmpty() && !docker.isOne()) {
                throw new OciException(
                        Problem.INVALID,
                        what + " is no archive of an OCI layout: it has no " + INDEX_FILE
                                + ", nor the manifest.json of docker save");
            }
            return name(index.isPresent() ? index.get() : docker.store(name.isPresent()), what, name);
        } catch (UncheckedIOException e) {
            throw broken(what, e.getCause());
        } catch (IOException e) {
            throw broken(what, e);
        }
    }

    private static OciException broken(String what, IOException e) {
        return new OciException(Problem.INVALID, what + " is no tar archive, or is damaged: " + e.getMessage(), e);
    }

    /** The archive itself, where it was compressed with gzip as a whole. */
    private static InputStream unpacked(InputStream in, String what) throws IOException {
        PushbackInputStream start = new PushbackInputStream(in, ZSTD_MAGIC.length);
        byte[] magic = start.readNBytes(ZSTD_MAGIC.length);
        start.unread(magic);
        if (Arrays.equals(magic, ZSTD_MAGIC)) {
            throw new OciException(
                    Problem.UNSUPPORTED, what + " is compressed with zstd; unpack it with zstd -d first");
        }
        boolean gzip = magic.length > 1 && magic[0] == 0x1f && magic[1] == (byte) 0x8b;
        return gzip ? new GZIPInputStream(start, 1 << 16) : start;
    }

    private void ingestEntry(Digest digest, long size, InputStream in, String where) {
        try {
            ingest(Descriptor.of("application/octet-stream", digest, size), in, where);
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

    private static Index index(byte[] text, String what) {
        Document document = Document.parse(text, Optional.of(MediaTypes.OCI_INDEX), what);
        if (document instanceof Index index) {
            return index;
        }
        throw new OciException(Problem.INVALID, what + " is no index");
    }

    private StoredImage image(Descriptor entry, String what, Optional<Reference> name) {
        Reference reference = name.or(() -> reference(entry))
                .map(Reference::withDefaultTag)
                .orElseThrow(() -> new OciException(
                        Problem.INVALID,
                        what + " has the image " + entry.digest() + " without a name; --name gives it one"));
        String image = reference.familiar();
        ChosenManifest chosen = ChosenManifest.of(entry.plain(), source(what, image), image);
        Manifest manifest = chosen.manifest();
        Set<Digest> counted = new HashSet<>();
        long size = chosen.descriptor().size();
        for (Descriptor child : manifest.children()) {
            need(child, what, image);
            size += counted.add(child.digest()) ? child.size() : 0;
        }
        Artifact artifact = store.artifact(manifest, image);
        return new StoredImage(
                reference,
                entry.plain(),
                chosen.descriptor().plain(),
                artifact.kind(),
                size,
                Instant.now(),
                Optional.empty());
    }

    private ChosenManifest.Source source(String what, String image) {
        return new ChosenManifest.Source() {
            @Override
            public boolean has(Descriptor descriptor) {
                return store.has(descriptor);
            }

            @Override
            public byte[] read(Descriptor descriptor, String manifest) {
                need(descriptor, what, image);
                return store.read(descriptor, Document.MAX_BYTES, manifest);
            }
        };
    }

    private void need(Descriptor descriptor, String what, String image) {
        if (!store.has(descriptor)) {
            throw new OciException(
                    Problem.INVALID,
                    what + " lacks " + descriptor.digest() + " of " + image + " with " + descriptor.size() + " bytes");
        }
    }

    /** The name that an entry of the index has, as containerd writes it or in short. */
    static Optional<Reference> reference(Descriptor entry) {
        return Optional.ofNullable(entry.annotations().get(NAME))
                .or(() -> Optional.ofNullable(entry.annotations().get(TAG)).filter(tag -> tag.indexOf('/') > 0))
                .map(Reference::parse);
    }
}
