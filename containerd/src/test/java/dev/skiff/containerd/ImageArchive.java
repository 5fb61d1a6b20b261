package dev.skiff.containerd;

import com.google.gson.Gson;
import dev.skiff.oci.Digest;
import dev.skiff.oci.LayerFile;
import dev.skiff.oci.LayerWriter;
import dev.skiff.oci.MediaTypes;
import dev.skiff.oci.WrittenLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes images of one layer that {@code ctr images import} reads. */
final class ImageArchive {
    private static final Gson GSON = new Gson();

    private ImageArchive() {}

    /** Writes an archive of an OCI layout with one image for this kind of machine. */
    static void write(Path archive, String name, List<LayerFile> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        WrittenLayer written = LayerWriter.write(files, Instant.EPOCH, bytes);
        byte[] layer = bytes.toByteArray();
        byte[] config = json(Map.of(
                "os",
                "linux",
                "architecture",
                System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64",
                "config",
                Map.of("Env", List.of("PATH=/bin", "GREETING=ahoy")),
                "rootfs",
                Map.of("type", "layers", "diff_ids", List.of(written.diffId().toString()))));
        byte[] manifest = json(Map.of(
                "schemaVersion",
                2,
                "mediaType",
                MediaTypes.OCI_MANIFEST,
                "config",
                descriptor(MediaTypes.OCI_CONFIG, config, Map.of()),
                "layers",
                List.of(descriptor(MediaTypes.OCI_LAYER_GZIP, layer, Map.of()))));
        byte[] index = json(Map.of(
                "schemaVersion",
                2,
                "manifests",
                List.of(descriptor(MediaTypes.OCI_MANIFEST, manifest, Map.of("io.containerd.image.name", name)))));
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(archive))) {
            put(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
            put(tar, "index.json", index);
            for (byte[] blob : List.of(manifest, config, layer)) {
                put(tar, "blobs/sha256/" + Digest.ofBytes(blob).hex(), blob);
            }
        }
    }

    private static Map<String, Object> descriptor(String type, byte[] content, Map<String, String> annotations) {
        return Map.of(
                "mediaType",
                type,
                "digest",
                Digest.ofBytes(content).toString(),
                "size",
                content.length,
                "annotations",
                annotations);
    }

    private static byte[] json(Object value) {
        return GSON.toJson(value).getBytes(StandardCharsets.UTF_8);
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
