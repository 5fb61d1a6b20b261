package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.testing.Output;
import dev.skiff.oci.testing.Peers;
import dev.skiff.oci.testing.TestRegistry;
import dev.skiff.oci.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** oras and Skiff read what the other pushes. */
@Tag("slow")
class OrasTest {
    private static final byte[] MODULE = Published.MODULE;
    private static final String SBOM = "application/vnd.test.sbom";

    private static TestRegistry server;
    private static int repositories;

    @TempDir
    private Path directory;

    private Registry registry;
    private Store store;
    private String repository;

    @BeforeAll
    static void start() {
        Tool.ORAS.require();
        server = TestRegistry.start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() throws IOException {
        registry = new Registry(RegistryOptions.DEFAULT.withPlainHttp(true));
        store = Store.at(directory.resolve("store"));
        repository = server.address() + "/oras/r" + ++repositories;
        Files.write(directory.resolve("app.wasm"), MODULE);
        Files.writeString(directory.resolve("config.json"), "{}");
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Output oras(String... arguments) {
        return Peers.in(directory).oras(arguments);
    }

    /** Pushes with oras. */
    private void push(String... arguments) {
        List<String> all = new ArrayList<>(List.of("push", "--plain-http", repository + ":v1"));
        all.addAll(List.of(arguments));
        oras(all.toArray(String[]::new)).succeeded();
    }

    private StoredImage pull(String suffix) {
        return Images.pull(registry, repository + suffix, store);
    }

    private String fetch(String suffix) {
        return oras("manifest", "fetch", "--plain-http", repository + suffix)
                .succeeded()
                .out();
    }

    // From oras to Skiff

    @ParameterizedTest
    @CsvSource({
        "application/vnd.wasm.config.v0+json, application/wasm",
        "application/vnd.wasm.config.v1+json, application/vnd.wasm.content.layer.v1+wasm",
        "application/vnd.oci.image.config.v1+json, application/vnd.bytecodealliance.wasm.component.layer.v0+wasm",
        "application/vnd.oci.image.config.v1+json, application/wasm"
    })
    void whatOrasPushesWithAConfigurationIsPulled(String config, String layer) throws IOException {
        if (config.contains("image")) {
            String text =
                    "{\"architecture\":\"wasm\",\"os\":\"wasip1\",\"config\":{\"Entrypoint\":[\"/app.wasm\",\"-v\"]}}";
            Files.writeString(directory.resolve("config.json"), text);
        }
        push("--config", "config.json:" + config, "app.wasm:" + layer);

        ImageProgram program = ImageProgram.of(store, pull(":v1"));

        assertThat(program.read()).isEqualTo(MODULE);
        assertThat(program.name()).isEqualTo("app.wasm");
        assertThat(program.arguments(List.of()))
                .isEqualTo(config.contains("image") ? List.of("/app.wasm", "-v") : List.of("app.wasm"));
    }

    @Test
    void anArtifactWithATypeAndNoConfigurationIsPulledByTagAndDigest() {
        push(
                "--artifact-type",
                MediaTypes.WASM_CONFIG,
                "--annotation",
                "org.opencontainers.image.title=the app",
                "app.wasm:application/wasm");

        StoredImage image = pull(":v1");

        Document.Manifest manifest = (Document.Manifest) store.document(image.manifest(), "it");
        assertThat(manifest.config().mediaType()).isEqualTo(MediaTypes.OCI_EMPTY);
        assertThat(manifest.artifactType()).contains(MediaTypes.WASM_CONFIG);
        assertThat(manifest.annotations()).containsEntry("org.opencontainers.image.title", "the app");
        assertThat(ImageProgram.of(store, image).read()).isEqualTo(MODULE);
        String digest = "@" + image.root().digest();
        assertThat(pull(digest).root()).isEqualTo(image.root());
        assertThat(fetch(digest)).isEqualTo(fetch(":v1"));
    }

    @Test
    void theModuleIsFoundAmongOtherFilesAndInFolders() throws IOException {
        Files.writeString(directory.resolve("README.md"), "# read me");
        Files.write(Files.createDirectory(directory.resolve("target")).resolve("release.wasm"), MODULE);
        push("README.md:text/markdown", "target/release.wasm:application/wasm");

        ImageProgram program = ImageProgram.of(store, pull(":v1"));

        assertThat(program.read()).isEqualTo(MODULE);
        assertThat(program.name()).isEqualTo("release.wasm");
    }

    @ParameterizedTest
    @CsvSource({"notes.txt:text/plain, text/plain", "app.wasm, application/vnd.oci.image.layer.v1.tar"})
    void whatHasNoTypeOfWebAssemblyIsRefusedByItsType(String file, String type) throws IOException {
        Files.writeString(directory.resolve("notes.txt"), "no program");
        push(file);

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> pull(":v1"))
                .withMessageContaining(
                        "is no WebAssembly: it is application/vnd.unknown.artifact.v1 with layers " + type)
                .withMessageContaining("Skiff runs artifacts with a layer application/wasm");
        assertThat(store.images()).isEmpty();
    }

    // From Skiff to oras

    @ParameterizedTest
    @EnumSource
    void orasReadsAndCopiesWhatSkiffPushes(Published form) throws IOException {
        ArtifactContent content = form.content(directory);
        Digest digest = registry.push(content, Reference.parse(repository + ":v1"), TransferListener.NONE)
                .digest();
        String layout = directory.resolve("layout") + ":v2";
        try (TestRegistry second = TestRegistry.start()) {
            String copy = second.address() + "/copy:v3";

            assertThat(fetch(":v1").strip()).isEqualTo(new String(content.manifest(), UTF_8));
            oras("cp", "--from-plain-http", "--to-oci-layout", repository + ":v1", layout)
                    .succeeded();
            oras("cp", "--from-oci-layout", "--to-plain-http", layout, copy).succeeded();

            StoredImage image = Images.pull(registry, copy, store);
            assertThat(image.root().digest()).isEqualTo(digest);
            assertThat(image.kind()).isEqualTo(form.kind);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ARTIFACT", "WASM_TO_OCI"})
    void orasPullsTheModuleUnderItsName(Published form) throws IOException {
        registry.push(form.content(directory), Reference.parse(repository + ":v1"), TransferListener.NONE);

        oras("pull", "--plain-http", "-o", "pulled", repository + ":v1").succeeded();

        assertThat(directory.resolve("pulled").toFile().list()).containsExactly("app.wasm");
        assertThat(directory.resolve("pulled/app.wasm")).hasBinaryContent(MODULE);
    }

    @Test
    void orasReadsALayoutThatSkiffSaved() throws IOException {
        Images.push(registry, MODULE, repository + ":v1");
        StoredImage image = pull(":v1");
        new OciLayout(store).saveDirectory(List.of(image), directory.resolve("layout"));
        try (var out = Files.newOutputStream(directory.resolve("layout.tar"))) {
            new OciLayout(store).saveTar(List.of(image), out);
        }

        for (String source : List.of("layout", "layout.tar")) {
            String target = repository + "-" + source;
            oras("cp", "--from-oci-layout", "--to-plain-http", source + ":v1", target + ":v1")
                    .succeeded();
            assertThat(Images.pull(registry, target + ":v1", store).root()).isEqualTo(image.root());
        }
    }

    @Test
    void skiffLoadsALayoutThatOrasMade() {
        oras("push", "--oci-layout", "layout:v1", "app.wasm:application/wasm").succeeded();

        StoredImage image = new OciLayout(store)
                .load(directory.resolve("layout"), Optional.of(Reference.parse("mine")))
                .getFirst();

        assertThat(ImageProgram.of(store, image).read()).isEqualTo(MODULE);
    }

    @Test
    void aLayoutThatOrasMadeWithWhatIsAttachedIsLoaded() throws IOException {
        Descriptor pushed = Images.push(registry, MODULE, repository + ":v1");
        Files.writeString(directory.resolve("sbom.json"), "{}");
        oras("attach", "--plain-http", "--artifact-type", SBOM, repository + ":v1", "sbom.json:application/json")
                .succeeded();
        oras("cp", "-r", "--from-plain-http", "--to-oci-layout", repository + ":v1", "layout:v1")
                .succeeded();

        assertThat(new OciLayout(store).load(directory.resolve("layout"), Optional.of(Reference.parse("mine"))))
                .singleElement()
                .satisfies(image -> assertThat(image.root().digest()).isEqualTo(pushed.digest()));
    }

    // What refers to others

    @Test
    void skiffListsWhatOrasAttaches() throws IOException {
        Descriptor pushed = Images.push(registry, MODULE, repository + ":v1");
        Files.writeString(directory.resolve("sbom.json"), "{}");
        Repository there = registry.origin(Reference.parse(repository), TransferListener.NONE);
        assertThat(there.referrers(pushed.digest())).isEmpty();

        for (String type : List.of(SBOM, "application/vnd.test.other")) {
            oras("attach", "--plain-http", "--artifact-type", type, repository + ":v1", "sbom.json:application/json")
                    .succeeded();
        }

        assertThat(there.referrers(pushed.digest()))
                .extracting(found -> found.artifactType().orElseThrow())
                .containsExactlyInAnyOrder(SBOM, "application/vnd.test.other");
        assertThat(pull(":v1").root().digest()).isEqualTo(pushed.digest());
    }

    @Test
    void orasDiscoversAndCopiesWhatSkiffAttaches() {
        Descriptor pushed = Images.push(registry, MODULE, repository + ":v1");
        Descriptor empty = Images.put(
                server.raw(),
                repository.substring(repository.indexOf('/') + 1),
                MediaTypes.OCI_EMPTY,
                "{}".getBytes(UTF_8));
        byte[] manifest = new Document.Manifest(
                        MediaTypes.OCI_MANIFEST,
                        Optional.of(SBOM),
                        empty,
                        List.of(empty),
                        Optional.of(pushed.plain()),
                        Map.of())
                .toJson();
        registry.origin(Reference.parse(repository), TransferListener.NONE)
                .putManifest(Digest.ofBytes(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);

        String found = oras("discover", "--plain-http", "--format", "json", repository + ":v1")
                .succeeded()
                .out();
        assertThat(found).contains(SBOM, Digest.ofBytes(manifest).toString());

        String copy = repository + "-copy";
        oras("cp", "-r", "--from-plain-http", "--to-plain-http", repository + ":v1", copy + ":v1")
                .succeeded();
        assertThat(registry.origin(Reference.parse(copy), TransferListener.NONE).referrers(pushed.digest()))
                .extracting(Descriptor::digest)
                .containsExactly(Digest.ofBytes(manifest));
    }
}
