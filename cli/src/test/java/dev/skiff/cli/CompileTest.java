package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompileTest {
    @TempDir
    private Path directory;

    private Skiff skiff;
    private String module;

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory);
        module = skiff.file("cat.wasm", TestModule.cat());
    }

    @Test
    void theSecondTimeThereIsNothingToDo() {
        Skiff.Result first = skiff.run("compile", module);
        Skiff.Result second = skiff.run("compile", module);

        assertThat(first.out()).matches("cat.wasm: 200 B, 1 function, compiled in \\d+ ms\\n");
        assertThat(second).isEqualTo(new Skiff.Result(0, "cat.wasm: 200 B, 1 function, already in the cache\n", ""));
    }

    @Test
    void whatWasCompiledNeedsNoTranslationWhenItRuns() {
        skiff.run("compile", module);

        assertThat(skiff.run("run", "-v", module).err()).contains("code from the cache");
    }

    @Test
    void whatWasCompiledForFuelNeedsNoTranslationWhenItRunsWithFuel() {
        skiff.run("compile", module);
        assertThat(skiff.run("compile", "--metered", module).out()).contains("compiled in");
        assertThat(skiff.run("compile", "--metered", module).out()).contains("already in the cache");

        assertThat(skiff.run("run", "-v", "--fuel", "1000", module).err()).doesNotContain("in the cache now");
    }

    @Test
    void runningKeepsTheCodeThatWasUsed() {
        assertThat(skiff.run("run", "-v", module).err())
                .contains("code not in the cache yet", "its code is in the cache now");
        assertThat(skiff.run("run", "-v", module).err()).contains("code from the cache");
        assertThat(skiff.run("run", "-v", "--no-cache", module).err()).contains("code not in the cache yet");
    }

    @Test
    void theCacheIsWhereTheEnvironmentSays() throws IOException {
        skiff.run("compile", module);
        assertThat(directory.resolve("home/.cache/skiff")).isNotEmptyDirectory();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("home/.cache/skiff"))))
                .isEqualTo("rwx------");

        skiff.with("XDG_CACHE_HOME", directory.resolve("xdg").toString()).run("compile", module);
        assertThat(directory.resolve("xdg/skiff")).isNotEmptyDirectory();

        skiff.with("SKIFF_CACHE", directory.resolve("chosen").toString()).run("compile", module);
        assertThat(directory.resolve("chosen")).isNotEmptyDirectory();

        skiff.run("compile", "--cache-dir", directory.resolve("given").toString(), module);
        assertThat(directory.resolve("given")).isNotEmptyDirectory();
    }

    @Test
    void aCacheThatWasChosenMustWork() {
        assertThat(skiff.run("run", "--cache-dir", module, module))
                .isEqualTo(new Skiff.Result(126, "", "skiff: cannot keep code in cat.wasm: cat.wasm is in the way\n"));
    }

    @Test
    void runningGoesOnWithoutACacheInTheUsualPlace() {
        skiff.with("HOME", module);

        assertThat(skiff.run("run", module)).isEqualTo(new Skiff.Result(0, "", ""));
        assertThat(skiff.run("run", "-v", module).err()).contains("; going on without\n");
        assertThat(skiff.run("compile", module).status()).isEqualTo(126);
    }

    @Test
    void oneBadFileDoesNotKeepTheOthersFromBeingCompiled() throws IOException {
        Skiff.Result result = skiff.run("compile", skiff.file("text", "hello"), module);

        assertThat(result.status()).isEqualTo(126);
        assertThat(result.err()).isEqualTo("skiff: cannot compile text: it is no WebAssembly module, but text\n");
        assertThat(result.out()).startsWith("cat.wasm: ");
        try (Stream<Path> files = Files.list(directory.resolve("home/.cache/skiff"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".code"))).hasSize(1);
        }
    }
}
