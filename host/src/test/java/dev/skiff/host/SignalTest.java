package dev.skiff.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.wasi.StandardInput;
import dev.skiff.wasi.StandardOutput;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.TrapCode;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals for executions, with the program of {@code guests/signals-c}. */
@Timeout(60)
class SignalTest {
    private static final Path PROGRAM =
            Path.of("").toAbsolutePath().getParent().resolve("guests/signals-c/signals-c.wasm");
    private static final int USR1 = 10;
    private static final int TERM = 15;
    private static final int WINDOW = 28;

    private final Engine engine = Engine.create();
    private final Lines output = new Lines();
    private Descriptors.Pipe input;

    /** What a program writes. */
    private static final class Lines extends ByteArrayOutputStream {
        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            super.write(bytes, from, length);
            notifyAll();
        }

        @Override
        public synchronized String toString() {
            return super.toString(StandardCharsets.UTF_8);
        }

        synchronized void await(String line) throws InterruptedException {
            while (!toString().contains(line + "\n")) {
                wait();
            }
        }
    }

    @BeforeEach
    void openInput() {
        input = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
    }

    @AfterEach
    void closeInput() {
        Descriptors.close(input.reader());
        Descriptors.close(input.writer());
    }

    private Workload.Builder program(String... arguments) {
        return Workload.of(new ModuleSource.OfFile(PROGRAM))
                .arguments(Stream.concat(Stream.of("signals"), Arrays.stream(arguments))
                        .toList())
                .stdio(new Stdio(
                        new StandardInput.HostDescriptor(input.reader()),
                        new StandardOutput.Stream(output),
                        StandardOutput.DISCARD));
    }

    private Execution begun(Workload.Builder workload) throws InterruptedException {
        Execution execution = new Runner(engine).prepare(workload.build());
        execution.start();
        output.await("ready 0");
        return execution;
    }

    @Test
    void aProgramThatWaitsFinishesInItsOwnTime() throws InterruptedException {
        Execution execution = begun(program("wait"));
        assertThat(execution.knowsSignals()).isTrue();

        execution.signal(USR1);
        output.await("signal 10");
        execution.signal(WINDOW);
        output.await("signal 28");
        execution.signal(TERM);

        assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(output.toString()).startsWith("ready 0\nsignal 10\n").endsWith("signal 15\ninterrupted 1\ndone 1\n");
    }

    @Test
    void noSignalIsLostWhateverTheProgramDoesAtTheMoment() throws InterruptedException {
        Runner runner = new Runner(engine, 1);
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 300; i++) {
            Execution execution =
                    runner.prepare(program(i % 2 == 0 ? "wait" : "work").build());
            execution.start();
            LockSupport.parkNanos(random.nextLong(3_000_000));
            execution.signal(TERM);
            assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
            assertThat(output.toString()).endsWith("done 1\n");
            output.reset();
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void aServerFinishesTheAnswerThatItHasBegun(MemoryKind kind) throws Exception {
        try (Engine other = Engine.builder().memoryKind(kind).build()) {
            Execution execution = new Runner(other)
                    .prepare(program("serve", "3")
                            .listener(Listener.parse("127.0.0.1:0"))
                            .build());
            execution.start();
            int port = execution.listening().getFirst().address().getPort();
            try (Socket client = new Socket()) {
                client.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
                output.await("accepted 4");
                execution.signal(TERM);
                output.await("signal 15");
                client.getOutputStream().write('\n');
                assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("last\n");
            }
            assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
        }
    }

    @Test
    void aProgramThatComputesGetsItsSignalsAtItsNextCall() throws InterruptedException {
        Execution execution = begun(program("work"));

        execution.signal(TERM);

        assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(output.toString()).isEqualTo("ready 0\nsignal 15\ndone 1\n");
    }

    @Test
    void fuelIsCountedInHandlersToo() throws InterruptedException {
        Execution execution = begun(program("loop").limits(Limits.DEFAULT.withFuel(10_000_000)));

        execution.signal(TERM);

        assertThat(execution.await()).isInstanceOf(ExitStatus.LimitReached.class);
    }

    @Test
    void aHandlerEndsAtTheDeadline() throws InterruptedException {
        Execution execution = begun(program("loop").limits(Limits.DEFAULT.withTimeout(Duration.ofSeconds(1))));

        execution.signal(TERM);

        assertThat(execution.await()).isInstanceOf(ExitStatus.LimitReached.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stay", "loop", "work"})
    void killEndsAProgramWhateverItKnows(String mode) throws InterruptedException {
        Execution execution = begun(program(mode));
        if (mode.equals("stay") || mode.equals("loop")) {
            execution.signal(TERM);
            output.await("signal 15");
        }

        execution.signal(9);

        assertThat(execution.await()).isEqualTo(new ExitStatus.Signalled(9));
    }

    @Test
    void stoppingEndsAProgramThatKnowsTheSignal() throws InterruptedException {
        Execution execution = begun(program("wait"));

        execution.stop(TERM);

        assertThat(execution.await()).isEqualTo(new ExitStatus.Signalled(TERM));
        assertThat(output.toString()).isEqualTo("ready 0\n");
    }

    @Test
    void aHandlerMayExit() throws InterruptedException {
        Execution execution = begun(program("exit", "7"));

        execution.signal(TERM);

        assertThat(execution.await()).isEqualTo(new ExitStatus.Exited(7));
    }

    @Test
    void aTrapInAHandlerIsATrapOfTheProgram() throws InterruptedException {
        Execution execution = begun(program("trap"));

        execution.signal(TERM);

        assertThat(execution.await())
                .isInstanceOfSatisfying(
                        ExitStatus.Trapped.class,
                        trapped -> assertThat(trapped.cause()).contains(TrapCode.UNREACHABLE));
    }

    @Test
    void aHandlerThatNeedsMoreStackThanThereIsTraps() throws InterruptedException {
        Execution execution = begun(program("deep"));

        execution.signal(TERM);

        assertThat(execution.await())
                .isInstanceOfSatisfying(
                        ExitStatus.Trapped.class,
                        trapped -> assertThat(trapped.cause())
                                .hasValueSatisfying(cause -> assertThat(cause)
                                        .isIn(TrapCode.CALL_STACK_EXHAUSTED, TrapCode.MEMORY_OUT_OF_BOUNDS)));
    }

    @Test
    void aSignalBeforeTheBeginningWaits() throws InterruptedException {
        Execution execution = new Runner(engine).prepare(program("wait").build());

        execution.signal(TERM);
        assertThat(execution.status()).isEmpty();

        assertThat(execution.run()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(output.toString()).contains("signal 15\n").endsWith("done 1\n");
    }

    @Test
    void aPausedProgramGetsItsSignalsWhenItIsResumed() throws InterruptedException {
        Execution execution = begun(program("wait"));
        execution.pause();

        execution.signal(TERM);
        assertThat(execution.await(Duration.ofMillis(200))).isEmpty();
        assertThat(output.toString()).isEqualTo("ready 0\n");
        execution.resume();

        assertThat(execution.await()).isEqualTo(ExitStatus.Exited.SUCCESS);
    }

    @Test
    void aPausedProgramIsKilled() throws InterruptedException {
        Execution execution = begun(program("wait"));
        execution.pause();

        execution.signal(TERM);
        execution.signal(9);

        assertThat(execution.await()).isEqualTo(new ExitStatus.Signalled(9));
    }

    @Test
    void whatAProgramRaisesItHasHandledWhenTheCallReturns() throws InterruptedException {
        assertThat(begun(program("raise", "15")).await()).isEqualTo(ExitStatus.Exited.SUCCESS);
        assertThat(output.toString()).isEqualTo("ready 0\nsignal 15\nraised 0\ndone 1\n");
    }

    @Test
    void aProgramEndsItself() throws InterruptedException {
        assertThat(begun(program("raise", "9")).await()).isEqualTo(new ExitStatus.Signalled(9));
    }

    @Test
    void signalsAfterTheEndDoNothing() throws InterruptedException {
        Execution execution = begun(program("raise", "1"));
        ExitStatus end = execution.await();

        execution.signal(TERM);
        execution.signal(9);

        assertThat(execution.status()).isEqualTo(Optional.of(end));
    }

    @Test
    void aProgramThatDoesNotKnowSignalsEndsByThoseThatEndAProcess() throws InterruptedException {
        Execution execution =
                new Runner(engine).prepare(Programs.workload(Programs.LOOP).build());
        assertThat(execution.knowsSignals()).isFalse();
        execution.start();

        List.of(17, 18, 19, 20, 21, 22, 23, WINDOW).forEach(execution::signal);
        assertThat(execution.state()).isInstanceOf(ExecutionState.Running.class);
        execution.signal(TERM);

        assertThat(execution.await()).isEqualTo(new ExitStatus.Signalled(TERM));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65})
    void thereAre64Signals(int signal) {
        Execution execution = new Runner(engine).prepare(program("wait").build());

        assertThatIllegalArgumentException().isThrownBy(() -> execution.signal(signal));
    }
}
