package dev.skiff.cli;

import dev.skiff.oci.LayerFile;
import dev.skiff.oci.LayerWriter;
import dev.skiff.oci.MediaTypes;
import dev.skiff.oci.WrittenLayer;
import dev.skiff.oci.testing.RawRegistry;
import dev.skiff.oci.testing.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Puts images into a registry that Skiff does not make itself. Each answer is the reference. */
final class RawImages {
    private static final String WASM_PLATFORM = "wasi/wasm";

    private final TestRegistry registry;
    private final RawRegistry raw;

    RawImages(TestRegistry registry) {
        this.registry = registry;
        raw = registry.raw();
    }

    /** A container image of one layer that says how it is run: {@code Entrypoint}, {@code Cmd}, {@code Env}. */
    String container(String repository, Map<String, Object> run, LayerFile... files) {
        put(repository, "v1", WASM_PLATFORM, run, files);
        return reference(repository);
    }

    /** The same with a second layer of symbolic links, each with its text. */
    String linked(String repository, Map<String, Object> run, Map<String, String> links, LayerFile... files) {
        byte[] layer = layerOf(links);
        put(repository, "v1", WASM_PLATFORM, run, List.of(layer), files);
        return reference(repository);
    }

    private static byte[] layerOf(Map<String, String> links) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, String> link : links.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(link.getKey(), TarConstants.LF_SYMLINK);
                entry.setLinkName(link.getValue());
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** An index with an image for each platform, whose entrypoint prints. */
    String index(String repository, byte[] program, String... platforms) {
        List<Map<String, Object>> manifests = java.util.Arrays.stream(platforms)
                .map(platform -> {
                    byte[] manifest = put(
                            repository,
                            platform.replace('/', '-'),
                            platform,
                            Map.of("Entrypoint", List.of("/app.wasm", platform)),
                            LayerFile.of("app.wasm", program, 0755));
                    Map<String, Object> entry = descriptor(MediaTypes.OCI_MANIFEST, manifest);
                    entry.put("platform", platform(platform));
                    return entry;
                })
                .toList();
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("schemaVersion", 2);
        index.put("mediaType", MediaTypes.OCI_INDEX);
        index.put("manifests", manifests);
        raw.putManifest(repository, "v1", MediaTypes.OCI_INDEX, json(index));
        return reference(repository);
    }

    /** An artifact of one layer of any type. */
    String artifact(String repository, String layerType, byte[] layer) {
        raw.putBlob(repository, layer);
        byte[] config = json(Map.of());
        raw.putBlob(repository, config);
        manifest(repository, "v1", descriptor(MediaTypes.OCI_EMPTY, config), List.of(descriptor(layerType, layer)));
        return reference(repository);
    }

    private byte[] put(String repository, String tag, String platform, Map<String, Object> run, LayerFile... files) {
        return put(repository, tag, platform, run, List.of(), files);
    }

    private byte[] put(
            String repository,
            String tag,
            String platform,
            Map<String, Object> run,
            List<byte[]> more,
            LayerFile... files) {
        ByteArrayOutputStream layer = new ByteArrayOutputStream();
        WrittenLayer written = LayerWriter.write(List.of(files), Instant.EPOCH, layer);
        Map<String, Object> config = new LinkedHashMap<>(platform(platform));
        config.put("config", run);
        List<String> diffs = new ArrayList<>(List.of(written.diffId().toString()));
        List<Map<String, Object>> layers =
                new ArrayList<>(List.of(descriptor(MediaTypes.OCI_LAYER_GZIP, layer.toByteArray())));
        for (byte[] archive : more) {
            diffs.add(RawRegistry.digest(archive));
            layers.add(descriptor(MediaTypes.OCI_LAYER, archive));
            raw.putBlob(repository, archive);
        }
        config.put("rootfs", Map.of("type", "layers", "diff_ids", diffs));
        raw.putBlob(repository, layer.toByteArray());
        raw.putBlob(repository, json(config));
        return manifest(repository, tag, descriptor(MediaTypes.OCI_CONFIG, json(config)), layers);
    }

    private byte[] manifest(
            String repository, String tag, Map<String, Object> config, List<Map<String, Object>> layers) {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        manifest.put("config", config);
        manifest.put("layers", layers);
        raw.putManifest(repository, tag, MediaTypes.OCI_MANIFEST, json(manifest));
        return json(manifest);
    }

    private static Map<String, Object> platform(String text) {
        int slash = text.indexOf('/');
        Map<String, Object> platform = new LinkedHashMap<>();
        platform.put("os", text.substring(0, slash));
        platform.put("architecture", text.substring(slash + 1));
        return platform;
    }

    private static Map<String, Object> descriptor(String type, byte[] content) {
        Map<String, Object> descriptor = new LinkedHashMap<>();
        descriptor.put("mediaType", type);
        descriptor.put("digest", RawRegistry.digest(content));
        descriptor.put("size", content.length);
        return descriptor;
    }

    private static byte[] json(Map<String, Object> value) {
        return JsonWriter.write(value).getBytes(StandardCharsets.UTF_8);
    }

    private String reference(String repository) {
        return registry.address() + "/" + repository + ":v1";
    }
}
