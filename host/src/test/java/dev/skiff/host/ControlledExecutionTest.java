package dev.skiff.host;

import static dev.skiff.host.Programs.EMPTY;
import static dev.skiff.host.Programs.GROW;
import static dev.skiff.host.Programs.LOOP;
import static dev.skiff.host.Programs.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.skiff.host.ExecutionState.Ended;
import dev.skiff.host.ExecutionState.Paused;
import dev.skiff.host.ExecutionState.Prepared;
import dev.skiff.host.ExecutionState.Running;
import dev.skiff.host.ExecutionState.Stopping;
import dev.skiff.wasm.CpuThrottling;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Store;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Executions that are paused and whose limits change, in each state. */
@Timeout(60)
class ControlledExecutionTest {
    private static final long PAGE = 65_536;
    /** So little that what guests use in a millisecond is paid back in days. */
    private static final OptionalDouble NEXT_TO_NOTHING = OptionalDouble.of(1e-9);

    private static final Limits ONE_PAGE =
            Limits.DEFAULT.withMaxMemoryBytes(PAGE).withMemoryCeilingBytes(10 * PAGE);

    private final Engine engine = Engine.create();
    private final Runner runner = new Runner(engine);

    private Execution prepare(String program) {
        return runner.prepare(workload(program).build());
    }

    @Test
    void aPausedGuestUsesNoProcessorUntilItIsResumed() throws InterruptedException {
        Execution execution = prepare(LOOP);
        execution.start();
        awaitWork(execution);

        execution.pause();
        execution.pause();

        assertThat(execution.state()).isInstanceOf(Paused.class);
        awaitRest(execution);

        execution.resume();
        execution.resume();

        assertThat(execution.state()).isInstanceOf(Running.class);
        awaitWork(execution);
        execution.stop(9);
        assertThat(execution.await()).isEqualTo(new ExitStatus.Signalled(9));
    }

    @Test
    void whatIsPausedBeforeItBeginsWaitsWhenItDoes() throws InterruptedException {
        Execution execution = prepare(GROW);

        execution.pause();
        assertThat(execution.state()).isEqualTo(new Prepared(true));
        execution.start();

        assertThat(execution.state()).isInstanceOf(Paused.class);
        awaitRest(execution);
        assertThat(execution.status()).isEmpty();
        execution.resume();
        assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
    }

    @Test
    void whatIsResumedBeforeItBeginsDoesNotWait() {
        Execution execution = prepare(GROW);

        execution.resume();
        execution.pause();
        execution.resume();

        assertThat(execution.state()).isEqualTo(new Prepared(false));
        assertThat(execution.run()).isEqualTo(ExitStatus.Exited.SUCCESS);
    }

    @Test
    void aPausedGuestIsStoppedBySignal() throws InterruptedException {
        Execution execution = prepare(LOOP);
        execution.start();
        execution.pause();
        awaitRest(execution);

        execution.stop(15);

        assertThat(execution.await()).isEqualTo(new ExitStatus.Signalled(15));
    }

    @Test
    void aPausedGuestEndsAtItsDeadline() {
        Limits limits = Limits.DEFAULT.withTimeout(Duration.ofMillis(50));
        Execution execution = runner.prepare(workload(LOOP).limits(limits).build());

        execution.pause();

        assertThat(execution.run()).isInstanceOf(ExitStatus.LimitReached.class);
    }

    @Test
    void aGuestThatIsStoppingIsNotPaused() {
        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Stopping stopping = new Stopping(store, 9);

            assertThat(stopping.paused()).isEqualTo(stopping);
            assertThat(stopping.resumed()).isEqualTo(stopping);
        }
    }

    @Test
    void nothingChangesAfterTheEnd() {
        Execution execution = prepare(EMPTY);
        execution.run();
        Limits before = execution.limits();

        execution.pause();
        execution.resume();
        execution.changeMaxMemoryBytes(PAGE);
        execution.changeCpuQuota(OptionalDouble.of(0.5));

        assertThat(execution.state()).isEqualTo(new Ended(ExitStatus.Exited.SUCCESS));
        assertThat(execution.limits()).isEqualTo(before);
    }

    @Test
    void memoryGrowsUpToALimitThatWasRaisedBeforeTheStart() {
        Execution execution = runner.prepare(workload(GROW).limits(ONE_PAGE).build());

        execution.changeMaxMemoryBytes(2 * PAGE);

        assertThat(execution.limits().maxMemoryBytes()).isEqualTo(2 * PAGE);
        assertThat(execution.run()).isEqualTo(ExitStatus.Exited.SUCCESS);
    }

    @Test
    void memoryGrowsUpToALimitThatWasRaisedMeanwhile() throws InterruptedException {
        Execution execution = runner.prepare(workload(GROW).limits(ONE_PAGE).build());
        execution.start();
        awaitWork(execution);
        assertThatIllegalArgumentException().isThrownBy(() -> execution.changeMaxMemoryBytes(11 * PAGE));

        execution.pause();
        execution.changeMaxMemoryBytes(2 * PAGE);
        execution.resume();

        assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(execution.limits().maxMemoryBytes()).isEqualTo(2 * PAGE);
    }

    @Test
    void theShareOfAProcessorCanBeSetBeforeTheStartAndLiftedLater() throws InterruptedException {
        Execution execution = prepare(LOOP);
        execution.changeCpuQuota(NEXT_TO_NOTHING);
        execution.start();
        awaitRest(execution);
        assertThat(execution.limits().cpuQuota()).isEqualTo(NEXT_TO_NOTHING);

        execution.changeCpuQuota(OptionalDouble.empty());

        awaitWork(execution);
        CpuThrottling throttling = execution.usage().throttling();
        assertThat(throttling.throttled()).isPositive();
        assertThat(throttling.throttledPeriods()).isPositive();
        execution.stop(9);
        execution.await();
        assertThat(execution.usage().throttling()).isEqualTo(throttling);
    }

    /** Waits until it has used more of the processor. */
    private static void awaitWork(Execution execution) throws InterruptedException {
        Duration before = execution.usage().cpu();
        while (execution.usage().cpu().minus(before).compareTo(Duration.ofMillis(20)) < 0) {
            Thread.sleep(1);
        }
    }

    /** Waits until it has begun and uses no processor any more. */
    private static void awaitRest(Execution execution) throws InterruptedException {
        Duration before;
        do {
            before = execution.usage().cpu();
            Thread.sleep(50);
        } while (before.isZero() || !execution.usage().cpu().equals(before));
    }
}
