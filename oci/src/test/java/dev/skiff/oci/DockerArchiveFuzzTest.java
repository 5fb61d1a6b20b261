package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Archives that strangers damaged give images or the module's own exception, and leave nothing half-written. */
class DockerArchiveFuzzTest {
    private static final byte[] ARCHIVE = DockerArchives.usual();
    private static final int[] FIELDS = {0, 100, 124, 136, 148, 156, 157, 257, 345, 386, 482};

    @Tag("slow")
    @Property(tries = 800)
    void damagedArchivesDoNoHarm(@ForAll long seed) throws IOException {
        Path scratch = Files.createTempDirectory("docker-archive");
        try {
            Store store = Store.at(scratch.resolve("store"));
            try {
                for (StoredImage image : new OciLayout(store)
                        .loadTar(new ByteArrayInputStream(damaged(new Random(seed))), "x.tar", Optional.empty())) {
                    ImageProgram.of(store, image).read();
                }
            } catch (OciException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
            assertThat(Images.files(store.ingest)).isEmpty();
            assertThat(scratch.toFile().list()).containsExactly("store");
        } finally {
            DirectoryDeletion.delete(scratch);
        }
    }

    private static byte[] damaged(Random random) {
        byte[] bytes = ARCHIVE.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes = damagedOnce(bytes, random);
        }
        if (random.nextInt(4) > 0) {
            mendChecksums(bytes);
        }
        return bytes;
    }

    private static byte[] damagedOnce(byte[] bytes, Random random) {
        int records = bytes.length / 512;
        int record = random.nextInt(records) * 512;
        switch (random.nextInt(5)) {
            case 0 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            case 1 ->
                bytes[record + FIELDS[random.nextInt(FIELDS.length)] + random.nextInt(12)] =
                        (byte) "0123457gxLKS\0/.".charAt(random.nextInt(15));
            case 2 -> {
                return Arrays.copyOf(bytes, Math.max(512, random.nextInt(bytes.length)));
            }
            case 3 -> System.arraycopy(bytes, random.nextInt(records) * 512, bytes, record, 512);
            default -> {
                // In a text that the list or a configuration is made of.
                int at = random.nextInt(bytes.length - 8);
                byte[] word = Tar.utf8(
                        new String[] {"\"", "[]", "null", "../", "\\u0000", "{", "-1", "1e9"}[random.nextInt(8)]);
                System.arraycopy(word, 0, bytes, at, word.length);
            }
        }
        return bytes;
    }

    /** What looks like a header gets the right checksum, so that the damage is believed. */
    private static void mendChecksums(byte[] bytes) {
        for (int at = 0; at + 512 <= bytes.length; at += 512) {
            if (bytes[at + 257] == 'u' && bytes[at + 258] == 's') {
                byte[] record = Arrays.copyOfRange(bytes, at, at + 512);
                System.arraycopy(new Tar().sealed(record).unfinished(), 0, bytes, at, 512);
            }
        }
    }
}
