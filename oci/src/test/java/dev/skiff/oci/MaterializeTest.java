package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.ThreadMXBean;
import dev.skiff.oci.OciException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing an image's file system to a directory of this machine. */
class MaterializeTest {
    @TempDir
    Path scratch;

    @Test
    void fillsDirectoriesThatNobodyMayWriteTo() throws IOException {
        Tar layer = new Tar()
                .dir(".", 0555)
                .dir("d", 0500)
                .file("d/e/f", "1", 0)
                .dir("d/e", 0)
                .symlink("d/l", "e");
        try (ImageTree tree = read(layer)) {
            tree.materialize(scratch.resolve("root"));
        }
        Path root = scratch.resolve("root");
        assertThat(permissions(root)).isEqualTo("r-xr-xr-x");
        assertThat(permissions(root.resolve("d"))).isEqualTo("r-x------");
        assertThat(permissions(root.resolve("d/e"))).isEqualTo("---------");
        DirectoryDeletion.delete(root);
        assertThat(root).doesNotExist();
    }

    @Test
    void setsTimesWithinWhatDisksKeep() throws IOException {
        Tar layer = new Tar()
                .dir("d")
                .file("d/f", "")
                .pax('x', "mtime", "-5")
                .file("early", "")
                .pax('x', "mtime", "99999999999999")
                .file("late", "");
        try (ImageTree tree = read(layer)) {
            tree.materialize(scratch.resolve("root"));
        }
        Path root = scratch.resolve("root");
        assertThat(Files.getLastModifiedTime(root.resolve("d/f"))).hasToString("2001-09-09T01:46:40Z");
        assertThat(Files.getLastModifiedTime(root.resolve("d"))).hasToString("2001-09-09T01:46:40Z");
        assertThat(Files.getLastModifiedTime(root.resolve("early"))).hasToString("1970-01-01T00:00:00Z");
        assertThat(Files.getLastModifiedTime(root.resolve("late")).toInstant()).isAfter("2100-01-01T00:00:00Z");
    }

    @Test
    void touchesNothingThatIsThere() throws IOException {
        Path target = scratch.resolve("root");
        for (int kind = 0; kind < 3; kind++) {
            switch (kind) {
                case 0 -> Files.createDirectory(target);
                case 1 -> Files.createFile(target);
                default -> Files.createSymbolicLink(target, scratch.resolve("elsewhere"));
            }
            try (ImageTree tree = read(new Tar().file("a", "1"))) {
                assertStorage("it exists already", () -> tree.materialize(target));
            }
            Files.delete(target);
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void leavesNothingBehindWhenTheDiskRefuses() throws IOException {
        Path directory = Files.createDirectory(scratch.resolve("d"));
        try (ImageTree tree = read(new Tar().file("a", "1"))) {
            assertStorage(
                    "make a directory in " + directory.resolve("none"),
                    () -> tree.materialize(directory.resolve("none/root")));
        }
        assertStorage(
                "make a directory in " + scratch.resolve("none"),
                () -> ImageTree.read(List.of(), scratch.resolve("none"), UnpackLimits.DEFAULTS));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void namesThePathThatCannotBeWritten() throws IOException {
        // The image's path is short enough, and too long behind the name of its directory.
        String name = "n".repeat(255);
        String path = String.join("/", Collections.nCopies(15, name)) + "/" + "n".repeat(250);
        Path directory = Files.createDirectory(scratch.resolve("d"));
        try (ImageTree tree = ImageTree.read(
                List.of(new Tar().pax('x', "path", path).file("a", "1").layer("l")),
                directory,
                UnpackLimits.DEFAULTS)) {
            assertStorage("File name too long", () -> tree.materialize(directory.resolve("root")));
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void worksOnceForATree() {
        try (ImageTree tree = read(new Tar().file("a", "1"))) {
            tree.materialize(scratch.resolve("root"));
            assertThatIllegalStateException().isThrownBy(() -> tree.materialize(scratch.resolve("again")));
        }
    }

    @Test
    void contentsAreForTheOwnerAloneUntilTheyHaveTheirPlace() throws IOException {
        try (ImageTree tree = read(new Tar().file("../../name", "secret", 0666))) {
            try (Stream<Path> files = Files.walk(scratch)) {
                assertThat(files.filter(Files::isRegularFile)).singleElement().satisfies(file -> {
                    assertThat(file.getFileName()).hasToString("0");
                    assertThat(permissions(file)).isEqualTo("rw-------");
                    assertThat(permissions(file.getParent())).isEqualTo("rwx------");
                });
            }
            assertThat(tree.find("name")).isPresent();
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aLargeFileDoesNotGoThroughTheHeap() {
        long size = 200L << 20;
        ImageLayer layer = new ImageLayer(
                "the layer",
                "application/vnd.oci.image.layer.v1.tar",
                Optional.empty(),
                () -> new SequenceInputStream(
                        new ByteArrayInputStream(new Tar()
                                .sealed(Tar.header("large", '0', 0644, "", size))
                                .unfinished()),
                        new Zeros(size)));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try (ImageTree tree = ImageTree.read(List.of(layer), scratch, UnpackLimits.DEFAULTS)) {
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20L << 20);
            assertThat(tree.find("large")).map(ImageFile::size).contains(size);
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void saysWhatToDoAboutNamesThatTheLocaleCannotWrite() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Unencodable.class.getName(),
                scratch.toString());
        builder.environment().put("LC_ALL", "C");
        Process java = builder.redirectErrorStream(true).start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(java.waitFor()).as(said).isZero();
        assertThat(said)
                .contains("STORAGE cannot write ")
                .contains("set LC_ALL=C.UTF-8")
                .contains("ANSI_X3.4-1968");
        assertThat(scratch).isEmptyDirectory();
    }

    /** Unpacks a file with a name that is not ASCII. */
    static final class Unencodable {
        public static void main(String[] args) {
            Path directory = Path.of(args[0]);
            ImageLayer layer = new Tar().file("\u0151", "").layer("the layer");
            try (ImageTree tree = ImageTree.read(List.of(layer), directory, UnpackLimits.DEFAULTS)) {
                tree.materialize(directory.resolve("root"));
            } catch (OciException e) {
                System.out.println(e.problem() + " " + e.getMessage());
            }
        }
    }

    private static final class Zeros extends InputStream {
        private long left;

        Zeros(long count) {
            left = count;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            int count = (int) Math.min(length, left);
            Arrays.fill(bytes, offset, offset + count, (byte) 0);
            left -= count;
            return count == 0 ? -1 : count;
        }
    }

    private ImageTree read(Tar layer) {
        return ImageTree.read(List.of(layer.layer("the layer")), scratch, UnpackLimits.DEFAULTS);
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void assertStorage(String reason, Runnable action) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(action::run)
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.STORAGE));
    }
}
