package dev.skiff.wasm.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Writes failing cases to files: the module, its scenario, what is expected, and a listing. */
final class Report {
    private final Path directory;

    Report(Path directory) {
        this.directory = directory;
    }

    /** Writes a case that was not reduced; returns where. */
    Path write(String name, RandomModule module) {
        return write(name, Scenario.of(module));
    }

    /** Reduces a case as long as it fails in the same way, then writes it; changes the module. */
    Path reduce(String name, RandomModule module, Differential differential, long seed, Duration time) {
        var first = differential.run(Scenario.of(module), seed);
        if (first.isEmpty()) {
            throw new IllegalArgumentException("does not fail: " + name);
        }
        String kind = first.get().kind();
        var smallest = Reducer.reduce(
                module,
                scenario -> differential
                        .run(scenario, seed)
                        .filter(failure -> failure.kind().equals(kind))
                        .isPresent(),
                time);
        return write(name, smallest);
    }

    private Path write(String name, Scenario scenario) {
        try {
            Files.createDirectories(directory);
            var expected = new Model().run(scenario);
            Files.write(directory.resolve(name + ".scenario"), scenario.describe());
            Files.write(directory.resolve(name + ".expected"), expected.lines());
            Files.writeString(directory.resolve(name + ".listing"), Listing.of(scenario.program()));
            return Files.write(directory.resolve(name + ".wasm"), scenario.wasm());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
