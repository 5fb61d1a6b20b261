package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Peers;
import dev.skiff.oci.testing.TestRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in files, ours and other tools', good and hostile. */
@Tag("slow")
class LayoutTest {
    private static final byte[] MODULE = Modules.withPadding(5_000);

    @TempDir
    private Path directory;

    private TestRegistry server;
    private Registry registry;
    private Store store;
    private Store other;
    private StoredImage image;

    @BeforeEach
    void open() {
        server = TestRegistry.start();
        registry = new Registry(RegistryOptions.DEFAULT.withPlainHttp(true));
        store = Store.at(directory.resolve("store"));
        other = Store.at(directory.resolve("other"));
        Images.push(registry, MODULE, server.address() + "/app:v1");
        image = Images.pull(registry, server.address() + "/app:v1", store);
    }

    @AfterEach
    void close() {
        registry.close();
        server.close();
    }

    private byte[] tar() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new OciLayout(store).saveTar(List.of(image), out);
        return out.toByteArray();
    }

    private List<StoredImage> load(byte[] tar) {
        return new OciLayout(other).loadTar(new ByteArrayInputStream(tar), "x.tar", Optional.empty());
    }

    private void assertRefused(byte[] tar, String... reasons) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> load(tar))
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
        assertThat(other.images()).isEmpty();
    }

    private static byte[] tar(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Map.Entry<String, byte[]> file : entries.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return out.toByteArray();
    }

    private static byte[] index(Descriptor... entries) {
        return new Document.Index(MediaTypes.OCI_INDEX, List.of(entries), Map.of()).toJson();
    }

    private static String blob(byte[] content) {
        return "blobs/sha256/" + Digest.ofBytes(content).hex();
    }

    @Test
    void whatIsSavedCanBeLoaded() throws IOException {
        Path layout = directory.resolve("layout");
        new OciLayout(store).saveDirectory(List.of(image), layout);
        new OciLayout(store).saveDirectory(List.of(image), layout);

        assertThat(new OciLayout(other).load(layout, Optional.empty()))
                .singleElement()
                .satisfies(loaded -> assertThat(loaded.reference()).isEqualTo(image.reference()));
        assertThat(Images.module(other, other.find(image.reference()).orElseThrow()))
                .isEqualTo(MODULE);

        Store third = Store.at(directory.resolve("third"));
        Path file = Files.write(directory.resolve("x.tar"), tar());
        StoredImage loaded = new OciLayout(third)
                .load(file, Optional.of(Reference.parse("named")))
                .getFirst();
        assertThat(Images.module(third, loaded)).isEqualTo(MODULE);
        assertThat(third.find(Reference.parse("named"))).contains(loaded);
        assertThat(loaded.size()).isEqualTo(image.size());
    }

    @Test
    void equalImagesGiveEqualBytes() throws IOException {
        assertThat(tar()).isEqualTo(tar());
    }

    @Test
    void aCompressedArchiveIsReadOrRefusedByName() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(tar());
        }
        assertRefused(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0}, "zstd");
        assertRefused(Arrays.copyOf(zipped.toByteArray(), zipped.size() / 2), "x.tar is no tar archive, or is damaged");
        assertThat(load(zipped.toByteArray())).hasSize(1);
    }

    @Test
    void whatIsNoLayoutIsRefused() throws IOException {
        assertRefused(new byte[0], "no index.json");
        assertRefused("hello world".repeat(1000).getBytes(UTF_8), "x.tar is no tar archive");
        assertRefused(tar(Map.of("index.json", "{".getBytes(UTF_8))), "x.tar, index.json is no JSON text");
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> new OciLayout(other).load(directory, Optional.empty()))
                .withMessageContaining("is no OCI layout: it has no " + directory.resolve("index.json"));
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> new OciLayout(other).load(directory.resolve("none"), Optional.empty()))
                .withMessageContaining("none");
    }

    @Test
    void hostileContentIsRefused() throws IOException {
        byte[] content = "content".getBytes(UTF_8);
        Descriptor entry = new Descriptor(
                MediaTypes.OCI_MANIFEST,
                Digest.ofBytes(content),
                content.length,
                Optional.empty(),
                Optional.empty(),
                Map.of("io.containerd.image.name", "x.io/app:v1"));
        assertRefused(tar(Map.of("index.json", index(entry))), "lacks " + entry.digest());
        assertRefused(tar(Map.of("index.json", index(entry), blob(content), new byte[7])), "is damaged", blob(content));
        assertRefused(tar(Map.of("index.json", index(entry), blob(content), content)), "no JSON");
        assertRefused(tar(Map.of("index.json", index(entry.withAnnotations(Map.of())))), "--name gives it one");
        assertRefused(
                tar(Map.of("index.json", index(entry.withAnnotations(Map.of("io.containerd.image.name", "../x"))))),
                "this is no reference");
    }

    @Test
    void namesThatLeadElsewhereAreNotFollowed() throws IOException {
        byte[] bad = "bad".getBytes(UTF_8);
        assertRefused(
                tar(Map.of(
                        "blobs/sha256/../../../evil",
                        bad,
                        "/evil",
                        bad,
                        "../../evil",
                        bad,
                        "blobs/sha256/" + "A".repeat(64),
                        bad,
                        "blobs/md5/abc",
                        bad)),
                "no index.json");
        assertThat(Images.files(directory)).noneMatch(file -> file.toString().contains("evil"));
        assertThat(Images.files(other.root().resolve("blobs"))).isEmpty();
    }

    /** A bug: it removed the blob, which was that of another image. */
    @Test
    void aLieOfASizeDoesNoHarmToWhatIsThere() throws IOException {
        load(tar());
        Descriptor manifest = image.manifest();
        for (long size : new long[] {0, 1, manifest.size() + 1, Long.MAX_VALUE}) {
            Descriptor lie = Descriptor.of(manifest.mediaType(), manifest.digest(), size)
                    .withAnnotations(Map.of("io.containerd.image.name", "x.io/evil"));
            assertThatExceptionOfType(OciException.class).isThrownBy(() -> load(tar(Map.of("index.json", index(lie)))));
        }
        assertThat(Images.module(other, other.find(image.reference()).orElseThrow()))
                .isEqualTo(MODULE);
        assertThat(other.images()).hasSize(1);
    }

    @Test
    void cutAndDamagedArchivesAreRefused() throws IOException {
        byte[] tar = tar();
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            byte[] odd = i < 50 ? Arrays.copyOf(tar, random.nextInt(tar.length - 1024)) : tar.clone();
            for (int j = 0; i >= 50 && j < 3; j++) {
                int at = random.nextInt(4) == 0
                        ? random.nextInt(odd.length)
                        : random.nextInt(odd.length / 512) * 512 + random.nextInt(300);
                odd[Math.min(at, odd.length - 1)] = (byte) random.nextInt(256);
            }
            try {
                load(odd);
                assertThat(Images.module(other, other.find(image.reference()).orElseThrow()))
                        .isEqualTo(MODULE);
            } catch (OciException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
            other.images().forEach(found -> other.unname(found.reference()));
            Collector.prune(other);
        }
    }

    @Test
    void oneNameIsNotForTwoImages() throws IOException {
        Images.push(registry, Modules.withPadding(10), server.address() + "/second");
        StoredImage second = Images.pull(registry, server.address() + "/second", store);
        Path layout = directory.resolve("two");
        new OciLayout(store).saveDirectory(List.of(image, second), layout);

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> new OciLayout(other).load(layout, Optional.of(Reference.parse("x"))))
                .withMessageContaining("has 2 images, and there is one name for them");
        assertThat(new OciLayout(other).load(layout, Optional.empty())).hasSize(2);
    }

    @Test
    void indexesInIndexesHaveAnEnd() throws IOException {
        Path layout = directory.resolve("deep");
        Files.createDirectories(layout.resolve("blobs/sha256"));
        byte[] inner = index();
        for (int i = 0; i < 20_000; i++) {
            Files.write(layout.resolve(blob(inner)), inner);
            inner = index(Descriptor.of(MediaTypes.OCI_INDEX, inner));
        }
        Files.write(layout.resolve("index.json"), inner);

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> new OciLayout(other).load(layout, Optional.of(Reference.parse("x"))))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.INVALID));
    }

    @Test
    void skopeoReadsWhatWeWrite() throws IOException {
        Path layout = directory.resolve("layout");
        new OciLayout(store).saveDirectory(List.of(image), layout);
        Files.write(directory.resolve("x.tar"), tar());
        Peers peers = Peers.in(directory);

        for (String source : List.of("oci:" + layout + ":v1", "oci-archive:" + directory.resolve("x.tar") + ":v1")) {
            assertThat(peers.skopeo("inspect", "--raw", source).succeeded().out())
                    .isEqualTo(new String(store.read(image.manifest(), 1 << 20, "it"), UTF_8));
            Path copy = directory.resolve("copy" + source.hashCode());
            peers.skopeo("copy", source, "oci:" + copy + ":v2").succeeded();
            assertThat(Files.readAllBytes(copy.resolve(blob(MODULE)))).isEqualTo(MODULE);
        }
    }

    @Test
    void whatSkopeoWritesIsRead() {
        Peers peers = Peers.in(directory);
        String source = "docker://" + server.address() + "/app:v1";
        Path archive = directory.resolve("s.tar");
        peers.skopeo("copy", "--src-tls-verify=false", source, "oci-archive:" + archive + ":x.io/team/app:v1")
                .succeeded();
        Path layout = directory.resolve("s");
        peers.skopeo("copy", "--src-tls-verify=false", source, "oci:" + layout + ":v1")
                .succeeded();

        StoredImage loaded =
                new OciLayout(other).load(archive, Optional.empty()).getFirst();
        assertThat(loaded.reference()).hasToString("x.io/team/app:v1");
        assertThat(Images.module(other, loaded)).isEqualTo(MODULE);
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> new OciLayout(other).load(layout, Optional.empty()))
                .withMessageContaining("--name gives it one");
        assertThat(new OciLayout(other).load(layout, Optional.of(Reference.parse("mine"))))
                .hasSize(1);
    }
}
