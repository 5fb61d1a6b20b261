package dev.skiff.oci;

import static dev.skiff.oci.Tar.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.skiff.oci.OciException.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerWriterTest {
    private static final Instant TIME = Instant.parse("2026-11-01T12:00:00.5Z");

    @TempDir
    Path scratch;

    @Test
    void writesWhatImagesAreReadFrom() throws IOException {
        Path onDisk = Files.write(scratch.resolve("source"), new byte[200_000]);
        String name = "long-directory-name/".repeat(20) + "ő.wasm";
        Written written = write(
                LayerFile.of("/app.wasm", utf8("code"), 0755),
                LayerFile.of(name, utf8("far"), 0600),
                LayerFile.of("bin/large", onDisk, 0644));
        ImageLayer layer = new ImageLayer(
                "the layer",
                MediaTypes.OCI_LAYER_GZIP,
                Optional.of(written.layer.diffId()),
                () -> new ByteArrayInputStream(written.bytes));
        assertThat(Trees.unpack(scratch, List.of(layer)))
                .containsEntry("app.wasm", "file rwxr-xr-x 0: code")
                .containsEntry("bin", "dir rwxr-xr-x")
                .hasEntrySatisfying("bin/large", text -> assertThat(text).startsWith("file rw-r--r-- 1: 200000 bytes"))
                .containsEntry(name, "file rw------- 2: far")
                .hasSize(1 + 1 + 2 + 20 + 1);
    }

    @Test
    void saysItsDigestsAndSize() throws IOException {
        Written written = write(LayerFile.of("a", utf8("1"), 0644));
        assertThat(written.layer.digest()).isEqualTo(Digest.ofBytes(written.bytes));
        assertThat(written.layer.size()).isEqualTo(written.bytes.length);
        assertThat(written.layer.diffId()).isEqualTo(Digest.ofBytes(unzip(written.bytes)));
    }

    @Test
    void equalFilesGiveEqualBytesInWhateverOrder() {
        LayerFile one = LayerFile.of("b/1", utf8("1"), 0644);
        LayerFile two = LayerFile.of("a/2", utf8("2"), 0755);
        assertThat(write(one, two).bytes).isEqualTo(write(two, one).bytes);
        assertThat(write(one, two).layer).isEqualTo(write(two, one).layer);
    }

    @Test
    void theArchiveIsTheSameOnEveryMachine() {
        // If this changes, so do the digests of all images that are built.
        assertThat(write(LayerFile.of("app.wasm", utf8("code"), 0644)).layer.diffId())
                .hasToString("sha256:ab8b8fb1badcc803449c389348081146932a881afaa6333b87ecd90bf29e87e6");
    }

    @Test
    void nothingInItIsOfWhoeverWroteIt() throws IOException {
        Written written = write(LayerFile.of("d/f", utf8("1"), 0640));
        // The time in the header of gzip, and its flags, none of which announces a name.
        assertThat(written.bytes).startsWith(0x1f, 0x8b, 8, 0, 0, 0, 0, 0);
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(unzip(written.bytes)))) {
            for (String name : List.of("d/", "d/f")) {
                TarArchiveEntry entry = tar.getNextEntry();
                assertThat(entry.getName()).isEqualTo(name);
                assertThat(entry.getLongUserId() + entry.getLongGroupId()).isZero();
                assertThat(entry.getUserName() + entry.getGroupName()).isEmpty();
                assertThat(entry.getLastModifiedTime()).hasToString("2026-11-01T12:00:00Z");
                assertThat(entry.getMode() & 07777).isEqualTo(name.equals("d/") ? 0755 : 0640);
            }
            assertThat(tar.getNextEntry()).isNull();
        }
    }

    @Test
    void refusesPathsThatNoImageCanHave() {
        for (String path : List.of("", "/", ".", "a/../b", "../a", "a//b", "a/", "./a", ".wh.a", "d/.wh.a/b")) {
            assertRefused(Problem.INVALID, "cannot have a file at \"" + path, LayerFile.of(path, utf8(""), 0644));
        }
        assertRefused(Problem.INVALID, "zero byte", LayerFile.of("a\0b", utf8(""), 0644));
        LayerFile file = LayerFile.of("a", utf8(""), 0644);
        assertRefused(Problem.INVALID, "cannot have a twice", file, LayerFile.of("/a", utf8(""), 0644));
        assertRefused(Problem.INVALID, "cannot have a twice", file, LayerFile.of("a/b/c", utf8(""), 0644));
        assertThatIllegalArgumentException().isThrownBy(() -> LayerFile.of("a", utf8(""), 04755));
    }

    @Test
    void namesTheFileThatCannotBeRead() {
        Path none = scratch.resolve("none");
        assertRefused(
                Problem.STORAGE, "cannot read " + none + ": there is no such file", LayerFile.of("a", none, 0644));
        assertRefused(Problem.STORAGE, "cannot read " + scratch, LayerFile.of("a", scratch, 0644));
    }

    @Test
    void aFullDiskIsNoFaultOfTheFiles() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).as("a device that is always full").exists();
        try (OutputStream out = Files.newOutputStream(full)) {
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> LayerWriter.write(List.of(LayerFile.of("a", utf8("1"), 0644)), TIME, out))
                    .withMessage("cannot write a layer: No space left on device")
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.STORAGE));
        }
    }

    private static void assertRefused(Problem problem, String reason, LayerFile... files) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> write(files))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Written(WrittenLayer layer, byte[] bytes) {}

    private static Written write(LayerFile... files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WrittenLayer layer = LayerWriter.write(List.of(files), TIME, out);
        return new Written(layer, out.toByteArray());
    }

    private static byte[] unzip(byte[] bytes) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }
}
