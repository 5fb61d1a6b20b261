package dev.skiff.oci;

import static dev.skiff.oci.DockerArchives.LAYER;
import static dev.skiff.oci.DockerArchives.MODULE;
import static dev.skiff.oci.DockerArchives.add;
import static dev.skiff.oci.DockerArchives.config;
import static dev.skiff.oci.DockerArchives.image;
import static dev.skiff.oci.DockerArchives.list;
import static dev.skiff.oci.Tar.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skiff.oci.OciException.Problem;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives in Docker's own format, good and hostile. */
class DockerArchiveTest {
    private static final List<String> NAME = List.of("app:v1");

    @TempDir
    private Path directory;

    private Store store;

    @BeforeEach
    void open() {
        store = Store.at(directory.resolve("store"));
    }

    private List<StoredImage> load(byte[] tar) {
        return new OciLayout(store).loadTar(new ByteArrayInputStream(tar), "x.tar", Optional.empty());
    }

    private OciException refused(Tar tar) {
        OciException failure = catchThrowableOfType(OciException.class, () -> load(tar.bytes()));
        assertThat(failure).isNotNull();
        assertThat(store.images()).isEmpty();
        assertThat(Images.files(store.root().resolve("blobs"))).isEmpty();
        assertThat(Images.files(store.ingest)).isEmpty();
        return failure;
    }

    /** An archive with a sound image, before its list. */
    private static Tar sound() {
        return add(add(new Tar(), "layer.tar", LAYER), "config.json", config(LAYER));
    }

    private Document.Manifest manifest(StoredImage image) {
        return (Document.Manifest) store.document(image.manifest(), "the manifest");
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    // Good ones

    @Test
    void anArchiveWithLinkedLayersIsLoadedAndRuns() {
        StoredImage image = load(DockerArchives.usual()).getFirst();

        assertThat(image.reference()).hasToString("docker.io/library/app:v1");
        assertThat(image.kind()).isEqualTo("image");
        assertThat(manifest(image).layers())
                .hasSize(2)
                .allSatisfy(layer -> assertThat(layer.plain()).isEqualTo(Descriptor.of(MediaTypes.OCI_LAYER, LAYER)));
        ImageProgram program = ImageProgram.of(store, image);
        assertThat(program.read()).isEqualTo(MODULE);
        assertThat(program.arguments(List.of("x"))).containsExactly("/app.wasm", "x");
        assertThat(Images.files(store.ingest)).isEmpty();
    }

    @Test
    void theSameArchiveAlwaysGivesTheSameDigest() throws IOException {
        Descriptor first = load(DockerArchives.usual()).getFirst().root();
        assertThat(load(DockerArchives.usual()).getFirst().root()).isEqualTo(first);

        store = Store.at(directory.resolve("other"));
        assertThat(load(gzip(DockerArchives.usual())).getFirst().root()).isEqualTo(first);
        assertThat(first.digest())
                .hasToString("sha256:%s"
                        .formatted(
                                Digest.ofBytes(store.read(first, 1 << 20, "it")).hex()));
    }

    @Test
    void severalImagesWithSeveralNamesAreLoaded() {
        byte[] other = new Tar().file("a", "b").bytes();
        Tar tar = add(add(sound(), "other.tar", other), "two.json", config(other, LAYER));
        list(
                tar,
                image("config.json", List.of("app:v1", "ghcr.io/me/app:v2"), "layer.tar"),
                image("two.json", List.of("me/two:latest"), "other.tar", "layer.tar"));

        assertThat(load(tar.bytes()))
                .extracting(image -> image.reference().toString())
                .containsExactly("docker.io/library/app:v1", "ghcr.io/me/app:v2", "docker.io/me/two:latest");
        assertThat(store.images()).hasSize(3);
        assertThat(store.find(Reference.parse("app:v1")).orElseThrow().root())
                .isEqualTo(store.find(Reference.parse("ghcr.io/me/app:v2"))
                        .orElseThrow()
                        .root());
    }

    @Test
    void anotherNameStandsInPlaceOfTheArchivesOwn() {
        byte[] tar = list(sound(), image("config.json", List.of("a:1", "b:2"), "layer.tar"))
                .bytes();

        assertThat(new OciLayout(store)
                        .loadTar(new ByteArrayInputStream(tar), "x.tar", Optional.of(Reference.parse("mine"))))
                .singleElement()
                .satisfies(image -> assertThat(image.reference()).hasToString("docker.io/library/mine:latest"));
        assertThat(store.images()).hasSize(1);
    }

    @Test
    void layersMayBeCompressed() throws IOException {
        ByteArrayOutputStream zstd = new ByteArrayOutputStream();
        try (OutputStream zip = new ZstdOutputStream(zstd)) {
            zip.write(LAYER);
        }
        Tar tar = add(add(new Tar(), "gz", gzip(LAYER)), "zst", zstd.toByteArray());
        add(tar, "config.json", config(LAYER, LAYER));

        StoredImage image =
                load(list(tar, image("config.json", NAME, "gz", "zst")).bytes()).getFirst();

        assertThat(manifest(image).layers())
                .extracting(Descriptor::mediaType)
                .containsExactly(MediaTypes.OCI_LAYER_GZIP, MediaTypes.OCI_LAYER_ZSTD);
        assertThat(ImageProgram.of(store, image).read()).isEqualTo(MODULE);
    }

    @Test
    void hardLinksAndLinksToLinksAreFollowed() {
        Tar tar = sound().symlink("a/b/one", "./../../two").hardLink("two", "layer.tar");

        assertThat(load(list(tar, image("config.json", NAME, "a/b/one")).bytes()))
                .hasSize(1);
    }

    @Test
    void whatIsAnOciLayoutTooIsReadAsOne() {
        Object nothing = image("none.json", NAME, "none");
        byte[] index = new Document.Index(MediaTypes.OCI_INDEX, List.of(), Map.of()).toJson();

        assertThat(load(add(list(new Tar(), nothing), "index.json", index).bytes()))
                .isEmpty();
        assertThat(load(list(add(new Tar(), "index.json", index), nothing).bytes()))
                .isEmpty();
    }

    // Bad ones

    @Test
    void whatIsMissingIsNamed() {
        assertThat(refused(list(new Tar(), image("config.json", NAME))))
                .hasMessage("x.tar lacks config.json, which its manifest.json names; save the image again");
        assertThat(refused(list(sound(), image("config.json", NAME, "./layer.tar"))))
                .hasMessageContaining("x.tar lacks ./layer.tar");
        assertThat(refused(list(sound().symlink("l", "gone"), image("config.json", NAME, "l"))))
                .hasMessageContaining("x.tar lacks gone");
        assertThat(refused(list(sound(), image("config.json", NAME))))
                .hasMessage("x.tar, image 1 has 0 layers, and its configuration knows 1");
        assertThat(refused(list(sound(), image("config.json", List.of(), "layer.tar"), image("no", NAME))))
                .hasMessageContaining("lacks no");
        assertThat(refused(sound()))
                .hasMessage("x.tar is no archive of an OCI layout: it has no index.json, nor the manifest.json of"
                        + " docker save");
    }

    /** The content was written, and no name leads to it, as with layouts. */
    @Test
    void anImageWithoutANameNeedsOne() {
        byte[] tar = list(sound(), image("config.json", List.of(), "layer.tar")).bytes();

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> load(tar))
                .withMessageContaining("without a name; --name gives it one");
        assertThat(store.images()).isEmpty();
        assertThat(Images.files(store.ingest)).isEmpty();
    }

