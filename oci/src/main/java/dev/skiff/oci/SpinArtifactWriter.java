package dev.skiff.oci;

import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes an artifact of a Spin application, as {@code spin registry push} does: a layer for each component and each static file, or an
 * archive for the files of a component where that would be too many, and last the locked application, which names them by their digests. What is
 * small is in the locked application itself. Equal input gives equal bytes.
 */
public final class SpinArtifactWriter {
    /** The registry that takes the fewest layers takes 500, and one is the locked application. */
    private static final int MAX_LAYERS = 499;
    /** Bytes of content that is written into the locked application. */
    private static final int MAX_INLINE = 128;

    private static final long MAX_FILE = 1L << 30;

    private final byte[] lockedApplication;
    private final Instant created;
    private final Map<String, String> annotations;

    /**
     * A writer for one application.
     *
     * @param lockedApplication the application as Spin locks it before it is run: the sources of components are file URLs of modules, those of
     *     files are file URLs of directories
     * @param created when it was made; seconds count
     * @param annotations what is to be said of it in the manifest
     */
    public SpinArtifactWriter(byte[] lockedApplication, Instant created, Map<String, String> annotations) {
        this.lockedApplication = lockedApplication.clone();
        this.created = created;
        this.annotations = new TreeMap<>(annotations);
        this.annotations.putIfAbsent("org.opencontainers.image.created", created.toString());
    }

    /**
     * The artifact.
     *
     * @throws OciException if the application is not as it must be, or a file that it names cannot be read
     */
    public ArtifactContent artifact() {
        Layers layers = new Layers(false);
        byte[] locked = layers.lock();
        if (layers.content.size() > MAX_LAYERS) {
            layers = new Layers(true);
            locked = layers.lock();
        }
        return layers.finish(locked);
    }

    /** One try to lay it out, with or without archives. */
    private final class Layers {
        private final boolean archives;
        private final Map<Digest, ArtifactContent.Blob> content = new LinkedHashMap<>();

        Layers(boolean archives) {
            this.archives = archives;
        }

        /** The locked application with digests in place of sources. */
        byte[] lock() {
            JsonObject application = Json.object(lockedApplication, "the locked application");
            Map<String, Object> locked = new LinkedHashMap<>(application.members());
            List<Object> components = new ArrayList<>();
            for (JsonObject component : application.objects("components")) {
                components.add(component(component));
            }
            locked.put("components", components);
            application.object("metadata").ifPresent(metadata -> {
                // Where it was on the developer's machine is nobody's business.
                Map<String, Object> others = new LinkedHashMap<>(metadata.members());
                others.remove("origin");
                locked.put("metadata", others);
            });
            return Json.write(locked);
        }

        private Map<String, Object> component(JsonObject component) {
            Map<String, Object> locked = new LinkedHashMap<>(component.members());
            locked.put("source", module(component.needObject("source")));
            component.object("dependencies").ifPresent(dependencies -> {
                Map<String, Object> all = new LinkedHashMap<>();
                for (String name : dependencies.members().keySet()) {
                    JsonObject dependency = dependencies.needObject(name);
                    Map<String, Object> one = new LinkedHashMap<>(dependency.members());
                    one.put("source", module(dependency.needObject("source")));
                    all.put(name, one);
                }
                locked.put("dependencies", all);
            });
            List<Object> files = new ArrayList<>();
            for (JsonObject mount : component.objects("files")) {
                files.addAll(archives ? archived(mount) : single(mount));
            }
            if (!files.isEmpty()) {
                locked.put("files", files);
            }
            return locked;
        }

        private Map<String, Object> module(JsonObject source) {
            Path file = path(source.needText("source"));
            byte[] bytes = read(file);
            WasmBinary.read(bytes, file.toString());
            Map<String, Object> reference = new LinkedHashMap<>();
            reference.put("content_type", source.text("content_type").orElse(MediaTypes.WASM));
            reference.putAll(reference(MediaTypes.WASM_CONTENT, bytes, ContentSource.of(file)));
            return reference;
        }

