package dev.skiff.wasm.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeCacheTest {
    private static final byte[] MODULE = {0, 1, 2};
    private static final byte[] CLASS_FILE = {3, 4, 5, 6};

    @TempDir
    private Path directory;

    @Test
    void givesBackWhatWasWritten() {
        CodeCache cache = CodeCache.open(directory);
        CacheKey name = new CacheKey(cache.identify(MODULE), "options");

        cache.write(name, Map.of(7, CLASS_FILE));

        assertThat(CodeCache.open(directory).find(name).orElseThrow().classFile(7))
                .contains(CLASS_FILE);
    }

    @Test
    void distrustsAnEntryWithAnyByteChanged() throws IOException {
        CodeCache cache = CodeCache.open(directory);
        CacheKey name = new CacheKey(cache.identify(MODULE), "options");
        cache.write(name, Map.of(7, CLASS_FILE));
        Path file = entry();
        byte[] bytes = Files.readAllBytes(file);

        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            Files.write(file, changed);

            assertThat(cache.find(name).flatMap(entry -> entry.classFile(7)))
                    .as("byte %d changed", i)
                    .isEmpty();
        }
    }

    @Test
    void distrustsAnEntryThatWasMadeWithAnotherKey() throws IOException {
        CodeCache cache = CodeCache.open(directory);
        CacheKey name = new CacheKey(cache.identify(MODULE), "options");
        cache.write(name, Map.of(7, CLASS_FILE));
        Path file = entry();
        byte[] foreign = Files.readAllBytes(file);

        Files.delete(directory.resolve("seal-key"));
        Files.delete(file);
        CodeCache other = CodeCache.open(directory);
        other.write(name, Map.of(7, CLASS_FILE));
        Files.write(entry(), foreign);

        assertThat(other.find(name)).isEmpty();
    }

    private Path entry() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".code"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
