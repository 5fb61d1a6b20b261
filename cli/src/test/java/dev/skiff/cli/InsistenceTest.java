package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class InsistenceTest {
    private static final int INT = 2;
    private static final int TERM = 15;

    /** A moment, of a clock that begins anywhere and turns over. */
    private static long at(long millis) {
        return Long.MAX_VALUE
                - Duration.ofSeconds(1).toNanos()
                + Duration.ofMillis(millis).toNanos();
    }

    @Test
    void theThirdSignalWithinTwoSecondsInsists() {
        Insistence insistence = new Insistence();

        assertThat(insistence.isShownBy(INT, at(0))).isFalse();
        assertThat(insistence.isShownBy(INT, at(1_000))).isFalse();
        assertThat(insistence.isShownBy(INT, at(2_000))).isTrue();
        assertThat(insistence.isShownBy(INT, at(2_500))).isTrue();
    }

    @Test
    void signalsWithMoreTimeBetweenDoNot() {
        Insistence insistence = new Insistence();

        for (int i = 0; i < 10; i++) {
            assertThat(insistence.isShownBy(INT, at(1_001 * i))).isFalse();
        }
    }

    @Test
    void othersDoNotCount() {
        Insistence insistence = new Insistence();

        for (int i = 0; i < 2; i++) {
            assertThat(insistence.isShownBy(INT, at(i))).isFalse();
            assertThat(insistence.isShownBy(TERM, at(i))).isFalse();
        }
        assertThat(insistence.isShownBy(TERM, at(3))).isTrue();
    }
}
