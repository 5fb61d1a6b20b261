package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.Peers;
import dev.skiff.oci.testing.TestRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code skiff save} and {@code load}: images travel without a network. */
class SaveLoadTest {
    private static TestRegistry registry;

    @TempDir
    private Path directory;

    private Skiff skiff;
    private String hello;

    @BeforeAll
    static void start(@TempDir Path scratch) {
        registry = TestRegistry.start();
        Skiff skiff = new Skiff(scratch);
        skiff.run("registry", "push", Guests.file("hello-c"), registry.address() + "/hello:v1");
        skiff.run("registry", "push", Guests.file("hello-zig"), registry.address() + "/zig:v1");
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY");
        hello = registry.address() + "/hello:v1";
        skiff.run("registry", "pull", hello);
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    /** The same on a machine that has nothing yet. */
    private Skiff elsewhere() {
        return skiff.with("SKIFF_STORE", path("elsewhere"));
    }

    @Test
    void aFileThatWasSavedIsLoadedAndRuns() {
        assertThat(skiff.run("save", "-o", path("app.tar"), hello)).isEqualTo(new Skiff.Result(0, "", ""));

        assertThat(elsewhere().run("load", path("app.tar")).out())
                .matches("REGISTRY/hello:v1 is sha256:[0-9a-f]{64} \\(wasm, \\d+ KiB\\)\n");
        assertThat(skiff.run("run", "--pull=never", hello, "x").out())
                .isEqualTo("hello from C, arguments [x], GREETING not set\n");
    }

    @Test
    void equalImagesGiveEqualFilesWithThePermissionsOfTheUmask() throws IOException {
        skiff.run("save", "-o", path("one.tar"), hello);
        skiff.runInto(directory.resolve("two.tar"), "save", hello);
        skiff.run("save", "--output", path("one.tar"), hello);

        assertThat(directory.resolve("one.tar")).hasSameBinaryContentAs(directory.resolve("two.tar"));
        assertThat(Files.getPosixFilePermissions(directory.resolve("one.tar")))
                .isEqualTo(Files.getPosixFilePermissions(directory.resolve("two.tar")));
    }

    @Test
    void imagesGoThroughAPipe() throws IOException {
        Path file = directory.resolve("piped");
        assertThat(skiff.runInto(file, "save", hello)).isEqualTo(new Skiff.Result(0, "", ""));

        elsewhere().reading(Files.readAllBytes(file));

        assertThat(skiff.run("load").out()).startsWith("REGISTRY/hello:v1 is sha256:");
        assertThat(skiff.run("load", "-").out()).startsWith("REGISTRY/hello:v1 is sha256:");
        assertThat(skiff.run("run", "--pull=never", hello).status()).isZero();
    }

    @Test
    void aDirectoryTakesMoreThanOneImageInTurn() {
        String zig = registry.address() + "/zig:v1";
        skiff.run("registry", "pull", zig);
        skiff.run("save", "-o", path("folder") + "/", hello);
        skiff.run("save", "-o", path("folder"), zig);

        assertThat(elsewhere().run("load", path("folder")).out())
                .matches("REGISTRY/hello:v1 is .*\nREGISTRY/zig:v1 is .*\n");
        assertThat(skiff.run("run", "--pull=never", zig).out()).startsWith("hello from Zig");
    }

    @Test
    void theResultIsAlsoThereAsJson() {
        skiff.run("save", "-o", path("app.tar"), hello);

        assertThat(elsewhere()
                        .run("load", "--format", "json", path("app.tar"))
                        .masked()
                        .out()
                        .replaceFirst("\"size\": \\d+", "\"size\": 0"))
                .isEqualTo("""
                [
                  {
                    "reference": "REGISTRY/hello:v1",
                    "digest": "sha256:...",
                    "manifest": "sha256:...",
                    "kind": "wasm",
                    "size": 0,
                    "pulled": "..."
                  }
                ]
                """);
    }

    @Test
    void aNameIsGivenToOneImageOnly() {
        String zig = registry.address() + "/zig:v1";
        skiff.run("registry", "pull", zig);
        skiff.run("save", "-o", path("one.tar"), hello);
        skiff.run("save", "-o", path("two.tar"), hello, zig);
        elsewhere();

        assertThat(skiff.run("load", "--name", "local.example/app", path("one.tar"))
                        .out())
                .startsWith("local.example/app:latest is sha256:");
        assertThat(skiff.run("run", "--pull=never", "local.example/app").out()).startsWith("hello from C");
        assertThat(skiff.run("load", "--name", "local.example/both", path("two.tar")))
                .isEqualTo(failure("two.tar has 2 images, and there is one name for them"));
        assertThat(skiff.run("images", "ls").out()).doesNotContain("both", "zig");
        assertThat(skiff.run("registry", "push", path("two.tar"), registry.address() + "/both:v1"))
                .isEqualTo(failure("two.tar has 2 images, and there is one name for them"));
    }

    @Test
    void skopeoReadsWhatWasSaved() {
        skiff.run("save", "-o", path("app.tar"), hello);
        skiff.run("save", "-o", path("app") + "/", hello);
        Peers peers = Peers.in(directory);

        String archive = peers.skopeo("inspect", "--raw", "oci-archive:" + path("app.tar"))
                .succeeded()
                .out();
        String folder = peers.skopeo("inspect", "--raw", "oci:" + path("app") + ":v1")
                .succeeded()
                .out();

        assertThat(archive).contains("application/vnd.wasm.config.v0+json").isEqualTo(folder);
    }

    @Test
    void whatSkopeoSavedIsLoadedUnderAName() {
        Peers peers = Peers.in(directory);
        peers.skopeo("copy", "--src-tls-verify=false", "docker://" + hello, "oci-archive:" + path("app.tar") + ":v1")
                .succeeded();
        elsewhere();

        assertThat(skiff.run("load", path("app.tar")).masked())
                .isEqualTo(failure("app.tar has the image sha256:... without a name; --name gives it one"));
        assertThat(skiff.run("load", "--name", hello, path("app.tar")).status()).isZero();
        assertThat(skiff.run("run", "--pull=never", hello).status()).isZero();
    }

    @Test
    void anArchiveInDockersFormatIsLoadedAndRunsAndIsPushed() throws IOException {
        String image = registry.address() + "/container:v1";
        skiff.run("registry", "push", "--format", "image", Guests.file("hello-c"), image);
        Peers.in(directory)
                .skopeo(
                        "copy",
                        "--src-tls-verify=false",
                        "docker://" + image,
                        "docker-archive:" + path("d.tar:" + image))
                .succeeded();
        elsewhere();

        assertThat(skiff.run("load", path("d.tar")).out())
                .matches("REGISTRY/container:v1 is sha256:[0-9a-f]{64} \\(image, \\d+ KiB\\)\n");
        assertThat(skiff.run("run", "--pull=never", image, "x").out()).startsWith("hello from C, arguments [x]");
        skiff.reading(Files.readAllBytes(directory.resolve("d.tar")));
        assertThat(skiff.run("load", "--name", "local.example/piped").out())
                .startsWith("local.example/piped:latest is sha256:");
        assertThat(skiff.run("registry", "push", path("d.tar"), registry.address() + "/again:v1")
                        .masked())
                .isEqualTo(new Skiff.Result(0, "REGISTRY/again:v1 is sha256:...\n", ""));
    }

    @Test
    void whatCannotBeSavedOrLoadedIsSaid() throws IOException {
        Files.createDirectory(directory.resolve("empty"));
        assertThat(skiff.run("save", "-o", path("app.tar"), "ghcr.io/me/app"))
                .isEqualTo(failure(
                        "there is no image ghcr.io/me/app:latest on this machine; skiff images ls lists what there is,"
                                + " and skiff registry pull gets it"));
        assertThat(skiff.run("save", "-o", path("no/app.tar"), hello))
                .isEqualTo(failure("cannot write no/app.tar: there is no directory no"));
        assertThat(skiff.run("load", path("no.tar"))).isEqualTo(failure("there is no file no.tar"));
        assertThat(skiff.run("load", path("empty")))
                .isEqualTo(failure("empty is no OCI layout: it has no empty/index.json"));
        assertThat(skiff.run("load", skiff.file("text", "hello\n")).err()).startsWith("skiff: text is no ");
        assertThat(skiff.reading("").run("load"))
                .isEqualTo(failure(
                        "standard input is no archive of an OCI layout: it has no index.json, nor the manifest.json"
                                + " of docker save"));
    }

    @Test
    void contentThatIsNotWhatItsNameSaysIsRefused() throws IOException {
        Path folder = directory.resolve("folder");
        skiff.run("save", "-o", folder + "/", hello);
        byte[] module = Guests.bytes(Guests.file("hello-c"));
        Path blob = folder.resolve("blobs/sha256")
                .resolve(dev.skiff.oci.testing.RawRegistry.digest(module).substring("sha256:".length()));
        module[module.length - 1] ^= 1;
        Files.write(blob, module);

        Skiff.Result result = elsewhere().run("load", folder.toString());

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("sha256:").doesNotContain("Exception");
        assertThat(skiff.run("images", "ls").out()).doesNotContain("hello");
    }

    /** A full disk behind a redirection went unnoticed, because a PrintStream keeps quiet about it. */
    @Test
    void standardOutputThatTakesNoMoreIsSaid() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int status = Main.run(
                List.of("save", "--store", path("home/.local/share/skiff"), hello),
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(full, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of());

        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("skiff: cannot write standard output: it takes no more\n");
        assertThat(status).isEqualTo(1);
    }

    private static Skiff.Result failure(String sentence) {
        return new Skiff.Result(1, "", "skiff: " + sentence + "\n");
    }
}
