package dev.skiff.host;

import static dev.skiff.host.Programs.ADD;
import static dev.skiff.host.Programs.EMPTY;
import static dev.skiff.host.Programs.LOOP;
import static dev.skiff.host.Programs.OPEN;
import static dev.skiff.host.Programs.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Module;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ExecutionTest {
    private final Engine engine = Engine.create();
    private final Runner runner = new Runner(engine);

    @Test
    void aCommandRunsToItsEnd() {
        Execution execution = runner.prepare(workload(EMPTY).build());

        assertThat(execution.state()).isInstanceOf(ExecutionState.Prepared.class);
        assertThat(execution.status()).isEmpty();
        assertThat(execution.run()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(execution.status()).contains(ExitStatus.Exited.SUCCESS);
    }

    @Test
    void whatIsOverStaysOver() throws InterruptedException {
        Execution execution = runner.prepare(workload(EMPTY).build());
        execution.run();

        execution.stop(15);
        assertThat(execution.run()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
    }

    @Test
    void anExportIsInvokedWithArgumentsAsText() {
        Execution execution = runner.prepare(workload(ADD)
                .entryPoint(new EntryPoint.Invoke("add", List.of("40", "0x2")))
                .build());

        assertThat(execution.run()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(execution.results()).containsExactly("42");
    }

    @Test
    void aModuleThatIsRememberedIsNotReadTwice() {
        Runner remembering = new Runner(engine, 1);
        Module first = remembering.prepare(workload(LOOP).build()).module();

        assertThat(remembering.prepare(workload(LOOP).build()).module()).isSameAs(first);
        remembering.prepare(workload(ADD)
                .entryPoint(new EntryPoint.Invoke("add", List.of("1", "2")))
                .build());
        assertThat(remembering.prepare(workload(LOOP).build()).module()).isNotSameAs(first);
        assertThat(runner.prepare(workload(LOOP).build()).module())
                .isNotSameAs(runner.prepare(workload(LOOP).build()).module());
    }

    @Test
    void itIsCountedHowOftenAModuleWasRemembered() {
        Runner remembering = new Runner(engine, 1);
        for (int i = 0; i < 3; i++) {
            remembering.prepare(workload(LOOP).build());
        }
        assertThatThrownBy(() -> remembering.prepare(workload("01").build())).isInstanceOf(NotRunnableException.class);

        assertThat(remembering.moduleUse().hits()).isEqualTo(2);
        assertThat(remembering.moduleUse().misses()).isEqualTo(2);
        assertThat(remembering.moduleUse().loading()).isPositive();
    }

    @Test
    void aRunningGuestIsStoppedBySignal() throws InterruptedException {
        Execution execution = runner.prepare(workload(LOOP).build());
        execution.start();
        assertThat(execution.await(Duration.ofMillis(50))).isEmpty();
        assertThat(execution.state()).isInstanceOf(ExecutionState.Running.class);

        execution.stop(15);

        assertThat(execution.await(Duration.ofSeconds(5))).isEqualTo(Optional.of(new ExitStatus.Signalled(15)));
    }

    @Test
    void whatARunningGuestUsesIsKnown() throws InterruptedException {
        Execution execution = runner.prepare(workload(LOOP).build());
        assertThat(execution.usage()).isEqualTo(new Usage(0, Duration.ZERO));
        execution.start();
        while (execution.usage().cpu().isZero()) {
            Thread.sleep(1);
        }
        Duration before = execution.usage().cpu();

        execution.stop(9);
        execution.await();

        assertThat(execution.usage().cpu()).isGreaterThanOrEqualTo(before);
        assertThat(execution.usage().memoryBytes()).isZero();
    }

    @Test
    void theProcessorTimeOfAGuestIsKnownThoughNobodyAskedWhileItRan() {
        Execution execution = runner.prepare(workload(EMPTY).build());

        execution.run();

        assertThat(execution.usage().cpu()).isPositive();
    }

    @Test
    void theFirstSignalCounts() throws InterruptedException {
        Execution execution = runner.prepare(workload(LOOP).build());
        execution.start();

        execution.stop(15);
        execution.stop(9);

        assertThat(execution.await()).isEqualTo(new ExitStatus.Signalled(15));
    }

    @Test
    void whatIsStoppedBeforeItBeginsNeverRuns() {
        Execution execution = runner.prepare(workload(LOOP).build());

        execution.stop(2);

        assertThat(execution.run()).isEqualTo(new ExitStatus.Signalled(2));
    }

    @Test
    void itRunsOnceAtATime() throws InterruptedException {
        Execution execution = runner.prepare(workload(LOOP).build());
        execution.start();

        assertThatThrownBy(execution::run).isInstanceOf(IllegalStateException.class);

        execution.stop(9);
        execution.await();
    }

    @Test
    void aDeadlineEndsIt() {
        Limits limits = Limits.DEFAULT.withTimeout(Duration.ofMillis(50));

        ExitStatus status =
                runner.prepare(workload(LOOP).limits(limits).build()).run();

        assertThat(status.code()).isEqualTo(124);
        assertThat(status.reason()).contains("stopped: its time of 50 ms is up");
    }

    @Test
    void itOpensAsManyFilesAsItsLimitSays(@TempDir Path directory) {
        Workload.Builder workload = workload(OPEN)
                .directory(new dev.skiff.wasi.PreopenedDirectory(directory, "/", true))
                .limits(Limits.DEFAULT.withMaxOpenFiles(10));
        int tooManyOpenFiles = 33;

        assertThat(runner.prepare(workload.build()).run()).isEqualTo(new ExitStatus.Exited(tooManyOpenFiles));

        workload.limits(Limits.DEFAULT.withMaxOpenFiles(0));
        assertThat(runner.prepare(workload.build()).run())
                .isInstanceOf(ExitStatus.NotRunnable.class)
                .matches(status -> status.reason().orElseThrow().contains("0 open files"));
    }

    @Test
    void itsSocketsListenBeforeItStartsAndAreClosedAfterwards() throws IOException {
        Execution execution = runner.prepare(
                workload(EMPTY).listener(Listener.parse("127.0.0.1:0")).build());
        InetSocketAddress address = execution.listening().getFirst().address();

        assertThat(address.getPort()).isPositive();
        assertThatThrownBy(() -> bind(address)).isInstanceOf(IOException.class);
        execution.run();
        bind(address);
    }

    @Test
    void socketsOfARunThatNeverBeganAreClosed() throws IOException {
        Execution execution = runner.prepare(
                workload(EMPTY).listener(Listener.parse("127.0.0.1:0")).build());
        InetSocketAddress address = execution.listening().getFirst().address();

        execution.close();

        bind(address);
    }

    private static void bind(InetSocketAddress address) throws IOException {
        new ServerSocket(address.getPort(), 1, address.getAddress()).close();
    }

    @Test
    void anAddressThatIsTakenIsSaid() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Workload workload = workload(EMPTY)
                    .listener(Listener.parse("127.0.0.1:" + taken.getLocalPort()))
                    .build();

            assertThatThrownBy(() -> runner.prepare(workload))
                    .isInstanceOf(NotRunnableException.class)
                    .hasMessageMatching("it cannot listen on 127.0.0.1:\\d+: address (already )?in use");
        }
    }

    @Test
    void aModuleWithoutStartIsNoCommand() {
        assertThatThrownBy(() -> runner.prepare(workload(ADD).build()))
                .isInstanceOf(NoEntryPointException.class)
                .hasMessage("it is not a program: it has no _start function; it exports add (i32, i32) -> (i32)");
    }

    @Test
    void whatAModuleShouldHaveIsLookedForFirst(@TempDir Path directory) {
        Workload.Builder invoke = workload(ADD).entryPoint(new EntryPoint.Invoke("ad", List.of()));
        Path missing = directory.resolve("missing");

        assertThatThrownBy(() -> runner.prepare(invoke.build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessage("it exports no function ad (did you mean add?); it exports add (i32, i32) -> (i32)");
        assertThatThrownBy(() -> runner.prepare(workload(EMPTY)
                        .directory(new dev.skiff.wasi.PreopenedDirectory(missing, "data", true))
                        .build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessage("it was given the directory " + missing + ", which does not exist");
    }
}