    @Test
    void wrongTextsAreNamed() {
        assertThat(refused(add(new Tar(), "manifest.json", utf8("[{"))))
                .hasMessageStartingWith("x.tar, manifest.json is no JSON text");
        assertThat(refused(add(new Tar(), "manifest.json", utf8("{}"))))
                .hasMessage("x.tar, manifest.json is no JSON array");
        assertThat(refused(add(new Tar(), "manifest.json", utf8("[1]"))))
                .hasMessage("x.tar, manifest.json[0] is no JSON object");
        assertThat(refused(add(new Tar(), "manifest.json", utf8("[{}]"))))
                .hasMessage("x.tar, manifest.json[0] has no Config");
        assertThat(refused(add(new Tar(), "manifest.json", utf8("[{\"Config\":\"c\",\"Layers\":[1]}]"))))
                .hasMessageContaining("lacks c");
        assertThat(refused(list(add(new Tar(), "config.json", utf8("no")), image("config.json", NAME, "layer.tar"))))
                .hasMessageStartingWith("x.tar, config.json is no JSON");
        assertThat(refused(list(sound(), image("config.json", List.of("App:v1"), "layer.tar"))))
                .hasMessageStartingWith("x.tar, image 1 has a name that is none: this is no reference");
    }

    @Test
    void linksThatLeadOutOfTheArchiveOrInACircleAreRefused() {
        for (String target : List.of("../../etc/passwd", "/etc/passwd", "a/../../b")) {
            assertThat(refused(list(sound().symlink("l", target), image("config.json", NAME, "l"))))
                    .hasMessage("x.tar, l is a link that leads out of the archive, to " + target);
        }
        assertThat(refused(list(sound().symlink("l", "k").symlink("k", "l"), image("config.json", NAME, "l"))))
                .hasMessage("x.tar, l is a link to a link, more than 8 times");
        assertThat(refused(new Tar().symlink("manifest.json", "manifest.json"))).hasMessageContaining("link to a link");
    }

