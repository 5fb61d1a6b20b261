package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Metrics.Kind;
import dev.skiff.host.ExitStatus;
import dev.skiff.wasm.TrapCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** What is counted of tasks. */
class MetricsTest {
    @Test
    void anEndIsCountedByItsReason() {
        Metrics metrics = new Metrics();

        metrics.ended(new ExitStatus.Exited(3));
        metrics.ended(ExitStatus.Exited.SUCCESS);
        metrics.ended(new ExitStatus.Trapped(Optional.of(TrapCode.UNREACHABLE), "unreachable", List.of()));
        metrics.ended(new ExitStatus.Trapped(Optional.empty(), "whatever a guest throws", List.of()));
        metrics.ended(new ExitStatus.NotFound("x"));

        assertThat(metrics.ends())
                .containsEntry(new EndReason("exited", ""), 2L)
                .containsEntry(new EndReason("trap", "unreachable"), 1L)
                .containsEntry(new EndReason("trap", "exception"), 1L)
                .containsEntry(new EndReason("not_found", ""), 1L)
                .containsEntry(new EndReason("signal", ""), 0L);
    }

    @Property
    void aDurationIsInTheFirstClassThatIncludesIt(@ForAll @LongRange(max = 60_000_000_000L) long nanos) {
        Latencies latencies = new Latencies();

        latencies.record(Duration.ofNanos(nanos));

        Latencies.Counts counts = latencies.counts();
        assertThat(counts.all()).isEqualTo(1);
        assertThat(counts.seconds()).isEqualTo(nanos / 1e9);
        int index = Arrays.stream(counts.counts()).boxed().toList().indexOf(1L);
        assertThat(nanos / 1e9).isLessThanOrEqualTo(counts.bounds()[index]);
        assertThat(index == 0 || nanos / 1e9 > counts.bounds()[index - 1]).isTrue();
    }

    @Test
    void programsAndPodsAreCountedApart() {
        Metrics metrics = new Metrics();

        metrics.created(Kind.POD, Duration.ofMillis(2));
        metrics.started(Kind.EXEC, Duration.ofSeconds(100));

        assertThat(metrics.creates(Kind.POD).all()).isEqualTo(1);
        assertThat(metrics.creates(Kind.CONTAINER).all()).isZero();
        assertThat(metrics.starts(Kind.EXEC).seconds()).isEqualTo(100);
    }
}
