package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Archives in Docker's own format, which {@code docker save} wrote before version 25, and which skopeo and Podman call
 * {@code docker-archive}: a list, {@code manifest.json}, says which files are an image's configuration and layers. What is in such an
 * archive waits in files of its own until the list is known, and is then written to the store as OCI images. Names in the archive are
 * looked up in it, and are never paths on this machine. For one thread.
 */
final class DockerArchive implements AutoCloseable {
    private static final String LIST = "manifest.json";
    private static final int MAX_IMAGES = 1_000;
    private static final int MAX_NAMES = 1_000;
    /** Of all images together; each has no more than any manifest. */
    private static final int MAX_LAYERS = 100_000;

    private static final int MAX_LINKS = 8;
    /** Files of 16 GiB together, and 100,000 of them with names of 16 MiB, which are in memory. */
    private static final UnpackLimits LIMITS = new UnpackLimits(16L << 30, 100_000, 16L << 20, 4_096, 4_095, 256);

    private final Store store;
    private final String what;
    private final Allowance allowance;
    private final Map<String, Content> files = new HashMap<>();
    private final Map<String, Link> links = new HashMap<>();
    private Optional<Staging> staging = Optional.empty();

    private int nameCount;
    private int layerCount;

    /** A file of the archive, where it waits, and what it is if it is a layer. */
    private record Content(Path file, Descriptor layer) {}

    /** Another name of a file: relative to the link's folder where it is a symbolic one, or else to the archive. */
    private record Link(String target, boolean symbolic) {}

    /** An image of the list: what it is called, if anything, and what it consists of. */
    private record Image(List<Reference> names, ArtifactContent content) {}

    /**
     * An archive whose files are still to come.
     *
     * @param what what it is, for messages
     */
    DockerArchive(Store store, String what) {
        this(store, what, LIMITS);
    }

    DockerArchive(Store store, String what, UnpackLimits limits) {
        this.store = store;
        this.what = what;
        allowance = new Allowance(limits);
    }

    /** Takes the next file or link; of two with one name the later one counts, as it does for who unpacks the archive. */
    void add(String path, TarArchiveEntry entry, InputStream content) throws IOException {
        String where = what + ", " + ImagePath.shown(path);
        allowance.entry(where);
        allowance.name(path, where);
        allowance.name(entry.getLinkName(), where);
        files.remove(path);
        links.remove(path);
        if (entry.isSymbolicLink() || entry.isLink()) {
            links.put(path, new Link(entry.getLinkName(), entry.isSymbolicLink()));
            return;
        }
        if (staging.isEmpty()) {
            staging = Optional.of(Staging.in(store.ingest));
        }
        Digest any = Digest.ofBytes(new byte[0]);
        MessageDigest hasher = any.hasher();
        Staging.Stored stored = staging.get().store(new DigestInputStream(content, hasher), where, allowance);
        Descriptor layer = Descriptor.of(layerType(stored.file()), any.finish(hasher), stored.size());
        files.put(path, new Content(stored.file(), layer));
    }

    /** Whether it has the list that makes it such an archive. */
    boolean isOne() {
        return files.containsKey(LIST) || links.containsKey(LIST);
    }

    /**
     * Writes its images to the store. All of them are looked at before anything is written.
     *
     * @param named whether the image gets a name from elsewhere, so that its own do not count
     * @return an index of the images, with an entry for each name
     * @throws OciException if one is not whole, or the list is none
     */
    Index store(boolean named) {
        try {
            return index(named);
        } catch (IOException e) {
            throw StoreFiles.failure("read what was unpacked to", store.ingest, e);
        }
    }

    private Index index(boolean named) throws IOException {
        List<JsonObject> list = Json.objects(read(LIST, Document.MAX_BYTES), what + ", " + LIST);
        limit(list.size(), MAX_IMAGES, "images");
        List<Image> images = new ArrayList<>();
        for (JsonObject item : list) {
            images.add(image(item, what + ", image " + (images.size() + 1)));
        }
        List<Descriptor> entries = new ArrayList<>();
        for (Image image : images) {
            Descriptor manifest = write(image.content());
            if (named || image.names().isEmpty()) {
                entries.add(manifest);
                continue;
            }
            for (Reference name : image.names()) {
                entries.add(manifest.withAnnotations(Map.of(OciLayout.NAME, name.toString())));
            }
        }
        return new Index(MediaTypes.OCI_INDEX, entries, Map.of());
    }

    private Descriptor write(ArtifactContent content) throws IOException {
        for (ArtifactContent.Blob blob : content.blobs()) {
            try (InputStream in = blob.source().from(0)) {
                store.write(blob.descriptor(), in);
            }
        }
        store.write(content.descriptor(), content.manifest());
        return content.descriptor();
    }