    @Test
    void namesThatLeadElsewhereAreOnlyNames() {
        Tar tar = add(add(new Tar(), "../../layer.tar", LAYER), "/config.json", config(LAYER));

        StoredImage image = load(list(tar, image("/config.json", NAME, "../../layer.tar"))
                        .bytes())
                .getFirst();

        assertThat(ImageProgram.of(store, image).read()).isEqualTo(MODULE);
        assertThat(directory.toFile().list()).containsExactly("store");
    }

    @Test
    void tooMuchIsRefused() {
        byte[] large = new byte[(4 << 20) + 1];
        assertThat(refused(add(new Tar(), "manifest.json", large)))
                .hasMessage("x.tar, manifest.json has 4194305 bytes, more than 4194304");
        assertThat(refused(list(add(new Tar(), "c", large), image("c", NAME, "l"))))
                .hasMessage("x.tar, c has 4194305 bytes, more than 4194304");
        assertThat(refused(add(new Tar(), "manifest.json", utf8("[" + "{},".repeat(1_000) + "{}]")))
                        .problem())
                .isEqualTo(Problem.TOO_LARGE);
        String[] layers = new String[10_001];
        byte[][] same = new byte[layers.length][];
        java.util.Arrays.fill(layers, "layer.tar");
        java.util.Arrays.fill(same, LAYER);
        Tar many = add(add(new Tar(), "layer.tar", LAYER), "config.json", config(same));
        assertThat(refused(list(many, image("config.json", NAME, layers))))
                .hasMessage("x.tar, image 1 has 10001 layers, more than 10000");
        byte[] usual = config(java.util.Arrays.copyOf(same, 10_000));
        Object[] images = new Object[11];
        java.util.Arrays.fill(images, image("config.json", NAME, java.util.Arrays.copyOf(layers, 10_000)));
        assertThat(refused(list(add(add(new Tar(), "layer.tar", LAYER), "config.json", usual), images)))
                .hasMessage("x.tar has 110000 layers, more than 100000");
        assertThat(refused(list(sound(), image("config.json", java.util.Collections.nCopies(1_001, "a"), "layer.tar"))))
                .hasMessage("x.tar has 1001 names, more than 1000");
        assertThat(refused(new Tar().pax('x', "path", "long/".repeat(100_000)).file("x", "")))
                .hasMessageContaining("bytes of headers");
    }

    @Test
    void whatIsStoredMeanwhileHasLimits() throws IOException {
        UnpackLimits limits = new UnpackLimits(1_000, 2, 20, 4_096, 4_095, 256);
        store.keepAll().close();
        for (Tar tar : List.of(
                add(new Tar(), "large", new byte[1_001]),
                new Tar().file("1", "").file("2", "").file("3", ""),
                new Tar().file("a-name-of-more-than-20-bytes", ""))) {
            TarEntries entries = new TarEntries(new ByteArrayInputStream(tar.bytes()), "x.tar");
            try (DockerArchive archive = new DockerArchive(store, "x.tar", limits)) {
                assertThatExceptionOfType(OciException.class)
                        .isThrownBy(() -> {
                            for (var next = entries.next(); next.isPresent(); next = entries.next()) {
                                archive.add(next.get().getName(), next.get(), entries.content());
                            }
                        })
                        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE));
            }
            assertThat(Images.files(store.ingest)).isEmpty();
        }
    }

    @Test
    void sparseFilesAreRefused() {
        Tar tar = new Tar()
                .pax('x', "GNU.sparse.size", "8", "GNU.sparse.numblocks", "1", "GNU.sparse.map", "4,2")
                .file("layer.tar", "ab");

        assertThat(refused(tar)).hasMessageContaining("x.tar has the sparse file layer.tar");
    }

    @Test
    void aLayerThatIsNotWhatTheConfigurationKnowsIsRefusedWhenItIsUnpacked() {
        Tar tar = add(add(new Tar(), "layer.tar", LAYER), "config.json", config(utf8("another layer")));
        StoredImage image =
                load(list(tar, image("config.json", NAME, "layer.tar")).bytes()).getFirst();

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> ImageProgram.of(store, image))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.CORRUPT));
    }
}
