package dev.skiff.oci;

import static dev.skiff.oci.Tar.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerStreamTest {
    private static final String GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final String ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
    private static final String PLAIN = "application/vnd.oci.image.layer.v1.tar";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/vnd.oci.image.layer.v1.tar+gzip",
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                "application/vnd.wasm.content.bundle.v1.tar+gzip"
            })
    void opensGzip(String mediaType) {
        assertThat(read(mediaType, gzip(utf8("content")))).asString().isEqualTo("content");
    }

    @Test
    void opensPlainAndZstd() {
        assertThat(read(PLAIN, utf8("content"))).asString().isEqualTo("content");
        assertThat(read(ZSTD, zstd(utf8("content")))).asString().isEqualTo("content");
        assertThat(read(PLAIN, new byte[0])).isEmpty();
    }

    @Test
    void believesTheBytesWhereTheMediaTypeIsWrongAboutTheCompression() {
        assertThat(read(GZIP, zstd(utf8("content")))).asString().isEqualTo("content");
        assertThat(read(PLAIN, gzip(utf8("content")))).asString().isEqualTo("content");
        assertThat(read(GZIP, utf8("content"))).asString().isEqualTo("content");
    }

    @Test
    void readsAllMembersOfAGzipFile() {
        byte[] one = gzip(utf8("one,"));
        assertThat(read(GZIP, join(one, gzip(new byte[0]), gzip(utf8("two")))))
                .asString()
                .isEqualTo("one,two");
        // From a stream that gives a byte at a time, and does not say that more are available.
        byte[] both = join(one, gzip(utf8("two")));
        ImageLayer slow = new ImageLayer("the layer", GZIP, Optional.empty(), () -> new InputStream() {
            private int at;

            @Override
            public int read() {
                return at == both.length ? -1 : both[at++] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                int b = read();
                bytes[offset] = (byte) b;
                return b < 0 ? -1 : 1;
            }
        });
        assertThat(read(slow, UnpackLimits.DEFAULTS)).asString().isEqualTo("one,two");
    }

    @Test
    void readsAllFramesOfAZstdFileAndSkipsThoseWithoutData() {
        byte[] data = new byte[3 << 20];
        new Random(1).nextBytes(data);
        byte[] skippable = ByteBuffer.allocate(8 + 5)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184d2a5e)
                .putInt(5)
                .array();
        assertThat(read(ZSTD, join(skippable, zstd(data), skippable, zstd(utf8("end")), skippable)))
                .isEqualTo(join(data, utf8("end")));
    }

    @Test
    void refusesMediaTypesOfOtherThings() {
        assertRefused(Tar.layer("the layer", "application/wasm", utf8("x")), Problem.UNSUPPORTED, "application/wasm");
        assertRefused(
                Tar.layer("the layer", GZIP + "+encrypted", utf8("x")), Problem.UNSUPPORTED, "it unpacks application/");
    }

    @Test
    void saysThatBytesAreDamaged() {
        for (byte[] packed : new byte[][] {gzip(new byte[100_000]), zstd(utf8("some content, some content"))}) {
            byte[] cut = Arrays.copyOf(packed, packed.length - 3);
            assertRefused(Tar.layer("the layer", GZIP, cut), Problem.CORRUPT, "the layer cannot be decompressed");
            byte[] changed = packed.clone();
            changed[packed.length - 6] ^= 0x55;
            assertRefused(Tar.layer("the layer", GZIP, changed), Problem.CORRUPT, "the layer cannot be decompressed");
        }
        assertRefused(
                Tar.layer("the layer", ZSTD, join(zstd(utf8("x")), utf8("garbage"))),
                Problem.CORRUPT,
                "a frame starts");
    }

    @Tag("slow")
    @Test
    void nothingButItsOwnExceptionComesOutOfDamagedBytes() {
        Random random = new Random(42);
        byte[] text = new byte[200_000];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) ("abcdefgh".charAt(random.nextInt(8)) + random.nextInt(2));
        }
        for (byte[] packed : new byte[][] {gzip(text), zstd(text)}) {
            for (int round = 0; round < 1_500; round++) {
                byte[] changed = packed.clone();
                for (int i = 0; i <= random.nextInt(6); i++) {
                    int at = random.nextInt(3) == 0 ? random.nextInt(40) : random.nextInt(changed.length);
                    changed[at] = (byte) random.nextInt();
                }
                try {
                    read(ZSTD, Arrays.copyOf(changed, changed.length - random.nextInt(2) * random.nextInt(1000)));
                } catch (OciException e) {
                    assertThat(e.problem()).isIn(Problem.CORRUPT, Problem.UNSUPPORTED, Problem.TOO_LARGE);
                }
            }
        }
    }

    @Test
    void refusesZstdWindowsThatNeedMuchMemory() {
        byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) 0x70, 0, 0, 0};
        frame[5] = (byte) (14 << 3); // 16 MiB
        assertRefused(Tar.layer("the layer", ZSTD, frame), Problem.UNSUPPORTED, "window of 16777216 bytes");
        frame[5] = (byte) (13 << 3);
        frame[6] = 1;
        assertThat(read(ZSTD, frame)).isEmpty();
        byte[] single = new byte[20];
        System.arraycopy(frame, 0, single, 0, 4);
        single[4] = (byte) 0xe0;
        Arrays.fill(single, 5, 13, (byte) 0xff);
        assertRefused(Tar.layer("the layer", ZSTD, single), Problem.UNSUPPORTED, "window of 18446744073709551615");
    }

    @Test
    void checksTheDigestOfWhatIsUnpacked() {
        byte[] content = utf8("content");
        assertThat(read(withDiffId(gzip(content), Digest.ofBytes(content)), UnpackLimits.DEFAULTS))
                .isEqualTo(content);
        assertRefused(
                withDiffId(gzip(content), Digest.ofBytes(utf8("another"))),
                Problem.CORRUPT,
                "configuration says sha256");
    }

    @Test
    void stopsAtTheLimit() {
        byte[] bomb = gzip(new byte[10 << 20]);
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() ->
                        read(Tar.layer("the layer", GZIP, bomb), UnpackLimits.DEFAULTS.withUnpackedBytes(1_000_000)))
                .withMessageContaining("the layer")
                .withMessageContaining("limit of 1000000 bytes")
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE));
    }

    @Test
    void tellsAFaultOfTheDiskFromOneOfTheBytes() {
        ImageLayer unopened = new ImageLayer("the layer", GZIP, Optional.empty(), () -> {
            throw new IOException("no such blob");
        });
        assertRefused(unopened, Problem.STORAGE, "cannot read the layer: no such blob");
        byte[] packed = gzip(new byte[1000]);
        ImageLayer unread = new ImageLayer("the layer", GZIP, Optional.empty(), () -> new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
                if (at == 20) {
                    throw new IOException("the disk is broken");
                }
                return packed[at++] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                bytes[offset] = (byte) read();
                return 1;
            }
        });
        assertRefused(unread, Problem.STORAGE, "the disk is broken");
    }

    private static void assertRefused(ImageLayer layer, Problem problem, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> read(layer, UnpackLimits.DEFAULTS))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private static ImageLayer withDiffId(byte[] packed, Digest diffId) {
        return new ImageLayer("the layer", GZIP, Optional.of(diffId), () -> new java.io.ByteArrayInputStream(packed));
    }

    private static byte[] read(String mediaType, byte[] packed) {
        return read(Tar.layer("the layer", mediaType, packed), UnpackLimits.DEFAULTS);
    }

    private static byte[] read(ImageLayer layer, UnpackLimits limits) {
        try (LayerStream stream = LayerStream.open(layer, new Allowance(limits))) {
            byte[] bytes = stream.readAllBytes();
            stream.finish();
            return bytes;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] gzip(byte[] bytes) {
        return pack(bytes, GZIPOutputStream::new);
    }

    static byte[] zstd(byte[] bytes) {
        return pack(bytes, ZstdOutputStream::new);
    }

    private static byte[] pack(byte[] bytes, Packer packer) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = packer.over(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }

    private interface Packer {
        OutputStream over(OutputStream out) throws IOException;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
