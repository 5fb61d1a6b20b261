package dev.skiff.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void medianIsTheMiddleWhateverTheOrder() {
        assertThat(Samples.of(List.of(9, 1, 5)).median()).isEqualTo(5);
    }

    @Test
    void theNinetyNinthPercentileLeavesOneInAHundredAbove() {
        Samples samples = Samples.of(IntStream.rangeClosed(1, 200).boxed().toList());

        assertThat(samples.quantile(0.99)).isEqualTo(198);
        assertThat(samples.worst()).isEqualTo(200);
    }

    @Test
    void aSingleSampleIsEveryQuantile() {
        Samples samples = Samples.of(List.of(7));

        assertThat(samples.quantile(0)).isEqualTo(7);
        assertThat(samples.quantile(1)).isEqualTo(7);
    }

    @Test
    void noSamplesAreRefused() {
        assertThatThrownBy(() -> Samples.of(List.<Integer>of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theGeometricMeanOfARatioAndItsInverseIsOne() {
        assertThat(Samples.geometricMean(List.of(4.0, 0.25))).isCloseTo(1, within(1e-12));
    }
}
