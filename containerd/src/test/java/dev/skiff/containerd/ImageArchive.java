package dev.skiff.containerd;

import dev.skiff.containerd.TestImage.Blob;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Archives of an OCI layout with one image, which {@code ctr images import} reads. */
final class ImageArchive {
    private ImageArchive() {}

    /** Writes a container image for this kind of machine. */
    static void write(Path archive, String name, List<LayerFile> files) throws IOException {
        write(archive, name, container(files));
    }

    private static TestImage container(List<LayerFile> files) throws IOException {
        return TestImage.container(TestImage.HERE, Map.of("Env", List.of("PATH=/bin", "GREETING=ahoy")), files);
    }

    /** Gives a container image for this kind of machine to containerd. */
    static void load(Containerd containerd, String name, LayerFile... files) throws IOException {
        load(containerd, "default", name, container(List.of(files)));
    }

    /**
     * Gives an image to a namespace of containerd.
     *
     * @param options of {@code ctr images import}
     */
    static void load(Containerd containerd, String namespace, String name, TestImage image, String... options)
            throws IOException {
        Path archive = last(containerd);
        write(archive, name, image);
        List<String> command = new ArrayList<>(List.of("-n", namespace, "images", "import"));
        command.addAll(List.of(options));
        command.add(archive.toString());
        containerd.succeed(command.toArray(String[]::new));
    }

    /** Where the one is that was given to a containerd last. */
    static Path last(Containerd containerd) {
        return containerd.folder().resolve("image.tar");
    }

    /** Writes an image. */
    static void write(Path archive, String name, TestImage image) throws IOException {
        Map<String, Object> entry = image.manifest().descriptor();
        entry.put("annotations", Map.of("io.containerd.image.name", name));
        Map<String, byte[]> blobs = new HashMap<>();
        blobs.put(image.manifest().digest().hex(), image.manifest().bytes());
        for (Blob blob : image.content()) {
            blobs.put(blob.digest().hex(), blob.bytes());
        }
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(archive))) {
            put(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
            put(tar, "index.json", TestImage.json(Map.of("schemaVersion", 2, "manifests", List.of(entry))));
            for (Map.Entry<String, byte[]> blob : blobs.entrySet()) {
                put(tar, "blobs/sha256/" + blob.getKey(), blob.getValue());
            }
        }
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
