package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code skiff registry pull}, from a real registry. */
class PullTest {
    private static TestRegistry registry;

    @TempDir
    private Path directory;

    private Skiff skiff;

    @BeforeAll
    static void start() {
        registry = TestRegistry.start();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY");
    }

    private String push(String repository, String... options) {
        String reference = registry.address() + "/" + repository + ":v1";
        String file = skiff.file("cat.wasm", TestModule.cat());
        String[] args = new String[options.length + 4];
        args[0] = "registry";
        args[1] = "push";
        System.arraycopy(options, 0, args, 2, options.length);
        args[options.length + 2] = file;
        args[options.length + 3] = reference;
        assertThat(skiff.run(args).status()).isZero();
        return reference;
    }

    @ParameterizedTest
    @CsvSource({"artifact, wasm", "image, image", "wasm-to-oci, wasm"})
    void everyFormIsPulled(String form, String kind) {
        String reference = push("pull-" + form, "--format", form);

        Skiff.Result result = skiff.run("registry", "pull", reference);

        assertThat(result.masked().out())
                .matches("REGISTRY/pull-" + form + ":v1 is sha256:\\.\\.\\. \\(" + kind + ", [0-9.]+ (B|KiB)\\)\n");
        assertThat(result.err()).isEmpty();
        assertThat(skiff.run("registry", "pull", reference)).isEqualTo(result);
    }

