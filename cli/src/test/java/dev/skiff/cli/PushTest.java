package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.MediaTypes;
import dev.skiff.oci.testing.Peers;
import dev.skiff.oci.testing.RawRegistry;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code skiff registry push} and {@code copy}, to a real registry. */
class PushTest {
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

    private static String reference(String rest) {
        return registry.address() + "/" + rest;
    }

    private String cat() {
        return skiff.file("cat.wasm", TestModule.cat());
    }

    private static String manifest(String repository, String tag) throws IOException {
        byte[] body = registry.raw()
                .get("/v2/" + repository + "/manifests/" + tag, "Accept", "application/vnd.oci.image.manifest.v1+json")
                .body();
        return new String(body, StandardCharsets.UTF_8);
    }

    @Test
    void thePushedDigestIsThatOfTheRegistry() throws IOException {
        Skiff.Result pushed = skiff.run("registry", "push", cat(), reference("plain:v1"));

        byte[] manifest = manifest("plain", "v1").getBytes(StandardCharsets.UTF_8);
        assertThat(pushed)
                .isEqualTo(new Skiff.Result(0, "REGISTRY/plain:v1 is " + RawRegistry.digest(manifest) + "\n", ""));
        assertThat(manifest("plain", "v1"))
                .contains("application/vnd.wasm.config.v0+json", "application/wasm", "\"cat.wasm\"");
    }

    @Test
    void withoutATagItIsTheLatest() throws IOException {
        assertThat(skiff.run("registry", "push", cat(), "oci://" + reference("untagged"))
                        .out())
                .startsWith("REGISTRY/untagged:latest is sha256:");
        assertThat(manifest("untagged", "latest")).contains("application/wasm");
    }

