package dev.skiff.oci;

import static dev.skiff.oci.Tar.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.skiff.oci.RandomImage.Op;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images are unpacked as umoci, the tool of the Open Containers Initiative, unpacks them. */
@Tag("slow")
class UmociTest {
    @TempDir
    Path scratch;

    @BeforeAll
    static void needsUmoci() throws Exception {
        boolean present = false;
        try {
            present = new ProcessBuilder("umoci", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            // It is not on the PATH.
        }
        if ("true".equals(System.getenv("CI"))) {
            assertThat(present)
                    .as("umoci is on the PATH, as it must be in continuous integration")
                    .isTrue();
        }
        assumeThat(present).as("umoci is on the PATH; apt install umoci").isTrue();
    }

    @Test
    void unpacksEveryKindOfEntryAlike() throws Exception {
        Tar base = new Tar()
                .dir(".", 0711)
                .dir("usr", 0755)
                .dir("usr/lib", 0750)
                .file("usr/lib/a", "a", 0640)
                .hardLink("usr/lib/b", "usr/lib/a")
                .symlink("lib", "usr/lib")
                .symlink("abs", "/usr/lib/../lib")
                .file("lib/c", "c")
                .file("set/uid", "", 04755)
                .pax('x', "path", "long/".repeat(40) + "ő")
                .file("x", "long")
                .gnuLong('L', "longer/".repeat(30) + "y")
                .file("x", "longer");
        Tar middle = new Tar()
                .file("abs/d", "d")
                .whiteout("usr/lib/.wh.a")
                .file("set", "now a file")
                .dir("new/deep", 0700)
                .file("new/deep/e", "e");
        Tar top = new Tar()
                .file("../../escape/f", "f")
                .dir("lib")
                .file("lib/g", "g")
                .file("new/h", "h")
                .whiteout("new/.wh..wh..opq");
        assertAlike(base, middle, top);
    }

    @Test
    void unpacksWhatWeWriteAlike() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WrittenLayer written = LayerWriter.write(
                List.of(
                        LayerFile.of("/app.wasm", utf8("code"), 0755),
                        LayerFile.of("dir/".repeat(50) + "ő", utf8("far"), 0600)),
                Instant.EPOCH,
                out);
        ImageLayer layer = Tar.layer("the layer", MediaTypes.OCI_LAYER_GZIP, out.toByteArray());
        Path rootfs = umoci(List.of(new Blob(MediaTypes.OCI_LAYER_GZIP, out.toByteArray(), written.diffId())))
                .orElseThrow();
        assertThat(Trees.unpack(scratch, List.of(layer))).isEqualTo(Trees.describe(rootfs));
    }

    @Test
    void unpacksRandomImagesAlike() throws Exception {
        int compared = 0;
        for (long seed = 0; seed < 150; seed++) {
            List<List<Op>> image = RandomImage.usual(seed);
            Optional<Path> rootfs = umoci(RandomImage.tars(image));
            if (rootfs.isPresent()) {
                assertThat(Trees.unpack(scratch, RandomImage.tars(image)))
                        .as("seed " + seed + ": " + image)
                        .isEqualTo(Trees.describe(rootfs.get()));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(140);
    }

    private void assertAlike(Tar... layers) throws Exception {
        assertThat(Trees.unpack(scratch, layers))
                .isEqualTo(Trees.describe(umoci(layers).orElseThrow()));
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Blob(String mediaType, byte[] bytes, Digest diffId) {}

    private Optional<Path> umoci(Tar... layers) throws Exception {
        List<Blob> blobs = new ArrayList<>();
        for (Tar layer : layers) {
            blobs.add(new Blob("application/vnd.oci.image.layer.v1.tar", layer.bytes(), Digest.ofBytes(layer.bytes())));
        }
        return umoci(blobs);
    }

    /** Unpacks with umoci, if it does. */
    private Optional<Path> umoci(List<Blob> layers) throws Exception {
        Path layout = layout(layers);
        Path rootfs = layout.resolve("rootfs");
        Process process = new ProcessBuilder(
                        "umoci", "raw", "unpack", "--rootless", "--image", layout + ":latest", rootfs.toString())
                .redirectErrorStream(true)
                .start();
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        if (process.waitFor() != 0) {
            return Optional.empty();
        }
        return Optional.of(rootfs);
    }

    private Path layout(List<Blob> layers) throws IOException {
        Path layout = Files.createTempDirectory(scratch, "layout");
        Files.createDirectories(layout.resolve("blobs/sha256"));
        List<Object> descriptors = new ArrayList<>();
        List<Object> diffIds = new ArrayList<>();
        for (Blob layer : layers) {
            descriptors.add(blob(layout, layer.mediaType(), layer.bytes()));
            diffIds.add(layer.diffId().toString());
        }
        Map<String, Object> config = blob(
                layout,
                "application/vnd.oci.image.config.v1+json",
                Json.write(Map.of(
                        "architecture",
                        "wasm",
                        "os",
                        "wasip1",
                        "config",
                        Map.of(),
                        "rootfs",
                        Map.of("type", "layers", "diff_ids", diffIds))));
        Map<String, Object> manifest = blob(
                layout,
                "application/vnd.oci.image.manifest.v1+json",
                Json.write(Map.of(
                        "schemaVersion",
                        2,
                        "mediaType",
                        "application/vnd.oci.image.manifest.v1+json",
                        "config",
                        config,
                        "layers",
                        descriptors)));
        manifest.put("annotations", Map.of("org.opencontainers.image.ref.name", "latest"));
        Files.write(
                layout.resolve("index.json"), Json.write(Map.of("schemaVersion", 2, "manifests", List.of(manifest))));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        return layout;
    }

    private static Map<String, Object> blob(Path layout, String mediaType, byte[] bytes) throws IOException {
        Digest digest = Digest.ofBytes(bytes);
        Files.write(layout.resolve("blobs/sha256").resolve(digest.hex()), bytes);
        return new HashMap<>(Map.of("mediaType", mediaType, "digest", digest.toString(), "size", bytes.length));
    }
}
