package dev.skiff.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriversTest {
    @TempDir
    Path scratch;

    @Test
    void whatADriverPrintsIsReadByKey() {
        Outcome outcome = run("echo checksum 7; echo nanos 30; echo nanos 10; echo nanos 20");

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Figures.class, figures -> {
            assertThat(figures.text("checksum")).isEqualTo("7");
            assertThat(figures.samples("nanos").median()).isEqualTo(20);
        });
    }

    @Test
    void aDriverThatRefusesGivesItsReason() {
        assertThat(run("echo absent no code cache on disk; exit 3"))
                .isEqualTo(new Outcome.Missing("no code cache on disk"));
    }

    @Test
    void aDriverThatFailsGivesItsFirstComplaint() {
        assertThat(run("echo it broke >&2; echo somewhere >&2; exit 1"))
                .isEqualTo(new Outcome.Missing("failed with status 1: it broke"));
    }

    @Test
    void aDriverThatHangsIsEnded() {
        Outcome outcome = new Drivers(scratch, 1).run(peer(List.of("sleep")), "30");

        assertThat(outcome).isEqualTo(new Outcome.Missing("took more than 1 s"));
    }

    @Test
    void aDriverThatIsNotThereIsMissing() {
        Outcome outcome = new Drivers(scratch, 5).run(peer(List.of("/no/such/driver")), "kernel");

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Missing.class, m -> assertThat(m.reason()).startsWith("its driver does not start"));
    }

    private Outcome run(String script) {
        return new Drivers(scratch, 10).run(peer(List.of("sh", "-c")), script);
    }

    private static Peer peer(List<String> driver) {
        return new Peer("test", "Test", driver, Map.of(), Set.of(), 0, Optional.empty());
    }
}
