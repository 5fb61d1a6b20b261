package dev.skiff.wasm.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The model is worth its name: other engines agree with it. */
class OracleTest {
    private static final int SEEDS = 60;

    @Test
    void theModelAgreesWithEndive() {
        // Endive's interpreter wraps large offsets, rounds some conversions twice and fails when a table cannot grow.
        assertThat(agreements(new EndiveRunner())).isGreaterThan(SEEDS * 9 / 10);
    }

    private static int agreements(Runner other) {
        int count = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            var scenario = Scenario.of(RandomModule.of(seed, Shape.Profile.SMALL, other.traits()));
            if (DeepStack.run(() -> agrees(other, scenario))) {
                count++;
            }
        }
        return count;
    }

    private static boolean agrees(Runner other, Scenario scenario) {
        try {
            return new Model().run(scenario).difference(other.run(scenario)).isEmpty();
        } catch (RuntimeException e) {
            return false;
        }
    }
}
