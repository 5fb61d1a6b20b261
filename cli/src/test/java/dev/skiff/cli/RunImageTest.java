package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.LayerFile;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of images, from a real registry. */
class RunImageTest {
    private static final byte[] HELLO = Guests.bytes(Guests.file("hello-c"));

    private static TestRegistry registry;
    private static RawImages images;

    @TempDir
    private Path directory;

    private Skiff skiff;

    @BeforeAll
    static void start() {
        registry = TestRegistry.start();
        images = new RawImages(registry);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY");
    }

    private static String reference(String rest) {
        return registry.address() + "/" + rest;
    }

    private void push(String file, String reference) {
        Skiff.Result result = skiff.run("registry", "push", file, reference);
        assertThat(result.status()).as(result.err()).isZero();
    }

    private static Skiff.Result hello(String arguments, String greeting) {
        return new Skiff.Result(0, "hello from C, arguments [" + arguments + "], GREETING " + greeting + "\n", "");
    }

    private static LayerFile program(String path, byte[] module) {
        return LayerFile.of(path, module, 0755);
    }

    @ParameterizedTest
    @ValueSource(strings = {"artifact", "image", "wasm-to-oci"})
    void aProgramInEveryFormGetsItsArgumentsAndEnvironment(String form) {
        String reference = reference("hello-" + form);
        skiff.run("registry", "push", "--format", form, Guests.file("hello-c"), reference);

        assertThat(skiff.run("run", "--env", "GREETING=ahoy", reference, "--env", "-v"))
                .isEqualTo(hello("--env, -v", "ahoy"));
        assertThat(skiff.run("run", "oci://" + reference + ":latest")).isEqualTo(hello("", "not set"));
    }

    @Test
    void theProgramsStatusIsTheCommands() {
        push(Guests.file("exit-c"), reference("exit:v1"));

        assertThat(skiff.run("run", reference("exit:v1"), "7")).isEqualTo(new Skiff.Result(7, "leaving\n", ""));
    }

    @Test
    void aFunctionOfAnImageCanBeCalled() {
        byte[] math = new TestModule()
                .function("add", "02 7f 7f 01 7f", "20 00 20 01 6a")
                .bytes();
        push(skiff.file("math.wasm", math), reference("math"));

        assertThat(skiff.run("run", "--invoke", "add", reference("math"), "2", "3"))
                .isEqualTo(new Skiff.Result(0, "5\n", ""));
    }

    @Test
    void whatIsGivenStandsInPlaceOfTheCommandButNotOfTheEntrypoint() {
        String both = images.container(
                "rules/both",
                Map.of("Entrypoint", List.of("/hello.wasm", "--first"), "Cmd", List.of("second")),
                program("hello.wasm", HELLO));
        String command = images.container(
                "rules/command", Map.of("Cmd", List.of("/hello.wasm", "--first")), program("hello.wasm", HELLO));

        assertThat(skiff.run("run", both)).isEqualTo(hello("--first, second", "not set"));
        assertThat(skiff.run("run", both, "third")).isEqualTo(hello("--first, third", "not set"));
        assertThat(skiff.run("run", command)).isEqualTo(hello("--first", "not set"));
        assertThat(skiff.run("run", command, "third")).isEqualTo(hello("--first, third", "not set"));
    }

    @Test
    void theImagesEnvironmentCountsUnlessOneIsGiven() {
        String reference = images.container(
                "rules/environment",
                Map.of("Entrypoint", List.of("hello.wasm"), "Env", List.of("GREETING=hey", "PATH=/bin")),
                program("bin/hello.wasm", HELLO));

        assertThat(skiff.run("run", reference)).isEqualTo(hello("", "hey"));
        assertThat(skiff.run("run", "--env=GREETING=ahoy", reference)).isEqualTo(hello("", "ahoy"));
        skiff.with("GREETING", "from here");
        assertThat(skiff.run("run", reference)).isEqualTo(hello("", "hey"));
        assertThat(skiff.run("run", "--env", "GREETING", reference)).isEqualTo(hello("", "from here"));
    }

