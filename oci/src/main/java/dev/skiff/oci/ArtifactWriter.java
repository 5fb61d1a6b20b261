package dev.skiff.oci;

import dev.skiff.oci.Document.Manifest;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes artifacts of modules and components, in the forms that others read. Equal input gives equal bytes: the time of creation is the
 * one that is given.
 */
public final class ArtifactWriter {
    private static final String SOURCE = "org.opencontainers.image.source";
    private static final String VERSION = "org.opencontainers.image.version";
    private static final String CREATED = "org.opencontainers.image.created";
    /** What custom sections are called as annotations. */
    private static final Map<String, String> FROM_METADATA = Map.of(
            "version", VERSION,
            "source", SOURCE,
            "authors", "org.opencontainers.image.authors",
            "description", "org.opencontainers.image.description",
            "licenses", "org.opencontainers.image.licenses",
            "homepage", "org.opencontainers.image.url",
            "revision", "org.opencontainers.image.revision");

    private final String fileName;
    private final byte[] binary;
    private final WasmBinary wasm;
    private final Instant created;
    private final Map<String, String> annotations;

    /**
     * A writer for one module or component.
     *
     * @param fileName what its file is called, without folders
     * @param binary its bytes
     * @param created when it was made; seconds count
     * @param annotations what is to be said of it beyond what it says itself; they win
     * @throws OciException if it is neither a module nor a component
     */
    public ArtifactWriter(String fileName, byte[] binary, Instant created, Map<String, String> annotations) {
        this.fileName = fileName;
        this.binary = binary;
        this.created = created;
        wasm = WasmBinary.read(binary, fileName);
        Map<String, String> all = new TreeMap<>();
        wasm.metadata().forEach((name, value) -> all.put(FROM_METADATA.get(name), value));
        all.put(CREATED, created.toString());
        all.putAll(annotations);
        this.annotations = all;
    }

    /** What the artifact says to be for. */
    private String os() {
        return wasm.component() ? "wasip2" : "wasip1";
    }

    /** The CNCF's form: one layer {@code application/wasm}. */
    public ArtifactContent artifact() {
        Descriptor layer = Descriptor.of(MediaTypes.WASM, binary).withAnnotations(Map.of(Descriptor.TITLE, fileName));
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("created", created.toString());
        Optional.ofNullable(annotations.get("org.opencontainers.image.authors"))
                .ifPresent(author -> config.put("author", author));
        config.put("architecture", "wasm");
        config.put("os", os());
        config.put("layerDigests", List.of(layer.digest().toString()));
        Map<String, Object> names = new LinkedHashMap<>();
        names.put("exports", wasm.exports());
        names.put("imports", wasm.imports());
        config.put(wasm.component() ? "component" : "module", names);
        return content(MediaTypes.WASM_CONFIG, Json.write(config), Optional.empty(), layer, ContentSource.of(binary));
    }

    /** The form of wasm-to-oci, which Krustlet reads too. */
    public ArtifactContent wasmToOci() {
        Descriptor layer =
                Descriptor.of(MediaTypes.WASM_CONTENT, binary).withAnnotations(Map.of(Descriptor.TITLE, fileName));
        byte[] config = Json.write(Map.of());
        return content(MediaTypes.WASM_TO_OCI_CONFIG, config, Optional.empty(), layer, ContentSource.of(binary));
    }

    /**
     * A container image with the module as the one file {@code /NAME} of its one layer, which every container runtime can unpack. Its
     * compressed bytes depend on the Java runtime's zlib, so that equal input gives equal bytes with the same runtime only.
     */
    public ArtifactContent image() {
        String path = "/" + fileName;
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        Instant time = created.isBefore(Instant.EPOCH) ? Instant.EPOCH : created;
        WrittenLayer written = LayerWriter.write(List.of(LayerFile.of(path, binary, 0755)), time, packed);
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("Entrypoint", List.of(path));
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("created", created.toString());
        config.put("architecture", "wasm");
        config.put("os", os());
        config.put("config", run);
        Map<String, Object> rootfs = new LinkedHashMap<>();
        rootfs.put("type", "layers");
        rootfs.put("diff_ids", List.of(written.diffId().toString()));
        config.put("rootfs", rootfs);
        byte[] layer = packed.toByteArray();
        return content(
                MediaTypes.OCI_CONFIG,
                Json.write(config),
                Optional.empty(),
                Descriptor.of(MediaTypes.OCI_LAYER_GZIP, written.digest(), written.size()),
                ContentSource.of(layer));
    }

    private ArtifactContent content(
            String configType, byte[] config, Optional<String> artifactType, Descriptor layer, ContentSource source) {
        Descriptor configuration = Descriptor.of(configType, config);
        Manifest manifest = new Manifest(
                MediaTypes.OCI_MANIFEST, artifactType, configuration, List.of(layer), Optional.empty(), annotations);
        List<ArtifactContent.Blob> blobs = new ArrayList<>();
        blobs.add(new ArtifactContent.Blob(configuration, ContentSource.of(config)));
        blobs.add(new ArtifactContent.Blob(layer, source));
        return new ArtifactContent(MediaTypes.OCI_MANIFEST, manifest.toJson(), blobs);
    }
}
