package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Answer;
import dev.skiff.oci.testing.Fault;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.RawRegistry;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All forms in which images are published, good, odd and hostile. */
@Tag("slow")
class FormsTest {
    private static final byte[] MODULE = Modules.withPadding(500);
    private static TestRegistry server;

    @TempDir
    private Path directory;

    private RawRegistry raw;
    private Store store;
    private Registry registry;
    private String repository;

    @BeforeAll
    static void start() {
        server = TestRegistry.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open(TestInfo test) {
        raw = server.raw();
        store = Store.at(directory.resolve("store"));
        repository = "r"
                + Integer.toHexString(
                        test.getTestMethod().orElseThrow().getName().hashCode())
                + Integer.toHexString(test.getDisplayName().hashCode());
        registry = new Registry(RegistryOptions.DEFAULT
                .withPlainHttp(true)
                .withPatience(2, Duration.ofMillis(10), Duration.ofSeconds(5)));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private String name(String tag) {
        return server.address() + "/" + repository + ":" + tag;
    }

    private StoredImage pull(String tag, Optional<Platform> platform) {
        return registry.pull(Reference.parse(name(tag)), store, platform, TrustCheck.NONE, TransferListener.NONE);
    }

    private OciException failure(String tag) {
        OciException failure = org.assertj.core.api.Assertions.catchThrowableOfType(
                OciException.class, () -> pull(tag, Optional.empty()));
        assertThat(failure).isNotNull();
        assertThat(store.images()).isEmpty();
        return failure;
    }

    private Descriptor put(String mediaType, String text) {
        return Images.put(raw, repository, mediaType, text.getBytes(UTF_8));
    }

    private Descriptor module(String mediaType) {
        return Images.put(raw, repository, mediaType, MODULE);
    }

    private Artifact artifact(StoredImage image) {
        Document.Manifest manifest = (Document.Manifest) store.document(image.manifest(), "the manifest");
        return Artifact.of(manifest, config -> store.read(config, 1 << 20, "the configuration"), "it");
    }

    // Forms

    @ParameterizedTest
    @CsvSource({
        "application/vnd.wasm.config.v0+json, application/wasm",
        "application/vnd.wasm.config.v1+json, application/vnd.wasm.content.layer.v1+wasm",
        "application/vnd.oci.image.config.v1+json, application/wasm",
        "application/vnd.oci.image.config.v1+json, application/vnd.bytecodealliance.wasm.component.layer.v0+wasm",
        "application/vnd.oci.image.config.v1+json, application/vnd.bytecodealliance.wasm.module.layer.v0+wasm",
        "application/vnd.oci.empty.v1+json, application/wasm"
    })
    void aModuleAsALayerIsFound(String config, String layer) {
        String text = config.contains("image.config")
                ? "{\"architecture\":\"wasm\",\"os\":\"wasip1\",\"config\":{\"Entrypoint\":[\"/app.wasm\"],\"Cmd\":[\"x\"],\"Env\":[\"A=b\"],\"WorkingDir\":\"/w\"},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
                : "{}";
        Images.manifest(raw, repository, "v1", put(config, text), module(layer));

        StoredImage image = pull("v1", Optional.empty());

        assertThat(image.kind()).isEqualTo("wasm");
        assertThat(Images.module(store, image)).isEqualTo(MODULE);
        assertThat(artifact(image))
                .isInstanceOfSatisfying(
                        Artifact.Wasm.class,
                        wasm -> assertThat(wasm.config().arguments())
                                .isEqualTo(config.contains("image.config") ? List.of("/app.wasm", "x") : List.of()));
    }

    @Test
    void spinApplicationsAndContainerImagesAreFound() {
        Descriptor application = put(MediaTypes.SPIN_APPLICATION, "{}");
        Descriptor config = put(MediaTypes.OCI_CONFIG, "{\"os\":\"linux\",\"architecture\":\"amd64\"}");
        Images.manifest(raw, repository, "spin", config, application, module(MediaTypes.WASM_CONTENT));
        Images.manifest(raw, repository, "image", config, put(MediaTypes.OCI_LAYER_GZIP, "layer"));

        assertThat(pull("spin", Optional.empty()).kind()).isEqualTo("spin");
        assertThat(pull("image", Optional.empty()).kind()).isEqualTo("image");
    }

    @Test
    void whatSkiffDoesNotRunIsRefusedBeforeItIsFetched() {
        Descriptor config = put("application/vnd.cncf.helm.config.v1+json", "{}");
        Descriptor layer = put("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "chart");
        Images.manifest(raw, repository, "helm", config, layer);
        Images.manifest(raw, repository, "two", config, module(MediaTypes.WASM), put(MediaTypes.WASM, "other"));

        assertThat(failure("helm")).hasMessageContaining("is no WebAssembly: it is application/vnd.cncf.helm");
        assertThat(store.has(layer)).isFalse();
        assertThat(failure("two")).hasMessageContaining("has 2 layers of WebAssembly");
    }

    @Test
    void emptyAndEqualLayersAreKept() {
        Descriptor config = put(MediaTypes.OCI_CONFIG, "{}");
        Descriptor empty = put(MediaTypes.OCI_LAYER_GZIP, "");
        Descriptor layer = put(MediaTypes.OCI_LAYER_GZIP, "layer");
        Images.manifest(raw, repository, "v1", config, layer, empty, layer, empty, layer);

        StoredImage image = pull("v1", Optional.empty());

        assertThat(((Document.Manifest) store.document(image.manifest(), "it")).layers())
                .hasSize(5);
        assertThat(image.size()).isEqualTo(image.manifest().size() + config.size() + layer.size());
    }

    // Hostile manifests

    private String serve(FaultProxy proxy, String type, String body) {
        proxy.always(
                "GET",
                "manifests/odd",
                Answer.of(200).with("Content-Type", type).withBody(body));
        return proxy.address() + "/" + repository + ":odd";
    }

    private OciException refused(String type, String body) {
        try (FaultProxy proxy = FaultProxy.before(server)) {
            String name = serve(proxy, type, body);
            OciException failure = org.assertj.core.api.Assertions.catchThrowableOfType(
                    OciException.class, () -> Images.pull(registry, name, store));
            assertThat(failure).isNotNull();
            assertThat(store.images()).isEmpty();
            return failure;
        }
    }

    @Test
    void manifestsThatSkiffDoesNotReadAreNamed() {
        for (String type : List.of(
                "application/vnd.docker.distribution.manifest.v1+json",
                "application/vnd.docker.distribution.manifest.v1+prettyjws; charset=utf-8")) {
            assertThat(refused(type, "{\"schemaVersion\":1}")).hasMessageContaining("Docker's schema 1");
        }
        assertThat(refused("text/html", "<html>")).hasMessageContaining("no JSON");
        assertThat(refused("application/vnd.new.manifest.v9+json", "{}").problem())
                .isEqualTo(Problem.UNSUPPORTED);
        assertThat(refused("", "{}")).hasMessageContaining("of no media type");
    }

    @Test
    void liesOfSizesAreFound() {
        Descriptor config = put(MediaTypes.WASM_CONFIG, "{}");
        Descriptor layer = module(MediaTypes.WASM);
        for (long size : new long[] {layer.size() - 1, layer.size() + 1, 0, 1L << 40}) {
            String body = manifest(config, Descriptor.of(MediaTypes.WASM, layer.digest(), size));
            assertThat(refused(MediaTypes.OCI_MANIFEST, body).problem())
                    .as(Long.toString(size))
                    .isEqualTo(Problem.CORRUPT);
        }
        assertThat(Images.files(store.ingest)).isEmpty();
        String huge = manifest(Descriptor.of(MediaTypes.WASM_CONFIG, config.digest(), Long.MAX_VALUE), layer);
        assertThat(refused(MediaTypes.OCI_MANIFEST, huge).problem()).isEqualTo(Problem.TOO_LARGE);
        String sum = manifest(
                config,
                layer,
                Descriptor.of("a/b", Digest.ofBytes(new byte[1]), Long.MAX_VALUE),
                Descriptor.of("a/b", Digest.ofBytes(new byte[2]), Long.MAX_VALUE));
        assertThat(refused(MediaTypes.OCI_MANIFEST, sum).problem()).isEqualTo(Problem.TOO_LARGE);
    }

    private static String manifest(Descriptor config, Descriptor... layers) {
        return new String(
                new Document.Manifest(
                                MediaTypes.OCI_MANIFEST,
                                Optional.empty(),
                                config,
                                List.of(layers),
                                Optional.empty(),
                                Map.of())
                        .toJson(),
                UTF_8);
    }

    @Test
    void aBlobThatIsNotThereIsNamed() {
        Descriptor absent = Descriptor.of(MediaTypes.WASM, Digest.ofBytes(new byte[9]), 9);
        OciException failure = refused(MediaTypes.OCI_MANIFEST, manifest(put(MediaTypes.WASM_CONFIG, "{}"), absent));

        assertThat(failure.problem()).isEqualTo(Problem.NOT_FOUND);
        assertThat(failure).hasMessageContaining(absent.digest().toString());
    }

    // Indexes

    private Descriptor image(String platform) {
        return image(platform, "m" + platform.hashCode(), Map.of());
    }

    private Descriptor image(String platform, String seed, Map<String, String> annotations) {
        Descriptor config = put(MediaTypes.OCI_CONFIG, "{\"os\":\"x\",\"seed\":\"" + seed + "\"}");
        Descriptor manifest = Images.manifest(raw, repository, seed, config, module(MediaTypes.WASM));
        return new Descriptor(
                manifest.mediaType(),
                manifest.digest(),
                manifest.size(),
                Optional.empty(),
                platform.isEmpty() ? Optional.empty() : Optional.of(Platform.parse(platform)),
                annotations);
    }

    private Descriptor index(String tag, Descriptor... entries) {
        byte[] bytes = new Document.Index(MediaTypes.OCI_INDEX, List.of(entries), Map.of()).toJson();
        raw.putManifest(repository, tag, MediaTypes.OCI_INDEX, bytes);
        return Descriptor.of(MediaTypes.OCI_INDEX, bytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "linux/amd64 wasi/wasm|wasi/wasm",
                "linux/arm64 linux/amd64 wasip1/wasm wasi/wasm wasip2/wasm|wasip1/wasm",
                "wasip2/wasm wasi/wasm|wasi/wasm",
                "wasip2/wasm linux/amd64|wasip2/wasm",
                "js/wasm linux/s390x|linux/s390x",
                "windows/amd64 linux/arm/v7|linux/arm/v7",
                "unknown/unknown wasi/wasm32|wasi/wasm32"
            })
    void theBestOfAnIndexIsChosen(String platforms, String best) {
        List<Descriptor> entries = new ArrayList<>();
        for (String platform : platforms.split(" ")) {
            entries.add(image(platform));
        }
        Descriptor root = index("v1", entries.toArray(Descriptor[]::new));

        StoredImage image = pull("v1", Optional.empty());

        assertThat(image.root().digest()).isEqualTo(root.digest());
        assertThat(image.manifest().digest()).isEqualTo(image(best).digest());
    }

    @Test
    void theWantedPlatformIsChosenAndNoOther() {
        index("v1", image("linux/amd64"), image("linux/arm/v7"), image("wasi/wasm"));

        for (String platform : List.of("linux/amd64", "linux/arm", "linux/arm/v7", "wasi/wasm")) {
            Descriptor chosen =
                    pull("v1", Optional.of(Platform.parse(platform))).manifest();
            assertThat(chosen.digest())
                    .isEqualTo(image(platform.equals("linux/arm") ? "linux/arm/v7" : platform)
                            .digest());
        }
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> pull("v1", Optional.of(Platform.parse("linux/arm64"))))
                .withMessageContaining("has nothing for linux/arm64; there is linux/amd64, linux/arm/v7, wasi/wasm");
    }

    @Test
    void attestationsAreNoImages() {
        Descriptor attestation = image("", "attested", Map.of("vnd.docker.reference.type", "attestation-manifest"));
        index("v1", attestation, image("wasi/wasm"));
        index("only", attestation);

        assertThat(pull("v1", Optional.empty()).manifest().digest()).isNotEqualTo(attestation.digest());
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> pull("only", Optional.empty()))
                .withMessageContaining("has nothing for wasi/wasm or linux");
    }

    @Test
    void indexesInIndexesAreFollowedToAnEnd() throws IOException {
        Descriptor wanted = image("wasi/wasm");
        Descriptor inner = index("inner", image("linux/amd64"), wanted);
        index("outer", inner);

        assertThat(pull("outer", Optional.of(Platform.parse("wasi/wasm")))
                        .manifest()
                        .digest())
                .isEqualTo(wanted.digest());
        StoredImage image = pull("outer", Optional.empty());
        assertThat(image.manifest().digest()).isEqualTo(wanted.digest());
        Path layout = directory.resolve("layout");
        new OciLayout(store).saveDirectory(List.of(image), layout);
        Store other = Store.at(directory.resolve("other"));
        assertThat(new OciLayout(other)
                        .load(layout, Optional.empty())
                        .getFirst()
                        .manifest()
                        .digest())
                .isEqualTo(wanted.digest());

        Descriptor deep = wanted;
        for (int i = 0; i < 8; i++) {
            deep = index("deep", deep);
        }
        store.images().forEach(found -> store.unname(found.reference()));
        assertThat(failure("deep")).hasMessageContaining("indexes in indexes without an end");
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> registry.copy(
                        Reference.parse(name("deep")), Reference.parse(name("copy")), TransferListener.NONE))
                .withMessageContaining("indexes in indexes");
    }