    @Test
    void theImagesFilesCanBeReadAndAGivenRootIsInTheirPlace() throws IOException {
        String reference = images.container(
                "files",
                Map.of("Entrypoint", List.of("/bin/wc.wasm"), "Cmd", List.of("/data/a.txt")),
                program("bin/wc.wasm", Guests.bytes(Guests.example("wordcount"))),
                LayerFile.of("data/a.txt", "one two two\n".getBytes(StandardCharsets.UTF_8), 0644));
        Files.createDirectory(directory.resolve("data"));
        Files.writeString(directory.resolve("data/a.txt"), "mine\n");

        assertThat(skiff.run("run", reference).out()).startsWith("/data/a.txt: 1 lines, 3 words, 12 bytes\n");
        assertThat(skiff.run("run", "--dir", directory + "::/", reference).out())
                .startsWith("/data/a.txt: 1 lines, 1 words, 5 bytes\n");
        String beside = directory + "/data::/mine";
        assertThat(skiff.run("run", "--dir", beside, reference, "/mine/a.txt").out())
                .startsWith("/mine/a.txt: 1 lines, 1 words, 5 bytes\n");
        assertThat(skiff.run("run", "--dir", beside, reference, "/data/a.txt").out())
                .startsWith("/data/a.txt: 1 lines, 3 words, 12 bytes\n");
    }

    @Test
    void linksToAbsolutePathsAreTheImagesOwn() {
        String reference = images.linked(
                "links",
                Map.of("Entrypoint", List.of("/bin/wc.wasm")),
                Map.of("var/data", "/data", "data/up", "../../../data/a.txt", "data/hosts", "/etc/hosts"),
                program("bin/wc.wasm", Guests.bytes(Guests.example("wordcount"))),
                LayerFile.of("data/a.txt", "one two two\n".getBytes(StandardCharsets.UTF_8), 0644));

        for (String path : List.of("/var/data/a.txt", "/data/up", "/var/data/up")) {
            assertThat(skiff.run("run", reference, path).out()).startsWith(path + ": 1 lines, 3 words, 12 bytes\n");
        }
        assertThat(skiff.run("run", reference, "/data/hosts").status()).isNotZero();
    }

    @Test
    void theImagesFilesCannotBeChanged() {
        String reference = images.container(
                "read-only",
                Map.of("Entrypoint", List.of("/fileio.wasm")),
                program("fileio.wasm", Guests.bytes(Guests.file("fileio-c"))),
                LayerFile.of("work/kept", new byte[0], 0644));

        Skiff.Result inImage = skiff.run("run", reference);
        Skiff.Result inPlace = skiff.run("run", "--dir", directory + "::/work", reference);

        assertThat(inImage.status()).isEqualTo(1);
        assertThat(inImage.out()).startsWith("mkdir                              NO\n");
        assertThat(inPlace.out()).endsWith("ok\n");
    }

    @Test
    void aTagThatMovedIsSeenOnlyWhenItIsPulled() {
        String reference = reference("moving:v1");
        push(Guests.file("hello-c"), reference);
        skiff.run("run", reference);
        push(Guests.file("hello-zig"), reference);

        assertThat(skiff.run("run", reference).out()).startsWith("hello from C");
        assertThat(skiff.run("run", "--pull=never", reference).out()).startsWith("hello from C");
        assertThat(skiff.run("run", "--pull", "always", reference).out()).startsWith("hello from Zig");
        assertThat(skiff.run("run", "--pull", "missing", reference).out()).startsWith("hello from Zig");
    }

    @Test
    void aDigestIsTheSameProgramWhateverItsTagBecomes() {
        String pushed = skiff.run("registry", "push", Guests.file("hello-c"), reference("pinned:v1"))
                .out();
        String digest = pushed.strip().substring(pushed.indexOf("sha256:"));
        push(Guests.file("hello-zig"), reference("pinned:v1"));

        assertThat(skiff.run("run", reference("pinned@" + digest)).out()).startsWith("hello from C");
        assertThat(skiff.run("run", "--pull=never", reference("pinned:v1@" + digest))
                        .out())
                .startsWith("hello from C");
        assertThat(skiff.run("run", reference("pinned:v1")).out()).startsWith("hello from Zig");
    }

