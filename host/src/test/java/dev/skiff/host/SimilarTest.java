package dev.skiff.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SimilarTest {
    private static final List<String> WORDS = List.of("run", "compile", "inspect", "--max-memory", "--fuel");

    @Test
    void aSlipOfTheFingerIsRecognized() {
        assertThat(Similar.to("rnu", WORDS)).contains("run");
        assertThat(Similar.to("complie", WORDS)).contains("compile");
        assertThat(Similar.to("inspct", WORDS)).contains("inspect");
        assertThat(Similar.to("--max-mem", WORDS)).contains("--max-memory");
        assertThat(Similar.to("--feul", WORDS)).contains("--fuel");
    }

    @Test
    void whatIsLikeNothingGetsNoHint() {
        assertThat(Similar.to("deploy", WORDS)).isEmpty();
        assertThat(Similar.to("--x", WORDS)).isEmpty();
        assertThat(Similar.to("anything", List.of())).isEmpty();
    }
}
