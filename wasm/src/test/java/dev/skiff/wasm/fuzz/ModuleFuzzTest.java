package dev.skiff.wasm.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Suites;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Damaged modules from fixed seeds; see {@link ModuleFuzz}. */
class ModuleFuzzTest {
    private static final int LARGEST = 4_096;

    @Tag("slow")
    @Test
    void damagedModulesOfTheSpecificationTestsFailInTheRightWay() throws IOException {
        try (var files = Files.walk(Suites.unzipped("wasm-spec-3.0"))) {
            var modules = files.filter(file -> file.toString().endsWith(".wasm"))
                    .sorted()
                    .map(ModuleFuzzTest::read)
                    .filter(module -> module.length <= LARGEST)
                    .toList();
            assertThat(validAmong(modules, 2_000)).isPositive();
        }
    }

    @Tag("slow")
    @Test
    void damagedRandomModulesFailInTheRightWay() {
        var modules = new ArrayList<byte[]>();
        for (long seed = 0; seed < 100; seed++) {
            var module = RandomModule.of(seed, Shape.Profile.SMALL, EnumSet.allOf(Trait.class));
            modules.add(Encoder.encode(module.program()));
        }
        assertThat(validAmong(modules, 600)).isPositive();
    }

    private static int validAmong(List<byte[]> modules, int count) {
        var fuzz = new ModuleFuzz(1);
        var rng = new Rng(2);
        int valid = 0;
        for (int i = 0; i < count; i++) {
            byte[] damaged = fuzz.damage(rng.pick(modules));
            try {
                valid += DeepStack.run(() -> fuzz.accepts(damaged)) ? 1 : 0;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("failed: " + HexFormat.of().formatHex(damaged), e);
            }
        }
        return valid;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