    @Test
    void whatIsMissingIsNotFound() {
        assertThat(skiff.run("run", "--pull", "never", reference("far:v1")))
                .isEqualTo(failure(
                        127,
                        "cannot run REGISTRY/far:v1: it is not on this machine, and --pull never forbids to get it"));
        assertThat(skiff.run("run", reference("far:v1")))
                .isEqualTo(failure(
                        127,
                        "cannot run REGISTRY/far:v1: cannot get the manifest v1 of REGISTRY/far: REGISTRY does not have"
                                + " it (404): manifest unknown"));
        assertThat(skiff.run("run", "--pull", "often", reference("far:v1")))
                .isEqualTo(failure(2, "--pull takes missing, always or never, not 'often'"));
    }

    @Test
    void whatIsNoWebAssemblyIsSaid() {
        String shell = images.container(
                "shell",
                Map.of("Entrypoint", List.of("/bin/sh")),
                program("bin/sh", TestModule.hex("7f 45 4c 46 02 01 01 00")));
        String nothing = images.container("nothing", Map.of(), program("app.wasm", HELLO));
        String absent =
                images.container("absent", Map.of("Entrypoint", List.of("/no.wasm")), program("app.wasm", HELLO));
        String chart = images.artifact("chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", new byte[10]);
        String spin = images.artifact(
                "spin", "application/vnd.fermyon.spin.application.v1+config", "{}".getBytes(StandardCharsets.UTF_8));

        assertThat(skiff.run("run", shell))
                .isEqualTo(failure(
                        126,
                        "cannot run REGISTRY/shell:v1: REGISTRY/shell:v1 runs /bin/sh, which is no WebAssembly but a"
                                + " Linux program; Skiff runs images whose entrypoint is a .wasm file"));
        assertThat(skiff.run("run", nothing))
                .isEqualTo(failure(
                        126,
                        "cannot run REGISTRY/nothing:v1: REGISTRY/nothing:v1 does not say what it runs: it has neither"
                                + " an entrypoint nor a command"));
        assertThat(skiff.run("run", absent))
                .isEqualTo(failure(
                        126,
                        "cannot run REGISTRY/absent:v1: REGISTRY/absent:v1 should run /no.wasm, and has no such file"));
        assertThat(skiff.run("run", chart))
                .isEqualTo(failure(
                        126,
                        "cannot run REGISTRY/chart:v1: REGISTRY/chart:v1 is no WebAssembly: it is"
                                + " application/vnd.oci.empty.v1+json with layers"
                                + " application/vnd.cncf.helm.chart.content.v1.tar+gzip; Skiff runs artifacts with a"
                                + " layer application/wasm or application/vnd.wasm.content.layer.v1+wasm, Spin"
                                + " applications, and container images whose entrypoint is WebAssembly"));
        assertThat(skiff.run("run", spin))
                .isEqualTo(failure(
                        126,
                        "cannot run REGISTRY/spin:v1: REGISTRY/spin:v1 is a Spin application, and Skiff does not run"
                                + " those yet"));
    }

    @Test
    void aFileWhoseContentIsNoModuleIsSaidForImagesToo() {
        String broken = images.artifact("broken", "application/wasm", "hello\n".getBytes(StandardCharsets.UTF_8));

        assertThat(skiff.run("run", broken))
                .isEqualTo(failure(126, "cannot run REGISTRY/broken:v1: it is no WebAssembly module, but text"));
    }

    @Test
    void whatIsSaidOnTheWayIsOnStderr() {
        String reference = reference("large:v1");
        byte[] large = RehearsalRegistry.module();
        byte[] command = TestModule.command("");
        byte[] both = java.util.Arrays.copyOf(command, command.length + large.length - 8);
        System.arraycopy(large, 8, both, command.length, large.length - 8);
        push(skiff.file("large.wasm", both), reference);

        assertThat(skiff.run("run", reference).masked())
                .isEqualTo(new Skiff.Result(0, "", "pulling REGISTRY/large:v1: ... 4.0 MiB, done\n"));
        assertThat(skiff.run("run", "--pull", "always", "--quiet", reference)).isEqualTo(new Skiff.Result(0, "", ""));
    }

    private static Skiff.Result failure(int status, String sentence) {
        return new Skiff.Result(status, "", "skiff: " + sentence + "\n");
    }
}