    @Test
    void indexesAreCopiedWhole() {
        Descriptor root = index("v1", image("linux/amd64"), image("wasi/wasm"));
        String target = server.address() + "/copy-of-" + repository;

        assertThat(registry.copy(Reference.parse(name("v1")), Reference.parse(target), TransferListener.NONE)
                        .digest())
                .isEqualTo(root.digest());
        assertThat(Images.pull(registry, target, store).root().digest()).isEqualTo(root.digest());
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> registry.copy(
                        Reference.parse(name("v1")),
                        Reference.parse(target + "@" + Digest.ofBytes(new byte[0])),
                        TransferListener.NONE))
                .withMessageContaining("what is copied has the digest");
    }

    // What refers to others

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatRefersToAManifestIsFound(boolean api) {
        Descriptor subject = image("");
        Descriptor config = put(MediaTypes.OCI_EMPTY, "{}");
        byte[] bytes = new Document.Manifest(
                        MediaTypes.OCI_MANIFEST,
                        Optional.of("application/vnd.test.signature"),
                        config,
                        List.of(config),
                        Optional.of(subject.plain()),
                        Map.of("a", "b"))
                .toJson();
        Descriptor own = Descriptor.of(MediaTypes.OCI_MANIFEST, bytes);
        try (FaultProxy proxy = FaultProxy.before(server)) {
            if (api) {
                String list =
                        "{\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[" + Images.json(own) + "]}";
                proxy.always(
                        "GET",
                        "referrers",
                        Answer.of(200)
                                .with("Content-Type", MediaTypes.OCI_INDEX)
                                .withBody(list));
                proxy.always(
                        "PUT",
                        "manifests",
                        new Fault.SetHeader("OCI-Subject", subject.digest().toString()));
            }
            Repository there =
                    registry.origin(Reference.parse(proxy.address() + "/" + repository), TransferListener.NONE);
            assertThat(there.referrers(subject.digest())).hasSize(api ? 1 : 0);

            there.putManifest("signature", MediaTypes.OCI_MANIFEST, bytes);
            there.putManifest("signature", MediaTypes.OCI_MANIFEST, bytes);

            assertThat(there.referrers(subject.digest())).singleElement().satisfies(found -> {
                assertThat(found.digest()).isEqualTo(own.digest());
                assertThat(found.artifactType())
                        .isEqualTo(api ? Optional.empty() : Optional.of("application/vnd.test.signature"));
            });
            assertThat(proxy.exchanges("PUT", "manifests/sha256-")).hasSize(api ? 0 : 1);
        }
    }

    @Test
    void aListOfReferrersIsReadPageByPage() {
        Digest subject = Digest.ofBytes(MODULE);
        Descriptor first = Descriptor.of(MediaTypes.OCI_MANIFEST, new byte[] {1});
        Descriptor second = Descriptor.of(MediaTypes.OCI_MANIFEST, new byte[] {2});
        Answer page = Answer.of(200).with("Content-Type", MediaTypes.OCI_INDEX);
        String list = "{\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[%s]}";
        String path = "/v2/" + repository + "/referrers/" + subject;
        try (FaultProxy proxy = FaultProxy.before(server)) {
            proxy.always("GET", "page=2", page.withBody(list.formatted(Images.json(second))));
            proxy.always(
                    "GET",
                    "page=3",
                    page.with("Link", "<http://elsewhere.test/>; rel=\"next\"").withBody(list.formatted("")));
            proxy.always("GET", "page=4", Answer.of(404));
            proxy.always(
                    "GET",
                    "page=5",
                    page.with("Link", "<" + path + "?page=5>; rel=next").withBody(list.formatted("")));
            Repository there =
                    registry.origin(Reference.parse(proxy.address() + "/" + repository), TransferListener.NONE);

            proxy.once(
                    "GET",
                    "referrers",
                    page.with("Link", "</x>; rel=\"first\", <" + path + "?page=2>; rel=\"next\"")
                            .withBody(list.formatted(Images.json(first))));
            assertThat(there.referrers(subject))
                    .extracting(Descriptor::digest)
                    .containsExactly(first.digest(), second.digest());

            for (String broken : List.of("3", "4", "5")) {
                proxy.once(
                        "GET",
                        "referrers",
                        page.with("Link", "<" + path + "?page=" + broken + ">; rel=\"next\"")
                                .withBody(list.formatted(Images.json(first))));
                assertThatExceptionOfType(OciException.class)
                        .as(broken)
                        .isThrownBy(() -> there.referrers(subject))
                        .withMessageContaining(subject.toString());
            }
        }
    }
}