    @Test
    void theOtherFormsAreThoseOfOtherTools() throws IOException {
        skiff.run("registry", "push", "--format", "image", cat(), reference("forms:image"));
        skiff.run("registry", "push", "--format", "wasm-to-oci", cat(), reference("forms:old"));

        assertThat(manifest("forms", "image"))
                .contains("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip");
        assertThat(manifest("forms", "old"))
                .contains("application/vnd.wasm.config.v1+json", "application/vnd.wasm.content.layer.v1+wasm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"artifact", "image", "wasm-to-oci"})
    void theSameFileGetsTheSameDigestUnlessItsTimeDiffers(String form) {
        String first = push(form);

        assertThat(push(form)).isEqualTo(first);
        assertThat(push(form, "--created", "1970-01-01T00:00:00Z")).isEqualTo(first);
        String later = push(form, "--created", "2026-11-21T12:00:00Z");
        assertThat(later).isNotEqualTo(first);
        skiff.with("SOURCE_DATE_EPOCH", "1795262400");
        assertThat(push(form)).isEqualTo(later);
    }

    private String push(String form, String... options) {
        String[] args = new String[options.length + 6];
        System.arraycopy(options, 0, args, 2, options.length);
        args[0] = "registry";
        args[1] = "push";
        args[options.length + 2] = "--format";
        args[options.length + 3] = form;
        args[options.length + 4] = cat();
        args[options.length + 5] = reference("same:v1");
        Skiff.Result result = skiff.run(args);
        assertThat(result.status()).as(result.err()).isZero();
        return result.out();
    }

    @Test
    void whatIsSaidOfItStandsInTheManifest() throws IOException {
        skiff.run(
                "registry",
                "push",
                "--annotation=team=harbour",
                "--annotation",
                "note=a=b",
                "--source",
                "https://example.org/app",
                "--version=1.2.3",
                cat(),
                reference("noted:v1"));

        assertThat(manifest("noted", "v1"))
                .contains(
                        "\"team\":\"harbour\"",
                        "\"note\":\"a=b\"",
                        "\"org.opencontainers.image.source\":\"https://example.org/app\"",
                        "\"org.opencontainers.image.version\":\"1.2.3\"",
                        "\"org.opencontainers.image.created\":\"1970-01-01T00:00:00Z\"");
    }

    @Test
    void theResultIsAlsoThereAsJson() {
        assertThat(skiff.run("registry", "push", "--json", cat(), reference("json:v1"))
                        .masked())
                .isEqualTo(new Skiff.Result(0, """
                {
                  "reference": "REGISTRY/json:v1",
                  "digest": "sha256:..."
                }
                """, ""));
        assertThat(skiff.run("registry", "copy", "--format=json", reference("json:v1"), reference("json:v2"))
                        .masked())
                .isEqualTo(new Skiff.Result(0, """
                {
                  "reference": "REGISTRY/json:v2",
                  "digest": "sha256:..."
                }
                """, ""));
    }

    @Test
    void largeContentGetsALineUnlessItShouldBeQuiet() {
        String large = skiff.file("large.wasm", RehearsalRegistry.module());

        assertThat(skiff.run("registry", "push", large, reference("large:v1"))
                        .masked()
                        .err())
                .isEqualTo("pushing REGISTRY/large:v1: ... 4.0 MiB, done\n");
        assertThat(skiff.run("registry", "push", large, reference("large:v1"))
                        .masked()
                        .err())
                .isEqualTo("pushing REGISTRY/large:v1: ... 4.0 MiB, there already\n");
        assertThat(skiff.run("registry", "copy", reference("large:v1"), reference("elsewhere:v1"))
                        .masked()
                        .err())
                .isEqualTo("copying REGISTRY/large:v1: ... 4.0 MiB, taken over from another repository\n");
        assertThat(skiff.run("registry", "push", "-q", large, reference("quiet:v1"))
                        .err())
                .isEmpty();
        assertThat(skiff.run("registry", "copy", "--quiet", reference("large:v1"), reference("still:v1"))
                        .err())
                .isEmpty();
    }

    @Test
    void aCopyIsTheSameManifest() throws IOException {
        String pushed =
                skiff.run("registry", "push", cat(), reference("from:v1")).out();

        assertThat(skiff.run("registry", "copy", reference("from:v1"), reference("to:v1")))
                .isEqualTo(new Skiff.Result(0, pushed.replace("/from:", "/to:"), ""));
        assertThat(manifest("to", "v1")).isEqualTo(manifest("from", "v1"));
    }

    @Test
    void textIsPushedAsTheModuleThatItDescribes() throws IOException {
        String made = cat();
        Path tool = Path.of(
                skiff.file("wat2wasm", "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\ncp " + made + " \"$2\"\n"));
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        skiff.with("PATH", directory + ":/bin:/usr/bin");

        skiff.run("registry", "push", skiff.file("app.wat", "(module)"), reference("text:v1"));

        assertThat(manifest("text", "v1")).contains("\"app.wasm\"", RawRegistry.digest(TestModule.cat()));
    }

    @Test
    void aLayoutIsPushedAsItIs() {
        String pushed =
                skiff.run("registry", "push", cat(), reference("layout:v1")).out();
        skiff.run("registry", "pull", reference("layout:v1"));
        String archive = directory.resolve("app.tar").toString();
        String folder = directory.resolve("app").toString();
        skiff.run("save", "-o", archive, reference("layout:v1"));
        skiff.run("save", "-o", folder + "/", reference("layout:v1"));

        assertThat(skiff.run("registry", "push", archive, reference("layout:tar"))
                        .out())
                .isEqualTo(pushed.replace(":v1", ":tar"));
        assertThat(skiff.run("registry", "push", folder, reference("layout:folder"))
                        .out())
                .isEqualTo(pushed.replace(":v1", ":folder"));
    }

    @Test
    void aLayoutForSeveralPlatformsIsPushedWithAllOfThem() throws IOException {
        String index = new RawImages(registry)
                .index("several", Guests.bytes(Guests.file("hello-c")), "wasi/wasm", "linux/arm64");
        Path layout = directory.resolve("layout");
        Peers peers = Peers.in(directory);
        peers.skopeo("copy", "--all", "--src-tls-verify=false", "docker://" + index, "oci:" + layout + ":v1")
                .succeeded();

        String pushed = skiff.run("registry", "push", layout.toString(), reference("elsewhere/several:v1"))
                .out();

        byte[] whole = registry.raw()
                .get("/v2/several/manifests/v1", "Accept", MediaTypes.OCI_INDEX)
                .body();
        assertThat(pushed).contains(RawRegistry.digest(whole));
        skiff.run("registry", "pull", "--platform", "linux/arm64", reference("elsewhere/several:v1"));
        assertThat(skiff.run("run", "--pull", "never", reference("elsewhere/several:v1"))
                        .out())
                .contains("arguments [linux/arm64]");
    }

    @Test
    void ofALayoutThatLacksPlatformsTheImageThatIsThereIsPushed() throws IOException {
        String index = new RawImages(registry)
                .index("lacking", Guests.bytes(Guests.file("hello-c")), "wasi/wasm", "linux/arm64");
        skiff.run("registry", "pull", index);
        skiff.run("save", "-o", path("lacking.tar"), index);

        skiff.run("registry", "push", path("lacking.tar"), reference("elsewhere/lacking:v1"));

        assertThat(manifest("elsewhere/lacking", "v1")).isEqualTo(manifest("lacking", "wasi-wasm"));
    }

    @Test
    void whatCannotBePushedIsSaid() throws IOException {
        refused(1, "cannot push no.wasm: there is no such file", path("no.wasm"));
        refused(1, "cannot push a.wasm: it is no WebAssembly, but text", skiff.file("a.wasm", "hello\n"));
        refused(1, "there is no file no.tar", path("no.tar"));
        Files.createDirectory(directory.resolve("empty"));
        refused(1, "empty is no OCI layout: it has no empty/index.json", path("empty"));
        Files.createFile(directory.resolve("empty/spin.toml"));
        refused(
                1,
                "empty is a Spin application, and Skiff does not push those yet; spin registry push does",
                path("empty"));
        refused(
                2,
                "--format is for a .wasm file, and empty is an OCI layout, which is pushed as it is",
                "--format",
                "image",
                path("empty"));
    }

    @Test
    void valuesThatDoNotFitAreSaid() {
        String file = cat();
        refused(2, "--format takes artifact, image or wasm-to-oci, not 'zip'", "--format", "zip", file);
        refused(2, "--annotation takes NAME=VALUE, not 'team'", "--annotation", "team", file);
        refused(2, "--created takes a time such as 2026-11-21T12:00:00Z, not 'today'", "--created", "today", file);
        skiff.with("SOURCE_DATE_EPOCH", "now");
        refused(2, "SOURCE_DATE_EPOCH is a number of seconds since 1970, not now", file);
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private void refused(int status, String sentence, String... args) {
        String[] all = new String[args.length + 3];
        all[0] = "registry";
        all[1] = "push";
        System.arraycopy(args, 0, all, 2, args.length);
        all[args.length + 2] = reference("never:v1");
        assertThat(skiff.run(all)).isEqualTo(new Skiff.Result(status, "", "skiff: " + sentence + "\n"));
    }
}
