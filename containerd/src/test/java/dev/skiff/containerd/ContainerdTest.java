package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import dev.skiff.oci.MediaTypes;
import dev.skiff.oci.Platform;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tasks of a real containerd. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class ContainerdTest {
    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static CtrTasks tasks;

    @Parameter
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        containerd = CONTAINERDS.start(version);
        tasks = CtrTasks.of(
                containerd,
                LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755),
                LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755),
                LayerFile.of("cat.wasm", Guests.CAT, 0755),
                LayerFile.of("flood.wasm", Guests.FLOOD, 0755),
                LayerFile.of("large.wasm", Guests.LARGE, 0755),
                LayerFile.of("loop.wasm", Guests.LOOP, 0755),
                LayerFile.of("trap.wasm", Guests.TRAP, 0755),
                LayerFile.of("text.wasm", "hello".getBytes(), 0755),
                Guests.busyboxFile());
    }

    @Test
    void itIsTheContainerdThatIsMeant() {
        assertThat(containerd.ctr("version").out())
                .contains(
                        "Server:",
                        switch (version) {
                            case INSTALLED -> "Version:";
                            case V1_7 -> "Version:  1.7.";
                            case V2 -> "Version:  2.";
                        });
    }

    @Test
    void aProgramGetsItsArgumentsAndEnvironment() {
        assertThat(tasks.run(List.of("--env", "GREETING=ahoy"), "/hello.wasm", "port", "starboard"))
                .isEqualTo(new Output(0, "hello from C, arguments [port, starboard], GREETING ahoy\n", ""));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "7, 7", "255, 255", "return, 3"})
    void theExitStatusIsThatOfTheProgram(String argument, int status) {
        assertThat(tasks.run("/exit.wasm", argument).status()).isEqualTo(status);
    }

    @Test
    void aTrapIsToldOfWithItsPlace() {
        Output output = tasks.run("/trap.wasm");

        assertThat(output.status()).isEqualTo(134);
        assertThat(output.err()).startsWith("skiff: trap: unreachable").contains("at _start (func 0)");
    }

    @Test
    void tooLittleMemoryIsToldToWhoListensAndToKubernetes() throws IOException {
        Path message = Files.createFile(containerd.folder().resolve("message"));
        Path events = Files.createFile(containerd.folder().resolve("events"));
        Process listener = containerd.listen(events);
        try {
            Output output = tasks.run(
                    List.of(
                            "--memory-limit",
                            "524288",
                            "--mount",
                            "type=bind,src=" + message + ",dst=/dev/termination-log,options=rbind:rw"),
                    "/large.wasm");

            assertThat(output.status()).isEqualTo(137);
            assertThat(output.err()).startsWith("skiff: out of memory: ");
            assertThat(message).content().startsWith("skiff: out of memory: ");
            Containerd.until("the events are there", () -> Containerd.has(events, "/tasks/exit"));
            assertThat(events)
                    .content()
                    .containsSubsequence("/tasks/create", "/tasks/start", "/tasks/oom", "/tasks/exit");
            assertThat(tasks.run(List.of("--memory-limit", "1048576"), "/large.wasm")
                            .status())
                    .isZero();
        } finally {
            listener.destroy();
        }
    }

    @Test
    void inputIsReadToItsEnd() {
        String input = "a line\n".repeat(20_000);

        assertThat(tasks.runReading(input, "/cat.wasm")).isEqualTo(new Output(0, input, ""));
    }

    @Test
    void aProgramAnswersOnTheSocketThatAnAnnotationAsksFor() throws IOException {
        int port = Containerd.freePort();
        String annotation = "skiff.dev/listen=127.0.0.1:" + port;
        String id = tasks.detached(List.of("--net-host", "--annotation", annotation), "/http.wasm");
        try {
            assertThat(HttpGuest.get("127.0.0.1", port)).endsWith("GET /boat HTTP/1.1\n");
        } finally {
            tasks.remove(id);
        }
        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> HttpGuest.get("127.0.0.1", port));
        assertThat(tasks.run(List.of("--annotation", annotation), "/http.wasm").err())
                .contains("it cannot listen, as its container has no network");
        assertThat(tasks.run(List.of("--annotation", "skiff.dev/port=1"), "/http.wasm")
                        .err())
                .contains("the annotation skiff.dev/port is not known");
    }

    @ParameterizedTest
    @CsvSource({"timeout=50ms, its time of 50 ms", "fuel=1000, fuel"})
    void annotationsLimitAProgram(String setting, String reason) {
        Output output = tasks.run(List.of("--annotation", "skiff.dev/" + setting), "/loop.wasm");

        assertThat(output.status()).isEqualTo(124);
        assertThat(output.err()).startsWith("skiff: ").contains(reason);
    }

    @Test
    void anImageThatIsAModuleRunsWithoutFiles() throws IOException {
        String name = "localhost/layer:v1";
        Path archive = containerd.folder().resolve("layer.tar");
        ImageArchive.write(
                archive,
                name,
                TestImage.wasmLayer(Platform.parse("wasi/wasm"), MediaTypes.WASM, Guests.bytes("hello-c")));
        Output imported = containerd.ctr("images", "import", "--platform", "wasi/wasm", archive.toString());
        if (version == Containerd.Version.INSTALLED) {
            assertThat(imported.err()).contains("mismatched image rootfs and manifest layers");
            return;
        }
        assertThat(imported.status()).as(imported.err()).isZero();

        for (String program : List.of("/hello.wasm", "/")) {
            Output output = new CtrTasks(containerd, name).run(List.of("--platform", "wasi/wasm"), program, "port");

            assertThat(output).isEqualTo(new Output(0, "hello from C, arguments [port], GREETING not set\n", ""));
        }
    }

    @Test
    void whatCannotBeRunIsSaidWhenItIsMade() {
        assertThat(tasks.run("/no.wasm").err()).contains("cannot run /no.wasm: the container's files have no /no.wasm");
        assertThat(tasks.run("/text.wasm").err()).contains("cannot run /text.wasm: it is no WebAssembly module");
        assertThat(tasks.run("/hello.wasm#nothing").err()).contains("nothing");
        assertThat(containerd.mounts()).isEmpty();
    }

    /** With all threads that carry others held up by writes, nothing would be answered. */
    @Test
    void whoseOutputNobodyReadsWaitsAndHoldsNoOtherUp() {
        List<String> ids =
                List.of(tasks.detached("/flood.wasm"), tasks.detached("/flood.wasm"), tasks.detached("/flood.wasm"));

        assertThat(tasks.run("/exit.wasm", "3").status()).isEqualTo(3);

        for (String id : ids) {
            assertThat(tasks.status(id)).isEqualTo("RUNNING");
            containerd.ctr("task", "kill", "-s", "SIGTERM", id);
            tasks.awaitEnd(id);
            tasks.remove(id);
        }
    }

    @Test
    void whatStandsForAPodRunsUntilItIsKilled() throws Exception {
        String id = tasks.detached(List.of("--annotation", "io.kubernetes.cri.container-type=sandbox"), "/pause");
        assertThat(tasks.status(id)).isEqualTo("RUNNING");

        containerd.ctr("task", "kill", "-s", "SIGTERM", id);

        tasks.awaitEnd(id);
        tasks.remove(id);
    }

    @Test
    void aLinuxProgramOfTheSameImageIsALinuxContainer() {
        Output output = tasks.run("/bin/busybox", "sh", "-c", "echo $GREETING; exit 5");

        assertThat(output).isEqualTo(new Output(5, "ahoy\n", ""));
    }

    @Test
    void aLoggerGetsTheOutput() throws IOException {
        Path logger = containerd.folder().resolve("logger");
        Path log = containerd.folder().resolve("logger.out");
        Files.writeString(logger, "#!/bin/sh\nexec 5>&-\n{ echo $CONTAINER_NAMESPACE; cat <&3; } >" + log + "\n");
        assertThat(logger.toFile().setExecutable(true)).isTrue();

        String id = tasks.detached(List.of("--log-uri", "binary://" + logger), "/hello.wasm");

        tasks.awaitEnd(id);
        Containerd.until("all is written", () -> Containerd.has(log, "GREETING ahoy"));
        assertThat(log).content().startsWith("default\nhello from C");
        tasks.remove(id);
    }

    @Test
    void manyAtOnceLeaveNothingBehind() throws Exception {
        tasks.run("/hello.wasm");
        long pid = containerd.daemon().orElseThrow().pid();
        try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
            List<Future<Output>> outputs = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                outputs.add(executor.submit(() -> tasks.run("/exit.wasm", "0")));
            }
            for (Future<Output> output : outputs) {
                assertThat(output.get()).isEqualTo(new Output(0, "leaving\n", ""));
            }
        }

        assertThat(containerd.daemon().orElseThrow().pid()).isEqualTo(pid);
        assertThat(containerd.mounts()).isEmpty();
        assertThat(Belongings.of(pid).pipes()).isZero();
        assertThat(containerd.ctr("task", "ls").out().lines()).hasSize(1);
    }

    @Test
    void tasksLiveOnWhenContainerdIsStartedAgain() throws Exception {
        String id = tasks.detached("/loop.wasm");

        containerd.kill();
        containerd.start();

        assertThat(tasks.status(id)).isEqualTo("RUNNING");
        containerd.ctr("task", "kill", "-s", "SIGTERM", id);
        tasks.awaitEnd(id);
        tasks.remove(id);
    }

    @Test
    void tasksOfADaemonThatWasKilledAreGoneAndTheNextGetsANewOne() throws Exception {
        String id = tasks.detached("/loop.wasm");

        ProcessHandle daemon = containerd.killDaemon();

        Containerd.until("containerd knows", () -> !tasks.status(id).equals("RUNNING"));
        tasks.remove(id);
        Containerd.until("nothing is mounted", () -> containerd.mounts().isEmpty());
        assertThat(tasks.run("/exit.wasm", "4").status()).isEqualTo(4);
        assertThat(containerd.daemon().orElseThrow().pid()).isNotEqualTo(daemon.pid());
    }
}
