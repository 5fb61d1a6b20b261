package dev.skiff.wasm.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.skiff.wasm.MemoryKind;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Cases that failed once: modules in the folder {@code regressions}, each with its scenario and what it must do. */
class RegressionTest {
    private static final List<SkiffRunner> RUNNERS = List.of(
            SkiffRunner.of(MemoryKind.OFF_HEAP),
            SkiffRunner.of(MemoryKind.HEAP),
            SkiffRunner.splitting(MemoryKind.OFF_HEAP, 100),
            SkiffRunner.metered(MemoryKind.HEAP, 100),
            SkiffRunner.far(100));

    @TestFactory
    Stream<DynamicTest> whatFailedOnceDoesNotFailAgain() throws IOException, URISyntaxException {
        var folder = Path.of(RegressionTest.class.getResource("/regressions").toURI());
        List<Path> modules;
        try (var files = Files.list(folder)) {
            modules = files.filter(file -> file.toString().endsWith(".wasm"))
                    .sorted()
                    .toList();
        }
        return modules.stream().map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
    }

    private static void check(Path module) throws IOException {
        var scenario = Scenario.parse(Files.readAllBytes(module), Files.readAllLines(sibling(module, ".scenario")));
        var expected = new Outcome(Files.readAllLines(sibling(module, ".expected")));
        for (var runner : RUNNERS) {
            assertThat(DeepStack.run(() -> runner.run(scenario)).difference(expected))
                    .as(runner.name())
                    .isEmpty();
        }
    }

    private static Path sibling(Path module, String ending) {
        return module.resolveSibling(module.getFileName().toString().replace(".wasm", ending));
    }
}
