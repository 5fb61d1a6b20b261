package dev.skiff.wasm.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    @Test
    void aModuleIsRemovedForAllOptionsAndNoOther() {
        CodeCache cache = CodeCache.open(directory);
        String module = cache.identify(MODULE);
        String other = cache.identify(CLASS_FILE);
        cache.write(new CacheKey(module, "one"), Map.of(7, CLASS_FILE));
        cache.write(new CacheKey(module, "two"), Map.of(7, CLASS_FILE));
        cache.write(new CacheKey(other, "one"), Map.of(7, CLASS_FILE));

        cache.remove(module);

        assertThat(cache.find(new CacheKey(module, "one"))).isEmpty();
        assertThat(cache.find(new CacheKey(module, "two"))).isEmpty();
        assertThat(cache.find(new CacheKey(other, "one"))).isPresent();
    }

    @Test
    void whatWasNotUsedForLongestGoesFirst() throws IOException {
        CodeCache cache = CodeCache.open(directory);
        long size = 0;
        for (String options : List.of("a", "b", "c")) {
            cache.write(new CacheKey(cache.identify(MODULE), options), Map.of(7, CLASS_FILE));
            Path file = entry();
            size = Files.size(file);
            // One after the other, the last of them three hours ago.
            Files.move(file, directory.resolve(options));
            age(directory.resolve(options), Duration.ofHours(3 + 'c' - options.charAt(0)));
        }
        for (String options : List.of("a", "b", "c")) {
            Files.move(directory.resolve(options), directory.resolve("0".repeat(32) + "-" + options + ".code"));
        }
        assertThat(new CacheFiles(directory).size()).isEqualTo(3 * size);

        cache.prune(3 * size);
        assertThat(names()).containsExactlyInAnyOrder("a", "b", "c");
        cache.prune(2 * size);
        assertThat(names()).containsExactlyInAnyOrder("b", "c");
        cache.prune(2 * size - 1);
        assertThat(names()).containsExactly("c");
        cache.prune(0);
        assertThat(names()).isEmpty();
    }

    @Test
    void toFindAnEntryIsToUseIt() throws IOException {
        CodeCache cache = CodeCache.open(directory);
        CacheKey name = new CacheKey(cache.identify(MODULE), "options");
        cache.write(name, Map.of(7, CLASS_FILE));
        age(entry(), Duration.ofDays(9));

        cache.find(name).orElseThrow().close();

        assertThat(Files.getLastModifiedTime(entry()).toInstant())
                .isAfter(Instant.now().minus(Duration.ofDays(1)));
    }

    @Test
    void anEntryThatIsClosedHasNothing() {
        CodeCache cache = CodeCache.open(directory);
        CacheKey name = new CacheKey(cache.identify(MODULE), "options");
        cache.write(name, Map.of(7, CLASS_FILE));
        CacheEntry entry = cache.find(name).orElseThrow();

        entry.close();

        assertThat(entry.classFile(7)).isEmpty();
    }

    @Test
    void whatAnotherProcessLeftHalfWrittenIsRemovedLater() throws IOException {
        CodeCache cache = CodeCache.open(directory);
        Path left = Files.writeString(directory.resolve("new-1.tmp"), "half");
        Path young = Files.writeString(directory.resolve("new-2.tmp"), "half");
        age(left, Duration.ofHours(2));

        cache.prune(Long.MAX_VALUE);

        assertThat(left).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void filesOfOthersStay() throws IOException {
        CodeCache cache = CodeCache.open(directory.resolve("code"));
        cache.write(new CacheKey(cache.identify(MODULE), "options"), Map.of(7, CLASS_FILE));
        Path other = Files.writeString(directory.resolve("code/notes"), "mine");

        cache.prune(0);
        assertThat(new CacheFiles(directory.resolve("code")).delete()).isTrue();

        assertThat(directory.resolve("code")).isDirectoryContaining(other::equals);
        assertThat(directory.resolve("code/seal-key")).doesNotExist();
        assertThat(new CacheFiles(directory.resolve("code")).delete()).isFalse();
    }

    private static void age(Path file, Duration by) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(by)));
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".code"))
                    .map(name -> name.substring(33, 34))
                    .toList();
        }
    }

    private Path entry() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".code"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
