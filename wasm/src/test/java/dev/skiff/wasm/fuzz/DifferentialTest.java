package dev.skiff.wasm.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Modules made from fixed seeds do on Skiff what they do on the oracles: the model, and V8 where Node is installed. The
 * environment variable {@code SKIFF_FUZZ_SEEDS} says how many seeds the long test takes.
 */
class DifferentialTest {
    private static final Report REPORT = new Report(Path.of("target", "fuzz"));
    private static final List<Runner> ORACLES = new ArrayList<>();

    @BeforeAll
    static void startNode() {
        NodeRunner.start().ifPresent(ORACLES::add);
    }

    @AfterAll
    static void stopNode() throws Exception {
        for (var oracle : ORACLES) {
            if (oracle instanceof NodeRunner node) {
                node.close();
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> everyProfileRunsAsOnTheOracles() {
        return Stream.of(Shape.Profile.values())
                .map(profile -> dynamicTest(profile + " modules", () -> run(profile, seeds(profile))));
    }

    private static int seeds(Shape.Profile profile) {
        return switch (profile) {
            case SMALL -> 60;
            case MEDIUM -> 25;
            case LARGE, DEEP, SWITCH, LOCALS, TALL, WIDE -> 6;
            case HUGE -> 1;
        };
    }

    private static void run(Shape.Profile profile, int seeds) {
        var differential = new Differential(ORACLES);
        for (long seed = 0; seed < seeds; seed++) {
            check(RandomModule.of(seed, profile, EnumSet.allOf(Trait.class)), differential, seed);
        }
    }

    @Test
    @Tag("campaign")
    void manySeedsRunAsOnTheOracles() {
        int seeds = Integer.parseInt(System.getenv().getOrDefault("SKIFF_FUZZ_SEEDS", "400"));
        var differential = new Differential(ORACLES);
        for (long seed = 0; seed < seeds; seed++) {
            check(RandomModule.of(seed, EnumSet.allOf(Trait.class)), differential, seed);
        }
    }

    private static void check(RandomModule module, Differential differential, long seed) {
        var failure = DeepStack.run(() -> differential.run(Scenario.of(module), seed));
        assertThat(failure)
                .as(() -> "seed " + seed + ", " + module.shape() + ", written to "
                        + REPORT.write(module.shape().profile() + "-" + seed, module))
                .isEmpty();
    }
}
