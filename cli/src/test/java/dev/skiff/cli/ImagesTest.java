package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The images of this machine: {@code skiff images}, and {@code inspect} and {@code compile} of one. */
class ImagesTest {
    private static TestRegistry registry;

    @TempDir
    private Path directory;

    private Skiff skiff;
    private String cat;
    private String files;

    @BeforeAll
    static void start(@TempDir Path scratch) {
        registry = TestRegistry.start();
        Skiff skiff = new Skiff(scratch);
        String file = skiff.file("cat.wasm", TestModule.cat());
        skiff.run("registry", "push", "--version=1.0", file, registry.address() + "/cat:v1");
        skiff.run("registry", "push", "--format=image", file, registry.address() + "/files:v1");
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY");
        cat = registry.address() + "/cat:v1";
        files = registry.address() + "/files:v1";
    }

    private void pull(String... references) {
        for (String reference : references) {
            assertThat(skiff.run("registry", "pull", reference).status()).isZero();
        }
    }

    @Test
    void anEmptyStoreHasAnEmptyList() {
        assertThat(skiff.run("images", "ls"))
                .isEqualTo(new Skiff.Result(0, "  image  digest  kind  size  pulled\n", ""));
        assertThat(skiff.run("images", "ls", "--format", "json")).isEqualTo(new Skiff.Result(0, "[]\n", ""));
        assertThat(directory.resolve("home")).doesNotExist();
    }

    @Test
    void imagesAreListed() {
        pull(files, cat);

        assertThat(lines(skiff.run("images", "ls").masked().out()))
                .containsExactly(
                        "image digest kind size pulled",
                        "REGISTRY/cat:v1 ... wasm SIZE ...",
                        "REGISTRY/files:v1 ... image SIZE ...");
        assertThat(skiff.run("images", "ls", "--format=json")
                        .masked()
                        .out()
                        .replaceAll("\"size\": \\d+", "\"size\": 0"))
                .isEqualTo("""
                [
                  {
                    "reference": "REGISTRY/cat:v1",
                    "digest": "sha256:...",
                    "manifest": "sha256:...",
                    "kind": "wasm",
                    "size": 0,
                    "pulled": "..."
                  },
                  {
                    "reference": "REGISTRY/files:v1",
                    "digest": "sha256:...",
                    "manifest": "sha256:...",
                    "kind": "image",
                    "size": 0,
                    "pulled": "..."
                  }
                ]
                """);
    }

    private static List<String> lines(String text) {
        return text.lines()
                .map(line -> line.strip().replaceAll(" +", " ").replaceAll("\\d[0-9.]* (B|KiB)", "SIZE"))
                .toList();
    }

    @Test
    void anImageIsShownWithItsLayers() {
        pull(cat, files);

        assertThat(lines(skiff.run("images", "inspect", cat).masked().out()))
                .containsExactly(
                        "REGISTRY/cat:v1",
                        "name REGISTRY/cat:v1",
                        "digest sha256:...",
                        "kind wasm",
                        "size SIZE (983 bytes)",
                        "pulled ...",
                        "",
                        "annotations (2)",
                        "org.opencontainers.image.created ...",
                        "org.opencontainers.image.version 1.0",
                        "",
                        "layers (1)",
                        "... SIZE application/wasm");
        assertThat(skiff.run("images", "inspect", files).out())
                .contains("\n  platform  wasip1/wasm\n  runs      /cat.wasm\n");
    }

    @Test
    void anImageIsWrittenAsJson() {
        pull(files);

        assertThat(skiff.run("images", "inspect", "--format", "json", files)
                        .masked()
                        .out()
                        .replaceAll("\"size\": \\d+", "\"size\": 0"))
                .isEqualTo("""
                {
                  "reference": "REGISTRY/files:v1",
                  "digest": "sha256:...",
                  "manifest": "sha256:...",
                  "kind": "image",
                  "size": 0,
                  "pulled": "...",
                  "mediaType": "application/vnd.oci.image.manifest.v1+json",
                  "annotations": {
                    "org.opencontainers.image.created": "..."
                  },
                  "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": "sha256:...",
                    "size": 0
                  },
                  "layers": [
                    {
                      "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                      "digest": "sha256:...",
                      "size": 0
                    }
                  ],
                  "run": {
                    "platform": "wasip1/wasm",
                    "entrypoint": [
                      "/cat.wasm"
                    ],
                    "command": [],
                    "environment": []
                  }
                }
                """);
    }

