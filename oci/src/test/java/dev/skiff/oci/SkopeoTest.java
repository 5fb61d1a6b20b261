package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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

/** skopeo carries all forms that Skiff publishes, in every kind of file, and back. */
@Tag("slow")
class SkopeoTest {
    private static final byte[] MODULE = Published.MODULE;

    private static TestRegistry server;
    private static int repositories;

    @TempDir
    private Path directory;

    private Registry registry;
    private Store store;
    private String name;

    @BeforeAll
    static void start() {
        Tool.SKOPEO.require();
        server = TestRegistry.start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() {
        registry = new Registry(RegistryOptions.DEFAULT.withPlainHttp(true));
        store = Store.at(directory.resolve("store"));
        name = server.address() + "/skopeo/r" + ++repositories + ":v1";
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Output copy(String from, String to) {
        return Peers.in(directory)
                .skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to)
                .succeeded();
    }

    private Descriptor push(Published form) throws IOException {
        return registry.push(form.content(directory), Reference.parse(name), TransferListener.NONE);
    }

    private List<StoredImage> load(String file) {
        return new OciLayout(store).load(directory.resolve(file), Optional.empty());
    }

    @ParameterizedTest
    @EnumSource
    void everyFormTravelsInLayoutsArchivesAndFolders(Published form) throws IOException {
        Descriptor pushed = push(form);
        copy("docker://" + name, "oci:layout:" + name);
        copy("docker://" + name, "oci-archive:archive.tar:" + name);
        copy("docker://" + name, "dir:folder");
        copy("dir:folder", "docker://" + name + "-back");

        for (String file : List.of("layout", "archive.tar")) {
            StoredImage image = load(file).getFirst();
            assertThat(image.reference()).hasToString(name);
            assertThat(image.root().digest()).isEqualTo(pushed.digest());
            assertThat(image.kind()).isEqualTo(form.kind);
            store.unname(image.reference());
            Collector.prune(store);
        }
        assertThat(Images.pull(registry, name + "-back", store).root().digest()).isEqualTo(pushed.digest());
    }

    @ParameterizedTest
    @EnumSource
    void whatSkiffSavedIsPushedBySkopeo(Published form) throws IOException {
        Descriptor pushed = push(form);
        StoredImage image = Images.pull(registry, name, store);
        new OciLayout(store).saveDirectory(List.of(image), directory.resolve("saved"));

        copy("oci:saved:v1", "docker://" + name + "-saved");

        Store other = Store.at(directory.resolve("other"));
        assertThat(Images.pull(registry, name + "-saved", other).root().digest())
                .isEqualTo(pushed.digest());
    }

    @ParameterizedTest
    @EnumSource
    void skopeoShowsTheConfiguration(Published form) throws IOException {
        push(form);

        String config = Peers.in(directory)
                .skopeo("inspect", "--tls-verify=false", "--config", "--raw", "docker://" + name)
                .succeeded()
                .out();

        if (form == Published.WASM_TO_OCI) {
            assertThat(config.strip()).isEqualTo("{}");
        } else {
            Map<String, Object> members =
                    Json.object(config.getBytes(UTF_8), "it").members();
            assertThat(members).containsEntry("architecture", "wasm").containsKey("os");
        }
    }

    @Test
    void skopeoInspectsContainerImages() throws IOException {
        push(Published.IMAGE);

        JsonObject seen = Json.object(
                Peers.in(directory)
                        .skopeo("inspect", "--tls-verify=false", "docker://" + name)
                        .succeeded()
                        .out()
                        .getBytes(UTF_8),
                "it");

        assertThat(seen.needText("Architecture")).isEqualTo("wasm");
        assertThat(seen.needText("Os")).isEqualTo("wasip1");
        assertThat(seen.texts("RepoTags")).containsExactly("v1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--format v2s2|application/vnd.docker.image.rootfs.diff.tar.gzip",
                "--dest-compress-format zstd|application/vnd.oci.image.layer.v1.tar+zstd"
            })
    void containerImagesThatSkopeoConvertedAreReadAndRun(String options, String layer) throws IOException {
        push(Published.IMAGE);
        List<String> arguments = new ArrayList<>(List.of("copy", "--src-tls-verify=false"));
        arguments.addAll(List.of(options.split(" ")));
        boolean docker = options.contains("v2s2");
        String target = docker ? "docker://" + name + "-other" : "oci:other:" + name + "-other";
        arguments.addAll(List.of("--dest-tls-verify=false", "docker://" + name, target));
        Peers.in(directory).skopeo(arguments.toArray(String[]::new)).succeeded();

        StoredImage image = docker
                ? Images.pull(registry, name + "-other", store)
                : load("other").getFirst();

        assertThat(((Document.Manifest) store.document(image.manifest(), "it")).layers())
                .extracting(Descriptor::mediaType)
                .containsExactly(layer);
        assertThat(ImageProgram.of(store, image).read()).isEqualTo(MODULE);
    }

    // Docker's own archives

    @Test
    void anArchiveInDockersFormatIsLoadedAndRuns() throws IOException {
        push(Published.IMAGE);
        copy("docker://" + name, "docker-archive:docker.tar:" + name);

        StoredImage image = load("docker.tar").getFirst();

        assertThat(image.reference()).hasToString(name);
        assertThat(image.kind()).isEqualTo("image");
        ImageProgram program = ImageProgram.of(store, image);
        assertThat(program.read()).isEqualTo(MODULE);
        assertThat(program.arguments(List.of())).containsExactly("/app.wasm");
        assertThat(load("docker.tar").getFirst().root()).isEqualTo(image.root());
    }

    @Test
    void severalNamesOfAnArchiveInDockersFormatAreLoaded() throws IOException {
        push(Published.IMAGE);
        Peers.in(directory)
                .skopeo(
                        "copy",
                        "--src-tls-verify=false",
                        "--additional-tag",
                        "short:tag",
                        "docker://" + name,
                        "docker-archive:docker.tar:" + name)
                .succeeded();

        assertThat(load("docker.tar"))
                .extracting(image -> image.reference().toString())
                .containsExactlyInAnyOrder(name, "docker.io/library/short:tag");
    }

    /** Its layers are unpacked tar archives now, which skopeo must take for what they are. */
    @Test
    void whatCameFromAnArchiveInDockersFormatGoesBackToSkopeo() throws IOException {
        push(Published.IMAGE);
        copy("docker://" + name, "docker-archive:docker.tar:" + name);
        StoredImage image = load("docker.tar").getFirst();
        try (var out = Files.newOutputStream(directory.resolve("saved.tar"))) {
            new OciLayout(store).saveTar(List.of(image), out);
        }

        copy("oci-archive:saved.tar:v1", "docker://" + name + "-again");
        copy("oci-archive:saved.tar:v1", "docker-archive:again.tar:" + name);

        Store other = Store.at(directory.resolve("other"));
        assertThat(ImageProgram.of(other, Images.pull(registry, name + "-again", other))
                        .read())
                .isEqualTo(MODULE);
        assertThat(new OciLayout(other)
                        .load(directory.resolve("again.tar"), Optional.empty())
                        .getFirst()
                        .root())
                .isEqualTo(image.root());
    }
}
