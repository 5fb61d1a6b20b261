package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that keeps translated code. */
class EngineCodeCacheTest {
    /** Exports {@code add}, which takes two i32. */
    private static final byte[] ADD = HexFormat.of()
            .parseHex("0061736d0100000001070160027f7f017f0302010007070103616464" + "00000a09010700200020016a0b");
    /** The same, called {@code sub}. */
    private static final byte[] SUB = HexFormat.of()
            .parseHex("0061736d0100000001070160027f7f017f0302010007070103737562" + "00000a09010700200020016b0b");

    private static final Limits FUEL = Limits.DEFAULT.withFuel(1000);

    @TempDir
    private Path directory;

    private Path folder;
    private Engine engine;

    @BeforeEach
    void open() {
        folder = directory.resolve("code");
        engine = Engine.builder().codeCache(folder).build();
    }

    private static int call(Module module, String function, Limits limits) {
        try (Store store = new Store(module.engine(), limits)) {
            return (int) new Linker().prepare(module).instantiate(store).call(function, 5, 3)[0];
        }
    }

    private long entries() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".code")).count();
        }
    }

    @Test
    void onlyWhatIsNewIsSaved() throws IOException {
        Module module = engine.compile(ADD);
        assertThat(engine.saveTranslated(module)).isFalse();

        assertThat(call(module, "add", Limits.DEFAULT)).isEqualTo(8);

        assertThat(engine.saveTranslated(module)).isTrue();
        assertThat(engine.saveTranslated(module)).isFalse();
        assertThat(call(module, "add", Limits.DEFAULT)).isEqualTo(8);
        assertThat(engine.saveTranslated(module)).isFalse();
        assertThat(call(module, "add", FUEL)).isEqualTo(8);
        assertThat(engine.saveTranslated(module)).isTrue();
        assertThat(entries()).isEqualTo(2);
    }

    /** Its files are not even looked for where nothing was translated since. */
    @Test
    void whatIsSavedIsNotSavedAgainThoughItIsGone() throws IOException {
        Module module = engine.compile(ADD);
        call(module, "add", Limits.DEFAULT);
        engine.saveTranslated(module);
        engine.pruneCodeCache(0);

        assertThat(engine.saveTranslated(module)).isFalse();
        assertThat(entries()).isZero();
    }

    @Test
    void whatAnotherEngineSavedMeanwhileIsKept() {
        Engine other = Engine.builder().codeCache(folder).build();
        Module module = engine.compile(ADD);
        Module same = other.compile(ADD);
        call(module, "add", Limits.DEFAULT);
        call(same, "add", Limits.DEFAULT);

        assertThat(engine.saveTranslated(module)).isTrue();
        assertThat(other.saveTranslated(same)).isFalse();

        assertThat(call(same, "add", Limits.DEFAULT)).isEqualTo(8);
        assertThat(other.compile(ADD).fromCodeCache()).isTrue();
    }

    @Test
    void aModuleIsRemovedWithAllItsVariants() throws IOException {
        Module add = engine.compile(ADD);
        Module sub = engine.compile(SUB);
        call(add, "add", Limits.DEFAULT);
        call(add, "add", FUEL);
        call(sub, "sub", Limits.DEFAULT);
        engine.saveTranslated(add);
        engine.saveTranslated(sub);
        assertThat(entries()).isEqualTo(3);

        engine.removeFromCodeCache(add.codeCacheName().orElseThrow());

        assertThat(entries()).isEqualTo(1);
        assertThat(engine.compile(ADD).fromCodeCache()).isFalse();
        assertThat(engine.compile(SUB).fromCodeCache()).isTrue();
        assertThat(call(add, "add", Limits.DEFAULT)).isEqualTo(8);
    }

    /** Code that was taken from it is read when it is first called. */
    @Test
    void aModuleWhoseCodeIsRemovedGoesOn() {
        Module first = engine.compile(ADD);
        call(first, "add", Limits.DEFAULT);
        engine.saveTranslated(first);
        Module module = engine.compile(ADD);
        assertThat(module.fromCodeCache()).isTrue();

        engine.removeFromCodeCache(module.codeCacheName().orElseThrow());

        assertThat(call(module, "add", Limits.DEFAULT)).isEqualTo(8);
    }

    @Test
    void anotherNameThanAModulesIsRefused() {
        for (String name : new String[] {"", "*", "../../etc", "0123456789abcdef"}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> engine.removeFromCodeCache(name));
        }
    }

    @Test
    void aDirectoryThatIsGoneIsSaidAndDoesNoOtherHarm() throws IOException {
        Module module = engine.compile(ADD);
        call(module, "add", Limits.DEFAULT);
        assertThat(Engine.deleteCodeCache(folder)).isTrue();
        assertThat(folder).doesNotExist();

        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> engine.saveTranslated(module));
        engine.pruneCodeCache(0);
        engine.removeFromCodeCache(module.codeCacheName().orElseThrow());

        assertThat(call(module, "add", Limits.DEFAULT)).isEqualTo(8);
        assertThat(call(engine.compile(SUB), "sub", Limits.DEFAULT)).isEqualTo(2);
        assertThat(Engine.codeCacheSize(folder)).isZero();
        assertThat(Engine.deleteCodeCache(folder)).isFalse();
    }

    @Test
    void withoutACacheThereIsNothingToDo() {
        Engine without = Engine.create();
        Module module = without.compile(ADD);
        call(module, "add", Limits.DEFAULT);

        assertThat(without.saveTranslated(module)).isFalse();
        assertThat(module.codeCacheName()).isEmpty();
        without.pruneCodeCache(0);
    }
}