    @Test
    void theModuleOfAnImageIsInspectedAndCompiled() {
        Skiff.Result text = skiff.run("inspect", cat);
        Skiff.Result json = skiff.run("inspect", "--format", "json", files);

        assertThat(text.err()).isEmpty();
        assertThat(text.out()).startsWith("""
                REGISTRY/cat:v1
                  size       200 B (200 bytes)
                  functions  1
                """).contains("\nimage\n  name    REGISTRY/cat:v1\n  digest  sha256:");
        assertThat(json.out()).contains("\"size\": 200,", "  \"image\": {\n    \"reference\": \"REGISTRY/files:v1\",");
        assertThat(skiff.run("compile", cat).out())
                .matches("REGISTRY/cat:v1: 200 B, 1 function, compiled in \\d+ ms\n");
        assertThat(skiff.run("compile", files, cat).out()).isEqualTo("""
                REGISTRY/files:v1: 200 B, 1 function, already in the cache
                REGISTRY/cat:v1: 200 B, 1 function, already in the cache
                """);
        assertThat(skiff.run("run", "-v", "--pull=never", cat).err()).contains("code from the cache");
    }

    @Test
    void oneThatIsAbsentDoesNotKeepOthersFromBeingCompiled() {
        Skiff.Result result = skiff.run("compile", registry.address() + "/no:v1", cat);

        assertThat(result.status()).isEqualTo(127);
        assertThat(result.out()).startsWith("REGISTRY/cat:v1: 200 B, 1 function, compiled in ");
        assertThat(result.err())
                .isEqualTo(
                        "skiff: cannot compile REGISTRY/no:v1: cannot get the manifest v1 of REGISTRY/no: REGISTRY does"
                                + " not have it (404): manifest unknown\n");
    }

    @Test
    void whatOtherImagesNeedStays() throws IOException {
        skiff.run("registry", "copy", cat, registry.address() + "/cat:other");
        pull(cat, registry.address() + "/cat:other", files);

        assertThat(skiff.run("images", "rm", cat))
                .isEqualTo(new Skiff.Result(0, "REGISTRY/cat:v1 is removed, which frees 0 B\n", ""));
        assertThat(skiff.run("run", "--pull=never", registry.address() + "/cat:other")
                        .status())
                .isZero();
        Skiff.Result rest = skiff.run("images", "rm", registry.address() + "/cat:other", cat, files);

        assertThat(rest.out())
                .matches(
                        "REGISTRY/cat:other is removed, which frees [1-9].*\nREGISTRY/files:v1 is removed, which frees [1-9].*\n");
        assertThat(rest.err()).isEqualTo("skiff: there is no image REGISTRY/cat:v1\n");
        assertThat(rest.status()).isEqualTo(1);
        assertThat(blobs()).isZero();
    }

    private long blobs() throws IOException {
        try (Stream<Path> found = Files.walk(directory.resolve("home/.local/share/skiff/blobs"))) {
            return found.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void anImageInUseIsNotRemoved() throws Exception {
        pull(files, cat);
        PipedOutputStream input = new PipedOutputStream();
        PipedInputStream read = new PipedInputStream(input);
        PipedOutputStream output = new PipedOutputStream();
        PipedInputStream printed = new PipedInputStream(output);
        FutureTask<Integer> run = new FutureTask<>(() -> Main.run(
                List.of("run", "--pull=never", files),
                read,
                new PrintStream(output, true, StandardCharsets.UTF_8),
                System.err,
                Map.of("HOME", directory.resolve("home").toString())));
        Thread.ofPlatform().daemon().start(run);
        input.write("here\n".getBytes(StandardCharsets.UTF_8));
        input.flush();
        assertThat(printed.read()).isEqualTo('h');

        assertThat(skiff.run("images", "rm", files))
                .isEqualTo(new Skiff.Result(
                        1, "", "skiff: the image REGISTRY/files:v1 is in use by a running workload; stop it first\n"));
        assertThat(skiff.run("images", "prune", "--all").status()).isZero();
        assertThat(lines(skiff.run("images", "ls").masked().out()))
                .containsExactly("image digest kind size pulled", "REGISTRY/files:v1 ... image SIZE ...");

        input.close();
        assertThat(run.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(skiff.run("images", "rm", files).status()).isZero();
        assertThat(blobs()).isZero();
    }

    @Test
    void pruningRemovesWhatBrokeOff() throws IOException {
        pull(cat);
        long before = blobs();
        Path store = directory.resolve("home/.local/share/skiff");
        Files.write(store.resolve("ingest").resolve("sha256-" + "0".repeat(64)), new byte[2_048]);

        assertThat(skiff.run("images", "prune"))
                .isEqualTo(new Skiff.Result(0, "removed 1 file, which frees 2.0 KiB\n", ""));
        assertThat(blobs()).isEqualTo(before);
        assertThat(skiff.run("images", "prune", "-a").out()).startsWith("removed " + before + " files");
        assertThat(blobs()).isZero();
    }

    @Test
    void whatIsNotHereIsSaid() {
        assertThat(skiff.run("images", "inspect", "ghcr.io/me/app"))
                .isEqualTo(new Skiff.Result(
                        1,
                        "",
                        "skiff: there is no image ghcr.io/me/app:latest on this machine; skiff images ls lists what there is,"
                                + " and skiff registry pull gets it\n"));
        assertThat(skiff.run("images", "ls", "--format", "xml"))
                .isEqualTo(new Skiff.Result(2, "", "skiff: --format takes text or json, not 'xml'\n"));
    }
}