        /** Each file of a directory by itself. */
        private List<Object> single(JsonObject mount) {
            Path directory = path(mount.needText("source"));
            String target = mount.needText("path");
            List<Object> all = new ArrayList<>();
            for (Path file : files(directory)) {
                String name = target.equals("/") ? "" : target.replaceFirst("^/", "") + "/";
                Map<String, Object> entry =
                        new LinkedHashMap<>(reference(MediaTypes.SPIN_DATA, read(file), ContentSource.of(file)));
                entry.put("path", name + directory.relativize(file));
                all.add(entry);
            }
            return all;
        }

        /** All files of a directory in one archive. */
        private List<Object> archived(JsonObject mount) {
            Path directory = path(mount.needText("source"));
            List<LayerFile> files = files(directory).stream()
                    .map(file -> LayerFile.of(directory.relativize(file).toString(), file, 0644))
                    .toList();
            if (files.isEmpty()) {
                return List.of();
            }
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            LayerWriter.write(files, created.isBefore(Instant.EPOCH) ? Instant.EPOCH : created, packed);
            byte[] archive = packed.toByteArray();
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("digest", add(Descriptor.of(MediaTypes.SPIN_ARCHIVE, archive), ContentSource.of(archive)));
            entry.put("path", mount.needText("path"));
            return List.of(entry);
        }

        private Map<String, Object> reference(String type, byte[] bytes, ContentSource source) {
            return bytes.length <= MAX_INLINE
                    ? Map.of("inline", Base64.getEncoder().encodeToString(bytes))
                    : Map.of("digest", add(Descriptor.of(type, bytes), source));
        }

        private String add(Descriptor descriptor, ContentSource source) {
            content.putIfAbsent(descriptor.digest(), new ArtifactContent.Blob(descriptor, source));
            return descriptor.digest().toString();
        }

        ArtifactContent finish(byte[] locked) {
            add(Descriptor.of(MediaTypes.SPIN_APPLICATION, locked), ContentSource.of(locked));
            Map<String, Object> labels = Map.of(
                    "com.fermyon.spin.lockedAppDigest", Digest.ofBytes(locked).toString());
            Map<String, Object> rootfs = new LinkedHashMap<>();
            rootfs.put("type", "layers");
            rootfs.put("diff_ids", List.of());
            Map<String, Object> config = new LinkedHashMap<>();
            config.put("architecture", "wasm");
            config.put("os", "Wasip1");
            config.put("config", Map.of("Labels", labels));
            config.put("rootfs", rootfs);
            byte[] text = Json.write(config);
            Descriptor configuration = Descriptor.of(MediaTypes.OCI_CONFIG, text);
            List<Descriptor> layers = content.values().stream()
                    .map(ArtifactContent.Blob::descriptor)
                    .toList();
            Manifest manifest = new Manifest(
                    MediaTypes.OCI_MANIFEST, Optional.empty(), configuration, layers, Optional.empty(), annotations);
            List<ArtifactContent.Blob> blobs = new ArrayList<>(content.values());
            blobs.add(new ArtifactContent.Blob(configuration, ContentSource.of(text)));
            return new ArtifactContent(MediaTypes.OCI_MANIFEST, manifest.toJson(), blobs);
        }
    }

    private static Path path(String source) {
        try {
            return Path.of(URI.create(source)).normalize();
        } catch (IllegalArgumentException | java.nio.file.FileSystemNotFoundException e) {
            throw new OciException(
                    Problem.INVALID, "the locked application names " + source + ", which is no file URL", e);
        }
    }

    /** The files beneath a directory, sorted by their paths. Links are not followed out of it. */
    private static List<Path> files(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw DiskFailure.of("read", directory, e);
        }
    }

    private static byte[] read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new OciException(Problem.TOO_LARGE, "the file " + file + " has more than " + MAX_FILE + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw DiskFailure.of("read", file, e);
        }
    }
}
