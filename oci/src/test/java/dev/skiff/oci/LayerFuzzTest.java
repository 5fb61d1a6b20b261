package dev.skiff.oci;

import static dev.skiff.oci.Tar.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Assertions;

/** Archives that strangers damaged give an image or the module's own exception, in little time, and nothing outside of the image. */
class LayerFuzzTest {
    private static final UnpackLimits LIMITS = new UnpackLimits(32L << 20, 1_000, 1 << 20, 4_096, 4_095, 50);
    /** Texts that mean something somewhere in an archive. */
    private static final List<byte[]> WORDS = List.of(
            utf8("../"),
            utf8("/"),
            utf8(".wh."),
            utf8(".wh..wh..opq"),
            utf8("\0"),
            utf8("link"),
            utf8("../../outside"),
            utf8("77777777777\0"),
            utf8("GNU.sparse."),
            utf8("9999999999 path="),
            new byte[] {(byte) 0x80},
            new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff});

    private static final byte[] ARCHIVE = new Tar()
            .dir(".")
            .dir("usr", 0555)
            .file("usr/a", "some content")
            .symlink("link", "usr")
            .file("link/b", "more content")
            .hardLink("c", "usr/a")
            .symlink("out", "../../outside")
            .symlink("abs", "/")
            .whiteout("usr/.wh.z")
            .pax('x', "path", "long/".repeat(40) + "x", "mtime", "1.5", "SCHILY.xattr.user.a", "b")
            .file("short", "1")
            .gnuLong('L', "longer/".repeat(30) + "y")
            .file("short", "2")
            .pax('g', "comment", "for all")
            .pax('x', "GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "8")
            .entry(
                    "sparse",
                    '0',
                    0644,
                    "",
                    LayerStreamTest.join(Arrays.copyOf(utf8("2\n4\n2\n8\n0\n"), 512), utf8("ab")))
            .pax('x', "GNU.sparse.size", "8", "GNU.sparse.numblocks", "2", "GNU.sparse.map", "4,2,8,0")
            .file("sparse2", "ab")
            .entry("dev", '3', 0666, "", new byte[0])
            .bytes();

    @Tag("slow")
    @Property(tries = 3_000)
    void damagedArchivesDoNoHarm(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path scratch = Files.createTempDirectory("layers");
        try {
            Files.writeString(Files.createDirectory(scratch.resolve("outside")).resolve("file"), "untouched");
            SortedMap<String, String> before = Trees.describe(scratch);
            Path directory = Files.createDirectory(scratch.resolve("directory"));
            List<ImageLayer> layers =
                    List.of(Tar.layer("layer 1", damaged(random)), Tar.layer("layer 2", damaged(random)));
            Assertions.assertTimeout(Duration.ofSeconds(10), () -> unpack(layers, directory));
            DirectoryDeletion.delete(directory.resolve("root"));
            assertThat(directory).isEmptyDirectory();
            Files.delete(directory);
            assertThat(Trees.describe(scratch)).isEqualTo(before);
        } finally {
            DirectoryDeletion.delete(scratch);
        }
    }

    private static void unpack(List<ImageLayer> layers, Path directory) {
        try (ImageTree tree = ImageTree.read(layers, directory, LIMITS)) {
            tree.find("link/b");
            tree.materialize(directory.resolve("root"));
        } catch (OciException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static byte[] damaged(Random random) {
        byte[] bytes = ARCHIVE.clone();
        for (int i = random.nextInt(5); i >= 0; i--) {
            bytes = damagedOnce(bytes, random);
        }
        if (random.nextInt(4) > 0) {
            mendChecksums(bytes);
        }
        return bytes;
    }

    private static byte[] damagedOnce(byte[] bytes, Random random) {
        int records = bytes.length / 512;
        switch (random.nextInt(6)) {
            case 0 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            case 1 -> {
                // A field of a header.
                int[] fields = {0, 100, 124, 136, 156, 157, 257, 345, 386, 482, 483};
                int at = random.nextInt(records) * 512 + fields[random.nextInt(fields.length)];
                bytes[at + random.nextInt(12)] = (byte) "0123457gxLKS\0/.".charAt(random.nextInt(15));
            }
            case 2 -> {
                byte[] word = WORDS.get(random.nextInt(WORDS.size()));
                int at = random.nextBoolean() ? random.nextInt(records) * 512 : random.nextInt(bytes.length - 20);
                System.arraycopy(word, 0, bytes, at, word.length);
            }
            case 3 -> {
                return Arrays.copyOf(bytes, Math.max(1_024, random.nextInt(bytes.length)));
            }
            case 4 -> {
                // A record goes to the place of another.
                int from = random.nextInt(records) * 512;
                System.arraycopy(bytes, from, bytes, random.nextInt(records) * 512, 512);
            }
            default -> {
                int at = random.nextInt(bytes.length);
                Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(100)), (byte) random.nextInt());
            }
        }
        return bytes;
    }

    /** What looks like a header gets the right checksum, so that the damage is believed. */
    private static void mendChecksums(byte[] bytes) {
        for (int at = 0; at + 512 <= bytes.length; at += 512) {
            byte[] record = Arrays.copyOfRange(bytes, at, at + 512);
            if (bytes[at + 257] == 'u' && bytes[at + 258] == 's') {
                System.arraycopy(new Tar().sealed(record).unfinished(), 0, bytes, at, 512);
            }
        }
    }
}
