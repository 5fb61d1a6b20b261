package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is done with tasks of a real containerd while they run. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class ContainerdRunningTest {
    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static CtrTasks tasks;

    // JUnit tells start() only what a field or the constructor asks for.
    @Parameter
    @SuppressWarnings("UnusedVariable")
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        containerd = CONTAINERDS.start(version);
        tasks = CtrTasks.of(
                containerd,
                LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755),
                LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                LayerFile.of("cat.wasm", Guests.CAT, 0755),
                LayerFile.of("flood.wasm", Guests.FLOOD, 0755),
                LayerFile.of("loop.wasm", Guests.LOOP, 0755),
                LayerFile.of("trap.wasm", Guests.TRAP, 0755),
                LayerFile.of("text.wasm", "hello".getBytes(), 0755),
                LayerFile.of("work/empty", new byte[0], 0644),
                Guests.busyboxFile());
    }

    @ParameterizedTest
    @CsvSource({"SIGTERM, 143", "SIGKILL, 137", "SIGINT, 130"})
    void aSignalEndsAProgramThatDoesNotKnowIt(String signal, int status) throws Exception {
        String id = CtrTasks.id();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Output> output = executor.submit(() -> tasks.runAs(id, List.of(), "/loop.wasm"));
            Containerd.until("it runs", () -> tasks.status(id).equals("RUNNING"));
            containerd.ctr("task", "kill", "-s", "SIGCHLD", id);
            assertThat(tasks.status(id)).isEqualTo("RUNNING");

            containerd.ctr("task", "kill", "-s", signal, id);

            assertThat(output.get()).isEqualTo(new Output(status, "", ""));
        }
    }

    @Test
    void whatATaskUsesIsCounted() {
        String id = tasks.detached(List.of("--memory-limit", "33554432"), "/loop.wasm");

        Containerd.until("it has used the processor", () -> tasks.metric(id, "cpu.usage_usec") > 10_000);

        assertThat(tasks.metric(id, "pids.current")).isEqualTo(1);
        assertThat(tasks.metric(id, "memory.usage_limit")).isEqualTo(33_554_432);
        tasks.remove(id);
        String idle = tasks.detached("/flood.wasm");
        assertThat(tasks.metric(idle, "memory.usage")).isEqualTo(65_536);
        tasks.remove(idle);
    }

    @Test
    void aProgramGetsItsShareOfAProcessor() {
        String id = tasks.detached(List.of("--cpus", "0.2"), "/loop.wasm");
        try {
            Containerd.until("it was held back", () -> tasks.metric(id, "cpu.nr_throttled") > 2);
            assertThat(tasks.metric(id, "cpu.throttled_usec")).isPositive();
        } finally {
            tasks.remove(id);
        }
    }

    /** Whether a process that was added has begun, and not only been made. */
    private static boolean runs(String id, String process) {
        return Pattern.compile("^" + process + " +running ", Pattern.MULTILINE)
                .matcher(tasks.exec(id, "/skiff/ps").out())
                .find();
    }

    /** A busy machine may give it less for a while, and answer late; more than a tenth more it never has. */
    @Test
    void aShareIsKeptWithinATenthAndTheNeighbourIsNotSlowed() throws InterruptedException {
        String limited = tasks.detached(List.of("--cpus", "0.2"), "/loop.wasm");
        String neighbour = tasks.detached("/loop.wasm");
        try {
            Containerd.until("it was held back", () -> tasks.metric(limited, "cpu.nr_throttled") > 2);
            boolean kept = false;
            for (int i = 0; i < 10 && !kept; i++) {
                Use before = use(limited);
                Use neighbourBefore = use(neighbour);
                Thread.sleep(2_000);
                Use now = use(limited);
                kept = now.about(before) > 0.18
                        && now.about(before) < 0.22
                        && use(neighbour).about(neighbourBefore) > 0.8;
                assertThat(now.atLeast(before)).isLessThan(0.22);
            }
            assertThat(kept).isTrue();
            assertThat(tasks.metric(neighbour, "cpu.nr_throttled")).isZero();
        } finally {
            tasks.remove(limited);
            tasks.remove(neighbour);
        }
    }

    /** Processor time that a task had used at some time between two. */
    private record Use(long cpuMicros, long asked, long answered) {
        double about(Use before) {
            return share(before, (asked - before.asked + answered - before.answered) / 2);
        }

        double atLeast(Use before) {
            return share(before, answered - before.asked);
        }

        private double share(Use before, long nanos) {
            return (cpuMicros - before.cpuMicros) * 1_000.0 / nanos;
        }
    }

    private Use use(String id) {
        long asked = System.nanoTime();
        return new Use(tasks.metric(id, "cpu.usage_usec"), asked, System.nanoTime());
    }

    @Test
    void oneThatRunsIsNotDeleted() {
        String id = tasks.detached("/loop.wasm");

        assertThat(containerd.ctr("task", "rm", id).status()).isNotZero();
        assertThat(tasks.status(id)).isEqualTo("RUNNING");
        tasks.remove(id);
    }

    @Test
    void otherProgramsOfTheImageRunInATaskThatRuns() {
        String id = tasks.detached("/loop.wasm");
        try {
            assertThat(tasks.exec(id, "/hello.wasm", "port"))
                    .isEqualTo(new Output(0, "hello from C, arguments [port], GREETING ahoy\n", ""));
            assertThat(tasks.exec(id, "/exit.wasm", "7").status()).isEqualTo(7);
            assertThat(tasks.exec(id, "/trap.wasm").status()).isEqualTo(134);
            assertThat(tasks.exec(id, "/bin/busybox", "sh").err())
                    .contains("cannot run /bin/busybox: it is no WebAssembly module");
            assertThat(tasks.status(id)).isEqualTo("RUNNING");
        } finally {
            tasks.remove(id);
        }
        assertThat(tasks.exec(id, "/hello.wasm").status()).isNotZero();
    }

    @Test
    void everyTaskHasToolsToLookInside() {
        String id = tasks.detached("/loop.wasm");
        try {
            assertThat(tasks.exec(id, "/skiff/ls", "/work").out()).isEqualTo("empty\n");
            assertThat(tasks.exec(id, "/skiff/ls", "-l", "/").out()).containsPattern("- +\\d+ .* hello.wasm\\n");
            assertThat(tasks.exec(id, "/skiff/cat", "/text.wasm")).isEqualTo(new Output(0, "hello", ""));
            assertThat(tasks.exec(id, "/skiff/env").out()).contains("GREETING=ahoy\n");
            assertThat(tasks.exec(id, "/skiff/ps").out()).containsPattern("main +running ");
            assertThat(tasks.exec(id, "/skiff/cat", "/../../../etc/passwd"))
                    .matches(output -> output.status() == 1 && output.out().isEmpty());
            assertThat(tasks.exec(id, "/skiff/nothing").err()).contains("cannot run /skiff/nothing");
        } finally {
            tasks.remove(id);
        }
    }

    @Test
    void aProcessThatWasAddedIsKilledAloneOrWithItsTask() throws Exception {
        String id = tasks.detached("/loop.wasm");
        Path events = Files.createFile(containerd.folder().resolve("exec-events"));
        Process listener = containerd.listen(events);
        try (ExecutorService executor = Executors.newCachedThreadPool()) {
            String first = CtrTasks.id();
            Future<Output> alone =
                    executor.submit(() -> containerd.ctr("task", "exec", "--exec-id", first, id, "/loop.wasm"));
            Containerd.until("it runs", () -> runs(id, first));

            containerd.ctr("task", "kill", "--exec-id", first, "-s", "SIGTERM", id);

            assertThat(alone.get().status()).isEqualTo(143);
            assertThat(tasks.status(id)).isEqualTo("RUNNING");
            String second = CtrTasks.id();
            Future<Output> together =
                    executor.submit(() -> containerd.ctr("task", "exec", "--exec-id", second, id, "/loop.wasm"));
            Containerd.until("it runs", () -> runs(id, second));

            containerd.ctr("task", "kill", "-s", "SIGKILL", id);

            assertThat(together.get().status()).isEqualTo(137);
            Containerd.until("the events are there", () -> Containerd.has(events, "\"id\":\"" + id + "\""));
            assertThat(events)
                    .content()
                    .containsSubsequence(
                            "exec-added",
                            first,
                            "exec-started",
                            first,
                            "/tasks/exit",
                            first,
                            "exec-added",
                            second,
                            "/tasks/exit",
                            second,
                            "/tasks/exit",
                            "\"id\":\"" + id + "\"");
        } finally {
            listener.destroy();
            tasks.remove(id);
        }
    }

    @Test
    void aTaskIsPausedAndGoesOn() throws Exception {
        String id = tasks.detached("/loop.wasm");
        Path events = Files.createFile(containerd.folder().resolve("pause-events"));
        Process listener = containerd.listen(events);
        try {
            Containerd.until("it has used the processor", () -> tasks.metric(id, "cpu.usage_usec") > 1000);

            assertThat(containerd.ctr("task", "pause", id).status()).isZero();

            assertThat(tasks.status(id)).isEqualTo("PAUSED");
            Containerd.until("it uses the processor no more", () -> {
                long before = tasks.metric(id, "cpu.usage_usec");
                return tasks.metric(id, "cpu.usage_usec") == before;
            });
            long before = tasks.metric(id, "cpu.usage_usec");
            assertThat(containerd.ctr("task", "rm", id).status()).isNotZero();
            assertThat(containerd.ctr("task", "resume", id).status()).isZero();
            assertThat(tasks.status(id)).isEqualTo("RUNNING");
            Containerd.until("it goes on", () -> tasks.metric(id, "cpu.usage_usec") > before + 1000);
            assertThat(containerd.ctr("task", "resume", id).status()).isNotZero();
            containerd.ctr("task", "pause", id);
            containerd.ctr("task", "kill", "-s", "SIGKILL", id);
            tasks.awaitEnd(id);
            Containerd.until("the events are there", () -> Containerd.has(events, "/tasks/exit"));
            assertThat(events)
                    .content()
                    .containsSubsequence("/tasks/paused", "/tasks/resumed", "/tasks/paused", "/tasks/exit");
        } finally {
            listener.destroy();
            tasks.remove(id);
        }
    }

    /** In a terminal, of which script(1) has the other end, and types when it runs. */
    private static Output inTerminal(String input, String program) throws Exception {
        String id = CtrTasks.id();
        Process script = tasks.inTerminal(id, program);
        try (OutputStream out = script.getOutputStream()) {
            Containerd.until("it runs", () -> tasks.status(id).equals("RUNNING"));
            out.write(input.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            String text = new String(script.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return new Output(script.waitFor(), text.replace("\r", ""), "");
        }
    }

    @Test
    void aTerminalEchoesAndItsKeysAreSignals() throws Exception {
        assertThat(inTerminal("a line\n\u0004", "/cat.wasm")).isEqualTo(new Output(0, "a line\na line\n", ""));
        assertThat(inTerminal("\u0003", "/loop.wasm").status()).isEqualTo(130);
    }
}
