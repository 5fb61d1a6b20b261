package dev.skiff.containerd;

import com.google.gson.Gson;
import dev.skiff.oci.Digest;
import dev.skiff.oci.LayerFile;
import dev.skiff.oci.LayerWriter;
import dev.skiff.oci.MediaTypes;
import dev.skiff.oci.Platform;
import dev.skiff.oci.WrittenLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An image of one layer.
 *
 * @param manifest its manifest, or index
 * @param content what it consists of besides
 * @param platform what it is for, if it says so
 */
record TestImage(Blob manifest, List<Blob> content, Optional<Platform> platform) {
    /** This kind of machine. */
    static final Platform HERE =
            Platform.parse("linux/" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64"));

    private static final Gson GSON = new Gson();

    /** Some bytes of an image. */
    @SuppressWarnings("ArrayRecordComponent")
    record Blob(String mediaType, byte[] bytes) {
        Digest digest() {
            return Digest.ofBytes(bytes);
        }

        Map<String, Object> descriptor() {
            Map<String, Object> descriptor = new LinkedHashMap<>();
            descriptor.put("mediaType", mediaType);
            descriptor.put("digest", digest().toString());
            descriptor.put("size", bytes.length);
            return descriptor;
        }
    }

    /**
     * A container image.
     *
     * @param config such as {@code Entrypoint}
     */
    static TestImage container(Platform platform, Map<String, Object> config, List<LayerFile> files)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        WrittenLayer written = LayerWriter.write(files, Instant.EPOCH, bytes);
        return of(
                new Blob(
                        MediaTypes.OCI_CONFIG,
                        config(platform, config, List.of(written.diffId().toString()))),
                new Blob(MediaTypes.OCI_LAYER_GZIP, bytes.toByteArray()),
                Optional.of(platform));
    }

    /** An image as runwasi makes them, whose layer is no archive. */
    static TestImage wasmLayer(Platform platform, String layerType, byte[] module) {
        return of(
                new Blob(MediaTypes.OCI_CONFIG, config(platform, Map.of(), List.of())),
                new Blob(layerType, module),
                Optional.of(platform));
    }

    /** An artifact, which has a configuration of another kind. */
    static TestImage artifact(String configType, String layerType, byte[] module) {
        return of(new Blob(configType, json(Map.of())), new Blob(layerType, module), Optional.empty());
    }

    /** An index of images. */
    static TestImage index(List<TestImage> images) {
        List<Blob> content = images.stream()
                .flatMap(image -> Stream.concat(Stream.of(image.manifest), image.content.stream()))
                .toList();
        Blob index = new Blob(
                MediaTypes.OCI_INDEX,
                json(Map.of(
                        "schemaVersion",
                        2,
                        "mediaType",
                        MediaTypes.OCI_INDEX,
                        "manifests",
                        images.stream().map(TestImage::entry).toList())));
        return new TestImage(index, content, Optional.empty());
    }

    private static TestImage of(Blob config, Blob layer, Optional<Platform> platform) {
        byte[] manifest = json(Map.of(
                "schemaVersion",
                2,
                "mediaType",
                MediaTypes.OCI_MANIFEST,
                "config",
                config.descriptor(),
                "layers",
                List.of(layer.descriptor())));
        return new TestImage(new Blob(MediaTypes.OCI_MANIFEST, manifest), List.of(config, layer), platform);
    }

    private static byte[] config(Platform platform, Map<String, Object> config, List<String> diffIds) {
        return json(Map.of(
                "os",
                platform.os(),
                "architecture",
                platform.architecture(),
                "config",
                config,
                "rootfs",
                Map.of("type", "layers", "diff_ids", diffIds)));
    }

    private Map<String, Object> entry() {
        Map<String, Object> entry = manifest.descriptor();
        platform.ifPresent(
                value -> entry.put("platform", Map.of("os", value.os(), "architecture", value.architecture())));
        return entry;
    }

    /** What is in it that runs. */
    Blob layer() {
        return content.getLast();
    }

    static byte[] json(Object value) {
        return GSON.toJson(value).getBytes(StandardCharsets.UTF_8);
    }
}
