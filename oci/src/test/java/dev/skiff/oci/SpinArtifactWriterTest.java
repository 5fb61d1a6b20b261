package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spin applications are laid out as Spin itself does, and read back. */
class SpinArtifactWriterTest {
    @TempDir
    private Path directory;

    private Path assets;
    private String locked;

    @BeforeEach
    void makeApplication() throws IOException {
        Path module = Files.write(directory.resolve("app.wasm"), Modules.withPadding(1_000));
        assets = Files.createDirectories(directory.resolve("assets/sub")).getParent();
        Files.writeString(assets.resolve("small.txt"), "small");
        Files.writeString(assets.resolve("sub/large.txt"), "large ".repeat(100));
        Files.writeString(assets.resolve("same.txt"), "large ".repeat(100));
        locked = """
                {"spin_lock_version": 0,
                 "metadata": {"name": "shop", "origin": "file:///home/me/shop/spin.toml"},
                 "triggers": [{"id": "t", "trigger_type": "http", "trigger_config": {"component": "web", "route": "/..."}}],
                 "components": [
                   {"id": "web", "source": {"content_type": "application/wasm", "source": "%1$s"},
                    "files": [{"source": "%2$s", "path": "/"}]},
                   {"id": "again", "source": {"content_type": "application/wasm", "source": "%1$s"}}]}
                """.formatted(module.toUri(), assets.toUri());
    }

    private ArtifactContent artifact() {
        return new SpinArtifactWriter(locked.getBytes(StandardCharsets.UTF_8), Instant.EPOCH, Map.of()).artifact();
    }

    private static Manifest manifest(ArtifactContent content) {
        return (Manifest) Document.parse(content.manifest(), Optional.empty(), "the manifest");
    }

    private static JsonObject application(ArtifactContent content) throws IOException {
        ArtifactContent.Blob last = content.blobs().get(content.blobs().size() - 2);
        assertThat(last.descriptor().mediaType()).isEqualTo(MediaTypes.SPIN_APPLICATION);
        return Json.object(last.source().from(0).readAllBytes(), "the application");
    }

    @Test
    void eachComponentAndFileIsALayerAndEqualOnesAreOne() throws IOException {
        ArtifactContent content = artifact();

        assertThat(manifest(content).layers())
                .extracting(Descriptor::mediaType)
                .containsExactly(MediaTypes.WASM_CONTENT, MediaTypes.SPIN_DATA, MediaTypes.SPIN_APPLICATION);
        JsonObject application = application(content);
        assertThat(application.needObject("metadata").members()).containsOnlyKeys("name");
        JsonObject web = application.objects("components").getFirst();
        String module = Digest.ofBytes(Modules.withPadding(1_000)).toString();
        assertThat(web.needObject("source").members())
                .isEqualTo(Map.of("content_type", "application/wasm", "digest", module));
        String large = Digest.ofBytes("large ".repeat(100).getBytes(StandardCharsets.UTF_8))
                .toString();
        String small = Base64.getEncoder().encodeToString("small".getBytes(StandardCharsets.UTF_8));
        assertThat(web.objects("files"))
                .extracting(JsonObject::members)
                .isEqualTo(List.of(
                        Map.of("path", "same.txt", "digest", large),
                        Map.of("path", "small.txt", "inline", small),
                        Map.of("path", "sub/large.txt", "digest", large)));
    }

    @Test
    void manyFilesBecomeAnArchive() throws IOException {
        for (int i = 0; i < 600; i++) {
            Files.writeString(assets.resolve("file" + i), (i + " ").repeat(100));
        }

        ArtifactContent content = artifact();

        assertThat(manifest(content).layers())
                .extracting(Descriptor::mediaType)
                .containsExactly(MediaTypes.WASM_CONTENT, MediaTypes.SPIN_ARCHIVE, MediaTypes.SPIN_APPLICATION);
        ArtifactContent.Blob archive = content.blobs().get(1);
        ImageLayer layer = new ImageLayer(
                "the archive",
                MediaTypes.SPIN_ARCHIVE,
                Optional.empty(),
                () -> archive.source().from(0));
        try (ImageTree tree = ImageTree.read(List.of(layer), directory, UnpackLimits.DEFAULTS)) {
            assertThat(tree.find("sub/large.txt")).isPresent();
            assertThat(tree.find("file599")).isPresent();
        }
    }

    @Test
    void theSameApplicationAlwaysHasTheSameDigest() {
        assertThat(artifact().descriptor()).isEqualTo(artifact().descriptor());
    }

    @Test
    void itIsPushedAndPulledAsASpinApplication() {
        try (TestRegistry server = TestRegistry.start();
                Registry registry = new Registry(RegistryOptions.DEFAULT)) {
            Reference reference = Reference.parse(server.address() + "/shop:v1");
            Store store = Store.at(directory.resolve("store"));
            registry.push(artifact(), reference, TransferListener.NONE);

            StoredImage image =
                    registry.pull(reference, store, Optional.empty(), TrustCheck.NONE, TransferListener.NONE);

            assertThat(image.kind()).isEqualTo("spin");
            assertThat(store.artifact(image)).isInstanceOf(Artifact.SpinApplication.class);
        }
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        Files.delete(directory.resolve("app.wasm"));

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(this::artifact)
                .withMessageContaining("app.wasm")
                .withMessageContaining("no such file");
    }

    @Test
    void whatIsNoModuleIsRefused() throws IOException {
        Files.writeString(directory.resolve("app.wasm"), "not a module");

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(this::artifact)
                .withMessageContaining("is no WebAssembly module or component");
    }
}