    private Image image(JsonObject item, String image) throws IOException {
        String configName = item.needText("Config");
        Content configFile = find(configName);
        byte[] config = read(configName, ImageConfig.MAX_BYTES);
        ImageConfig parsed = ImageConfig.parse(config, what + ", " + ImagePath.shown(configName));
        List<String> names = item.texts("Layers");
        if (parsed.diffIds().size() != names.size()) {
            throw new OciException(
                    Problem.INVALID,
                    image + " has " + names.size() + " layers, and its configuration knows "
                            + parsed.diffIds().size());
        }
        layerCount += names.size();
        limit(layerCount, MAX_LAYERS, "layers");
        List<ArtifactContent.Blob> blobs = new ArrayList<>();
        Descriptor configuration = Descriptor.of(MediaTypes.OCI_CONFIG, config);
        blobs.add(new ArtifactContent.Blob(configuration, ContentSource.of(configFile.file())));
        List<Descriptor> layers = new ArrayList<>();
        for (String name : names) {
            Content content = find(name);
            layers.add(content.layer());
            blobs.add(new ArtifactContent.Blob(content.layer(), ContentSource.of(content.file())));
        }
        byte[] manifest = new Manifest(
                        MediaTypes.OCI_MANIFEST, Optional.empty(), configuration, layers, Optional.empty(), Map.of())
                .toJson();
        // Whoever reads it later refuses what is too large; better before anything is written.
        Document.parse(manifest, Optional.empty(), image);
        return new Image(names(item, image), new ArtifactContent(MediaTypes.OCI_MANIFEST, manifest, blobs));
    }

    private void limit(int count, int limit, String things) {
        if (count > limit) {
            throw new OciException(Problem.TOO_LARGE, what + " has " + count + " " + things + ", more than " + limit);
        }
    }

    private List<Reference> names(JsonObject item, String image) {
        List<Reference> names = new ArrayList<>();
        List<String> texts = item.texts("RepoTags");
        nameCount += texts.size();
        limit(nameCount, MAX_NAMES, "names");
        for (String name : texts) {
            try {
                names.add(Reference.parse(name));
            } catch (OciException e) {
                throw new OciException(e.problem(), image + " has a name that is none: " + e.getMessage(), e);
            }
        }
        return names;
    }

    /** Layers are kept as they are: Docker writes them unpacked, and reads compressed ones too. */
    private static String layerType(Path file) throws IOException {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(4);
        }
        int magic = 0;
        for (int i = 0; i < start.length; i++) {
            magic |= (start[i] & 0xff) << 8 * i;
        }
        if ((magic & 0xffff) == GZIPInputStream.GZIP_MAGIC) {
            return MediaTypes.OCI_LAYER_GZIP;
        }
        return ZstdFrames.isStart(magic) ? MediaTypes.OCI_LAYER_ZSTD : MediaTypes.OCI_LAYER;
    }

    private byte[] read(String name, int limit) throws IOException {
        Content content = find(name);
        if (content.layer().size() > limit) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    what + ", " + ImagePath.shown(name) + " has "
                            + content.layer().size() + " bytes, more than " + limit);
        }
        return Files.readAllBytes(content.file());
    }

    /** The file of a name, which may be a link: equal layers are there once. */
    private Content find(String name) {
        String path = name;
        for (int followed = 0; followed <= MAX_LINKS; followed++) {
            if (files.containsKey(path)) {
                return files.get(path);
            }
            if (!links.containsKey(path)) {
                throw new OciException(
                        Problem.INVALID,
                        what + " lacks " + ImagePath.shown(path) + ", which its " + LIST
                                + " names; save the image again");
            }
            path = target(path, links.get(path));
        }
        throw new OciException(
                Problem.INVALID,
                what + ", " + ImagePath.shown(name) + " is a link to a link, more than " + MAX_LINKS + " times");
    }

    private String target(String path, Link link) {
        Deque<String> parts = new ArrayDeque<>();
        String whole = link.symbolic() ? path.substring(0, path.lastIndexOf('/') + 1) + link.target() : link.target();
        boolean out = link.target().startsWith("/");
        for (String part : whole.split("/", -1)) {
            if (part.equals("..")) {
                out |= parts.pollLast() == null;
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        if (out) {
            throw new OciException(
                    Problem.INVALID,
                    what + ", " + ImagePath.shown(path) + " is a link that leads out of the archive, to "
                            + ImagePath.shown(link.target()));
        }
        return String.join("/", parts);
    }

    /** Removes what waits. */
    @Override
    public void close() {
        staging.ifPresent(Staging::close);
    }
}