    @Test
    void theModuleIsWrittenToAFileThatTheUmaskSaysWhoReads() throws IOException {
        Path file = directory.resolve("out.wasm");
        String reference = push("written");

        assertThat(skiff.run("registry", "pull", "-o", file.toString(), reference)
                        .status())
                .isZero();

        assertThat(file).hasBinaryContent(TestModule.cat());
        Path usual = Files.createFile(directory.resolve("usual"));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(usual));
        assertThat(directory).isDirectoryNotContaining("glob:**/.skiff-*");
    }

    @Test
    void aLinkStaysAndWhatItLeadsToIsWritten() throws IOException {
        Path file = Files.createFile(directory.resolve("real.wasm"));
        Path link = Files.createSymbolicLink(directory.resolve("link.wasm"), file);

        skiff.run("registry", "pull", "-o", link.toString(), push("linked"));

        assertThat(link).isSymbolicLink();
        assertThat(file).hasBinaryContent(TestModule.cat());
    }

    /** Root could replace /dev/null or /dev/stdout by a file. */
    @Test
    void whatIsNoFileIsWrittenToAndStays() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        FutureTask<byte[]> reader = new FutureTask<>(() -> Files.readAllBytes(pipe));
        Thread.ofPlatform().daemon().start(reader);

        assertThat(skiff.run("registry", "pull", "-o", pipe.toString(), push("piped"))
                        .status())
                .isZero();

        assertThat(Files.isRegularFile(pipe)).isFalse();
        assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(TestModule.cat());
    }

    @Test
    void whatCannotBeWrittenIsSaid() throws IOException {
        String reference = push("unwritten");
        String image = push("files", "--format", "image");
        Files.createFile(directory.resolve("file"));

        assertThat(skiff.run("registry", "pull", "-o", directory + "/no/app.wasm", reference))
                .isEqualTo(failure("cannot write no/app.wasm: there is no directory no"));
        assertThat(skiff.run("registry", "pull", "-o", directory + "/file/app.wasm", reference))
                .isEqualTo(failure("cannot write file/app.wasm: file is not a directory"));
        assertThat(skiff.run("registry", "pull", "-o", directory.toString(), reference)
                        .err())
                .isEqualTo("skiff: cannot write " + directory + ": it is a directory\n");
        assertThat(skiff.run("registry", "pull", "-o", directory + "/out.wasm", image))
                .isEqualTo(failure("REGISTRY/files:v1 has no single module to write to out.wasm: its kind is image"));
    }

    private static Skiff.Result failure(String sentence) {
        return new Skiff.Result(1, "", "skiff: " + sentence + "\n");
    }

    @Test
    void theResultIsAlsoThereAsJson() {
        assertThat(skiff.run("registry", "pull", "--format", "json", push("json"))
                        .masked()
                        .out()
                        .replaceFirst("\"size\": \\d+", "\"size\": 0"))
                .isEqualTo("""
                {
                  "reference": "REGISTRY/json:v1",
                  "digest": "sha256:...",
                  "manifest": "sha256:...",
                  "kind": "wasm",
                  "size": 0,
                  "pulled": "..."
                }
                """);
    }

    @Test
    void largeContentGetsALineUnlessItShouldBeQuiet() {
        String reference = registry.address() + "/large:v1";
        String large = skiff.file("large.wasm", RehearsalRegistry.module());
        skiff.run("registry", "push", large, reference);

        assertThat(skiff.run("registry", "pull", "--quiet", "--store", directory + "/other", reference)
                        .err())
                .isEmpty();
        assertThat(skiff.run("registry", "pull", reference).masked().err())
                .isEqualTo("pulling REGISTRY/large:v1: ... 4.0 MiB, done\n");
        assertThat(skiff.run("registry", "pull", reference).masked().err())
                .isEqualTo("pulling REGISTRY/large:v1: ... 4.0 MiB, there already\n");
    }

    @Test
    void theStoreIsWhereTheEnvironmentSays() {
        String reference = push("placed");

        skiff.run("registry", "pull", reference);
        assertThat(directory.resolve("home/.local/share/skiff/version")).exists();
        skiff.with("XDG_DATA_HOME", directory.resolve("xdg").toString()).run("registry", "pull", reference);
        assertThat(directory.resolve("xdg/skiff/version")).exists();
        skiff.with("SKIFF_STORE", directory.resolve("own").toString()).run("registry", "pull", reference);
        assertThat(directory.resolve("own/version")).exists();
        skiff.run("registry", "pull", "--store", directory + "/given", reference);
        assertThat(directory.resolve("given/version")).exists();
        skiff.with("SKIFF_STORE", "").with("XDG_DATA_HOME", "").with("HOME", "");
        assertThat(skiff.run("registry", "pull", reference))
                .isEqualTo(new Skiff.Result(
                        2,
                        "",
                        "skiff: there is no place to keep images: neither --store, SKIFF_STORE nor HOME says where\n"));
    }

    @Test
    void ofSeveralPlatformsTheOneThatIsAskedForIsPulled() {
        String reference = new RawImages(registry)
                .index("many", Guests.bytes(Guests.file("hello-c")), "wasi/wasm", "linux/arm64", "linux/s390x");

        assertThat(skiff.run("run", reference).out()).contains("arguments [wasi/wasm]");
        skiff.run("registry", "pull", "--platform", "linux/s390x", reference);
        assertThat(skiff.run("run", "--pull", "never", reference).out()).contains("arguments [linux/s390x]");
        assertThat(skiff.run("registry", "pull", "--platform", "plan9/mips", reference))
                .isEqualTo(failure(
                        "REGISTRY/many:v1 has nothing for plan9/mips; there is wasi/wasm, linux/arm64, linux/s390x"));
        assertThat(skiff.run("registry", "pull", "--platform", "wasm", reference))
                .isEqualTo(new Skiff.Result(
                        2,
                        "",
                        "skiff: --platform takes OS/ARCHITECTURE, such as wasi/wasm or linux/arm64, not 'wasm'\n"));
    }

    @Test
    void aPlatformIsGotWhereAnotherIsHere() {
        String reference = new RawImages(registry)
                .index("other", Guests.bytes(Guests.file("hello-c")), "wasi/wasm", "linux/arm64");
        skiff.run("registry", "pull", reference);

        assertThat(skiff.run("run", "--platform", "linux/arm64", reference).out())
                .contains("arguments [linux/arm64]");
        assertThat(skiff.run("run", "--pull", "never", "--platform", "wasi/wasm", reference))
                .isEqualTo(new Skiff.Result(
                        127,
                        "",
                        "skiff: cannot run REGISTRY/other:v1: it is not on this machine for wasi/wasm, and --pull never"
                                + " forbids to get it\n"));
        assertThat(skiff.run("run", "--platform", "plan9/mips", reference).err())
                .isEqualTo("skiff: cannot run REGISTRY/other:v1: REGISTRY/other:v1 has nothing for plan9/mips; there is"
                        + " wasi/wasm, linux/arm64\n");
    }
}
