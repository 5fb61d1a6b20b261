package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import dev.skiff.oci.MediaTypes;
import dev.skiff.oci.Platform;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
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
    private static final String IMAGE = "localhost/guests:v1";
    private static final String RUNTIME = "io.containerd.skiff.v1";
    /** As WASI has it. */
    private static final int EACCES = 2;

    private static final AtomicInteger NEXT = new AtomicInteger();

    private static Optional<Containerd> started = Optional.empty();
    private static Containerd containerd;

    @Parameter
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        Optional<String> lacking = Containerd.lacking(version);
        if (lacking.isPresent()) {
            Assumptions.abort(lacking.get());
        }
        // Sockets have short paths.
        containerd = Containerd.start(Files.createTempDirectory(Path.of("/tmp"), "ctd"), version);
        started = Optional.of(containerd);
        Path archive = containerd.folder().resolve("guests.tar");
        ImageArchive.write(
                archive,
                IMAGE,
                List.of(
                        LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755),
                        LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                        LayerFile.of("files.wasm", Guests.bytes("fileio-c"), 0755),
                        LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755),
                        LayerFile.of("cat.wasm", Guests.CAT, 0755),
                        LayerFile.of("flood.wasm", Guests.FLOOD, 0755),
                        LayerFile.of("large.wasm", Guests.LARGE, 0755),
                        LayerFile.of("loop.wasm", Guests.LOOP, 0755),
                        LayerFile.of("make.wasm", Guests.MAKE, 0755),
                        LayerFile.of("trap.wasm", Guests.TRAP, 0755),
                        LayerFile.of("text.wasm", "hello".getBytes(), 0755),
                        LayerFile.of("work/empty", new byte[0], 0644),
                        LayerFile.of("bin/busybox", Guests.busybox(), 0755)));
        Output imported = containerd.ctr("images", "import", archive.toString());
        assertThat(imported.status()).as(imported.err()).isZero();
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException, InterruptedException {
        if (started.isPresent()) {
            started.get().close();
            started = Optional.empty();
        }
    }

    private static String id() {
        return "t" + NEXT.incrementAndGet();
    }

    private static Output run(String... command) {
        return run("", List.of(), command);
    }

    private static Output run(String input, List<String> options, String... command) {
        List<String> all = new ArrayList<>(List.of("run", "--rm", "--runtime", RUNTIME));
        all.addAll(options);
        all.addAll(List.of(IMAGE, id()));
        all.addAll(List.of(command));
        return containerd.ctrReading(input, all.toArray(String[]::new));
    }

    /** Starts a task that goes on. */
    private static String detached(String... command) {
        String id = id();
        List<String> all = new ArrayList<>(List.of("run", "-d", "--runtime", RUNTIME, IMAGE, id));
        all.addAll(List.of(command));
        Output output = containerd.ctr(all.toArray(String[]::new));
        assertThat(output.status()).as(output.err()).isZero();
        return id;
    }

    private static String status(String id) {
        return containerd
                .ctr("task", "ls")
                .out()
                .lines()
                .filter(line -> line.startsWith(id + " "))
                .map(line -> line.replaceFirst(".* ", ""))
                .findFirst()
                .orElse("none");
    }

    private static void remove(String id) {
        containerd.ctr("task", "rm", "-f", id);
        assertThat(containerd.ctr("container", "rm", id).status()).isZero();
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
        assertThat(run("", List.of("--env", "GREETING=ahoy"), "/hello.wasm", "port", "starboard"))
                .isEqualTo(new Output(0, "hello from C, arguments [port, starboard], GREETING ahoy\n", ""));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "7, 7", "255, 255", "return, 3"})
    void theExitStatusIsThatOfTheProgram(String argument, int status) {
        assertThat(run("/exit.wasm", argument).status()).isEqualTo(status);
    }

    @Test
    void aTrapIsToldOfWithItsPlace() {
        Output output = run("/trap.wasm");

        assertThat(output.status()).isEqualTo(134);
        assertThat(output.err()).startsWith("skiff: trap: unreachable").contains("at _start (func 0)");
    }

    @Test
    void tooLittleMemoryIsToldToWhoListensAndToKubernetes() throws IOException {
        Path message = Files.createFile(containerd.folder().resolve("message"));
        Path events = Files.createFile(containerd.folder().resolve("events"));
        Process listener = containerd.listen(events);
        try {
            Output output = run(
                    "",
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
            assertThat(run("", List.of("--memory-limit", "1048576"), "/large.wasm")
                            .status())
                    .isZero();
        } finally {
            listener.destroy();
        }
    }

    @Test
    void inputIsReadToItsEnd() {
        String input = "a line\n".repeat(20_000);

        assertThat(run(input, List.of(), "/cat.wasm")).isEqualTo(new Output(0, input, ""));
    }

    @Test
    void theFilesOfTheImageAreTheContainers() {
        Output output = run("/files.wasm", "/work");

        assertThat(output.status()).as(output.out()).isZero();
        assertThat(output.out()).endsWith("ok\n");
    }

    @Test
    void aMountIsSeenAndReadOnlyIfItShouldBe() throws IOException {
        Path host = Files.createDirectories(containerd.folder().resolve("host"));
        String mount = "type=bind,src=" + host + ",dst=/data,options=rbind:";

        assertThat(run("", List.of("--mount", mount + "rw"), "/files.wasm", "/data")
                        .out())
                .endsWith("ok\n");
        assertThat(run("", List.of("--mount", mount + "ro"), "/files.wasm", "/data")
                        .out())
                .doesNotEndWith("ok\n");
    }

    /** A bug: the volumes were read-only too. */
    @Test
    void aReadOnlyRootHasVolumesThatCanBeWritten() throws IOException {
        Path host = Files.createDirectories(containerd.folder().resolve("writable"));
        List<String> options =
                List.of("--read-only", "--mount", "type=bind,src=" + host + ",dst=/data,options=rbind:rw");

        assertThat(run("", options, "/files.wasm", "/data").out()).endsWith("ok\n");
        assertThat(run("", options, "/files.wasm", "/work").out()).doesNotEndWith("ok\n");
    }

    @Test
    void filesAndFileSystemsInMemoryAreMountedBeneathTheRoot() throws IOException {
        Path file = Files.writeString(containerd.folder().resolve("settings"), "port = 1\n");
        Path outer = Files.createDirectories(containerd.folder().resolve("outer"));
        Files.writeString(outer.resolve("kept"), "kept\n");
        String id = id();
        Output made = containerd.ctr(
                "run",
                "-d",
                "--runtime",
                RUNTIME,
                "--mount",
                "type=bind,src=" + outer + ",dst=/a/b,options=rbind:rw",
                "--mount",
                "type=bind,src=" + file + ",dst=/a/b/c/settings,options=bind:ro",
                "--mount",
                "type=tmpfs,src=tmpfs,dst=/scratch,options=size=65536",
                IMAGE,
                id,
                "/loop.wasm");
        try {
            assertThat(made.status()).as(made.err()).isZero();
            assertThat(exec(id, "/skiff/cat", "/a/b/kept", "/a/b/c/settings").out())
                    .isEqualTo("kept\nport = 1\n");
            assertThat(exec(id, "/files.wasm", "/scratch").out()).endsWith("ok\n");
            assertThat(exec(id, "/skiff/ls", "/").out()).contains("a\n", "scratch\n");
        } finally {
            remove(id);
        }
        assertThat(containerd.mounts()).isEmpty();
        assertThat(outer.resolve("kept")).hasContent("kept\n");
        assertThat(file).hasContent("port = 1\n");
    }

    private static Path owned(String name, int id, String permissions) throws IOException {
        Path folder = Files.createDirectories(containerd.folder().resolve(name));
        Files.setAttribute(folder, "unix:uid", id);
        Files.setAttribute(folder, "unix:gid", id);
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }

    private static List<String> mountedAs(Path folder, String user) {
        Assumptions.assumeTrue(containerd.ctr("run", "--help").out().contains("--user"), "this ctr knows no users");
        return List.of("--user", user, "--mount", "type=bind,src=" + folder + ",dst=/data,options=rbind:rw");
    }

    @Test
    void aUserReachesItsFilesAndNoOthers() throws IOException {
        Path roots = owned("roots", 0, "rwx------");
        Path own = owned("own", 1_000, "rwx------");
        Path shared = owned("shared", 2_000, "rwxrwx---");

        assertThat(run("", mountedAs(roots, "1000:1000"), "/make.wasm").status())
                .isEqualTo(EACCES);
        assertThat(run("", mountedAs(own, "1000:1000"), "/make.wasm").status()).isZero();
        assertThat(run("", mountedAs(own, "1001:1001"), "/make.wasm").status()).isEqualTo(EACCES);
        assertThat(run("", mountedAs(shared, "1000:2000"), "/make.wasm").status())
                .isZero();
        assertThat(run("", mountedAs(roots, "0:0"), "/make.wasm").status()).isZero();

        assertThat(Files.readAttributes(own.resolve("made"), "unix:uid,gid"))
                .isEqualTo(Map.of("uid", 1_000, "gid", 1_000));
        assertThat(Files.readAttributes(shared.resolve("made"), "unix:uid,gid"))
                .isEqualTo(Map.of("uid", 1_000, "gid", 2_000));
        assertThat(Files.readAttributes(roots.resolve("made"), "unix:uid,gid")).isEqualTo(Map.of("uid", 0, "gid", 0));
        assertThat(run("", mountedAs(own, "1000:1000"), "/files.wasm", "/data").out())
                .endsWith("ok\n");
    }

    @Test
    void usersOfANamespaceAreThoseOfTheMachineThatTheyStandFor() throws IOException {
        Path roots = owned("unmapped", 0, "rwx------");
        Path own = owned("mapped", 100_000, "rwx------");
        for (Path folder : List.of(roots, own)) {
            Output output = run(
                    "",
                    List.of(
                            "--uidmap",
                            "0:100000:65536",
                            "--gidmap",
                            "0:100000:65536",
                            "--mount",
                            "type=bind,src=" + folder + ",dst=/data,options=rbind:rw"),
                    "/make.wasm");

            assertThat(output.status()).as(output.err()).isEqualTo(folder.equals(own) ? 0 : EACCES);
        }
        assertThat(Files.readAttributes(own.resolve("made"), "unix:uid,gid"))
                .isEqualTo(Map.of("uid", 100_000, "gid", 100_000));
    }

    @Test
    void theDaemonsThreadsStayRoots() throws IOException {
        String id = id();
        List<String> command = new ArrayList<>(List.of("run", "-d", "--runtime", RUNTIME));
        command.addAll(mountedAs(owned("busy", 0, "rwx------"), "1000:1000"));
        command.addAll(List.of(IMAGE, id, "/loop.wasm"));
        assertThat(containerd.ctr(command.toArray(String[]::new)).status()).isZero();
        try {
            assertThat(exec(id, "/skiff/ls", "/data").status()).isNotZero();
            assertThat(exec(id, "/skiff/ls", "/work").out()).isEqualTo("empty\n");

            long daemon = containerd.daemon().orElseThrow().pid();
            List<String> own = rights(Path.of("/proc/" + daemon));
            assertThat(own).contains("Uid:\t0\t0\t0\t0");
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + daemon + "/task"))) {
                assertThat(threads.toList())
                        .hasSizeGreaterThan(5)
                        .allSatisfy(thread -> assertThat(rights(thread)).isIn(own, List.of()));
            }
        } finally {
            remove(id);
        }
    }

    /** Of a thread to files, as the kernel tells them; nothing if it is no more. */
    private static List<String> rights(Path thread) {
        try {
            return Files.readAllLines(thread.resolve("status")).stream()
                    .filter(line -> line.matches("(Uid|Gid|Groups|CapEff):.*"))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    @Test
    void linksToAbsolutePathsAreTheContainersOwn() throws IOException {
        Path links = Files.createDirectories(containerd.folder().resolve("links"));
        Files.writeString(links.resolve("file"), "the container's");
        Path outside = Files.writeString(containerd.folder().resolve("outside"), "this machine's");
        Files.createSymbolicLink(links.resolve("work"), Path.of("/work"));
        Files.createSymbolicLink(links.resolve("absolute"), Path.of("/data/../data/file"));
        Files.createSymbolicLink(links.resolve("up"), Path.of("../../../data/file"));
        Files.createSymbolicLink(links.resolve("away"), outside);
        String id = id();
        Output made = containerd.ctr(
                "run",
                "-d",
                "--runtime",
                RUNTIME,
                "--mount",
                "type=bind,src=" + links + ",dst=/data,options=rbind:rw",
                IMAGE,
                id,
                "/loop.wasm");
        try {
            assertThat(made.status()).as(made.err()).isZero();
            assertThat(exec(id, "/skiff/cat", "/data/absolute", "/data/up").out())
                    .isEqualTo("the container's".repeat(2));
            assertThat(exec(id, "/files.wasm", "/data/work").out()).endsWith("ok\n");
            assertThat(exec(id, "/skiff/cat", "/data/away"))
                    .satisfies(output -> assertThat(output.status()).isNotZero())
                    .satisfies(output -> assertThat(output.out()).isEmpty());
        } finally {
            remove(id);
        }
    }

    private static String get(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write("GET /boat HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aProgramAnswersOnTheSocketThatAnAnnotationAsksFor() throws IOException {
        int port = freePort();
        String annotation = "skiff.dev/listen=127.0.0.1:" + port;
        String id = id();
        Output made = containerd.ctr(
                "run", "-d", "--runtime", RUNTIME, "--net-host", "--annotation", annotation, IMAGE, id, "/http.wasm");
        try {
            assertThat(made.status()).as(made.err()).isZero();
            assertThat(get(port)).endsWith("GET /boat HTTP/1.1\n");
        } finally {
            remove(id);
        }
        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> get(port));
        assertThat(run("", List.of("--annotation", annotation), "/http.wasm").err())
                .contains("it cannot listen, as its container has no network");
        assertThat(run("", List.of("--annotation", "skiff.dev/port=1"), "/http.wasm")
                        .err())
                .contains("the annotation skiff.dev/port is not known");
    }

    @ParameterizedTest
    @CsvSource({"timeout=50ms, its time of 50 ms", "fuel=1000, fuel"})
    void annotationsLimitAProgram(String setting, String reason) {
        Output output = run("", List.of("--annotation", "skiff.dev/" + setting), "/loop.wasm");

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
            Output output = containerd.ctr(
                    "run", "--rm", "--platform", "wasi/wasm", "--runtime", RUNTIME, name, id(), program, "port");

            assertThat(output).isEqualTo(new Output(0, "hello from C, arguments [port], GREETING not set\n", ""));
        }
    }

    /** A bug: what was mounted there stayed. */
    @Test
    void aRootThatIsAFolderOfTheMachineIsLeftAsItWas() throws IOException {
        Path root = Files.createDirectories(containerd.folder().resolve("own-root"));
        Files.write(root.resolve("hello.wasm"), Guests.bytes("hello-c"));

        Output output = containerd.ctr(
                "run", "--rm", "--runtime", RUNTIME, "--rootfs", root.toString(), id(), "/hello.wasm", "port");

        assertThat(output).isEqualTo(new Output(0, "hello from C, arguments [port], GREETING not set\n", ""));
        assertThat(containerd.mounts()).isEmpty();
        assertThat(root.resolve("hello.wasm")).exists();
    }

    @Test
    void whatCannotBeMountedIsSaid() {
        assertThat(run("", List.of("--mount", "type=bind,src=/nowhere,dst=/data,options=rbind:rw"), "/hello.wasm")
                        .err())
                .contains("cannot mount /nowhere at /data in the container: ");
        assertThat(run("", List.of("--mount", "type=ext4,src=/dev/sdx,dst=/data,options=ro"), "/hello.wasm")
                        .err())
                .contains("Wasm tasks have no file systems of the type ext4");
        assertThat(run("", List.of("--mount", "type=bind,src=/etc,dst=/data,options=rbind:rshared"), "/hello.wasm")
                        .err())
                .contains("the option rshared is not known");
        assertThat(containerd.mounts()).isEmpty();
    }

    @Test
    void whatCannotBeRunIsSaidWhenItIsMade() {
        assertThat(run("/no.wasm").err()).contains("cannot run /no.wasm: the container's files have no /no.wasm");
        assertThat(run("/text.wasm").err()).contains("cannot run /text.wasm: it is no WebAssembly module");
        assertThat(run("/hello.wasm#nothing").err()).contains("nothing");
        assertThat(containerd.mounts()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"SIGTERM, 143", "SIGKILL, 137", "SIGINT, 130"})
    void aSignalEndsAProgramThatDoesNotKnowIt(String signal, int status) throws Exception {
        String id = id();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Output> output =
                    executor.submit(() -> containerd.ctr("run", "--rm", "--runtime", RUNTIME, IMAGE, id, "/loop.wasm"));
            Containerd.until("it runs", () -> status(id).equals("RUNNING"));
            containerd.ctr("task", "kill", "-s", "SIGCHLD", id);
            assertThat(status(id)).isEqualTo("RUNNING");

            containerd.ctr("task", "kill", "-s", signal, id);

            assertThat(output.get()).isEqualTo(new Output(status, "", ""));
        }
    }

    /** With all threads that carry others held up by writes, nothing would be answered. */
    @Test
    void whoseOutputNobodyReadsWaitsAndHoldsNoOtherUp() {
        List<String> ids = List.of(detached("/flood.wasm"), detached("/flood.wasm"), detached("/flood.wasm"));

        assertThat(run("/exit.wasm", "3").status()).isEqualTo(3);

        for (String id : ids) {
            assertThat(status(id)).isEqualTo("RUNNING");
            containerd.ctr("task", "kill", "-s", "SIGTERM", id);
            Containerd.until("it has ended", () -> status(id).equals("STOPPED"));
            remove(id);
        }
    }

    @Test
    void whatATaskUsesIsCounted() {
        String id = id();
        Output made = containerd.ctr(
                "run", "-d", "--runtime", RUNTIME, "--memory-limit", "33554432", IMAGE, id, "/loop.wasm");
        assertThat(made.status()).as(made.err()).isZero();

        Containerd.until("it has used the processor", () -> metric(id, "cpu.usage_usec") > 10_000);

        assertThat(metric(id, "pids.current")).isEqualTo(1);
        assertThat(metric(id, "memory.usage_limit")).isEqualTo(33_554_432);
        remove(id);
        String idle = detached("/flood.wasm");
        assertThat(metric(idle, "memory.usage")).isEqualTo(65_536);
        remove(idle);
    }

    private static long metric(String id, String name) {
        return containerd
                .ctr("task", "metrics", id)
                .out()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(
                        line -> Long.parseLong(line.replaceFirst("\\S+\\s+", "").strip()))
                .findFirst()
                .orElse(-1);
    }

    @Test
    void aProgramGetsItsShareOfAProcessor() {
        String id = id();
        Output made = containerd.ctr("run", "-d", "--runtime", RUNTIME, "--cpus", "0.2", IMAGE, id, "/loop.wasm");
        assertThat(made.status()).as(made.err()).isZero();
        try {
            Containerd.until("it was held back", () -> metric(id, "cpu.nr_throttled") > 2);
            assertThat(metric(id, "cpu.throttled_usec")).isPositive();
        } finally {
            remove(id);
        }
    }

    @Test
    void oneThatRunsIsNotDeleted() {
        String id = detached("/loop.wasm");

        assertThat(containerd.ctr("task", "rm", id).status()).isNotZero();
        assertThat(status(id)).isEqualTo("RUNNING");
        remove(id);
    }

    @Test
    void whatStandsForAPodRunsUntilItIsKilled() throws Exception {
        String id = id();
        Output made = containerd.ctr(
                "run",
                "-d",
                "--runtime",
                RUNTIME,
                "--annotation",
                "io.kubernetes.cri.container-type=sandbox",
                IMAGE,
                id,
                "/pause");
        assertThat(made.status()).as(made.err()).isZero();
        assertThat(status(id)).isEqualTo("RUNNING");

        containerd.ctr("task", "kill", "-s", "SIGTERM", id);

        Containerd.until("it has ended", () -> status(id).equals("STOPPED"));
        remove(id);
    }

    @Test
    void aLinuxProgramOfTheSameImageIsALinuxContainer() {
        Output output = run("/bin/busybox", "sh", "-c", "echo $GREETING; exit 5");

        assertThat(output).isEqualTo(new Output(5, "ahoy\n", ""));
    }

    private static Output exec(String task, String... command) {
        List<String> all = new ArrayList<>(List.of("task", "exec", "--exec-id", id(), task));
        all.addAll(List.of(command));
        return containerd.ctr(all.toArray(String[]::new));
    }

    @Test
    void otherProgramsOfTheImageRunInATaskThatRuns() {
        String id = detached("/loop.wasm");
        try {
            assertThat(exec(id, "/hello.wasm", "port"))
                    .isEqualTo(new Output(0, "hello from C, arguments [port], GREETING ahoy\n", ""));
            assertThat(exec(id, "/exit.wasm", "7").status()).isEqualTo(7);
            assertThat(exec(id, "/trap.wasm").status()).isEqualTo(134);
            assertThat(exec(id, "/bin/busybox", "sh").err())
                    .contains("cannot run /bin/busybox: it is no WebAssembly module");
            assertThat(status(id)).isEqualTo("RUNNING");
        } finally {
            remove(id);
        }
        assertThat(exec(id, "/hello.wasm").status()).isNotZero();
    }

    @Test
    void everyTaskHasToolsToLookInside() {
        String id = detached("/loop.wasm");
        try {
            assertThat(exec(id, "/skiff/ls", "/work").out()).isEqualTo("empty\n");
            assertThat(exec(id, "/skiff/ls", "-l", "/").out()).containsPattern("- +\\d+ .* hello.wasm\\n");
            assertThat(exec(id, "/skiff/cat", "/text.wasm")).isEqualTo(new Output(0, "hello", ""));
            assertThat(exec(id, "/skiff/env").out()).contains("GREETING=ahoy\n");
            assertThat(exec(id, "/skiff/ps").out()).containsPattern("main +running ");
            assertThat(exec(id, "/skiff/cat", "/../../../etc/passwd"))
                    .matches(output -> output.status() == 1 && output.out().isEmpty());
            assertThat(exec(id, "/skiff/nothing").err()).contains("cannot run /skiff/nothing");
        } finally {
            remove(id);
        }
    }

    @Test
    void aProcessThatWasAddedIsKilledAloneOrWithItsTask() throws Exception {
        String id = detached("/loop.wasm");
        Path events = Files.createFile(containerd.folder().resolve("exec-events"));
        Process listener = containerd.listen(events);
        try (ExecutorService executor = Executors.newCachedThreadPool()) {
            String first = id();
            Future<Output> alone =
                    executor.submit(() -> containerd.ctr("task", "exec", "--exec-id", first, id, "/loop.wasm"));
            Containerd.until("it runs", () -> exec(id, "/skiff/ps").out().contains(first));

            containerd.ctr("task", "kill", "--exec-id", first, "-s", "SIGTERM", id);

            assertThat(alone.get().status()).isEqualTo(143);
            assertThat(status(id)).isEqualTo("RUNNING");
            String second = id();
            Future<Output> together =
                    executor.submit(() -> containerd.ctr("task", "exec", "--exec-id", second, id, "/loop.wasm"));
            Containerd.until("it runs", () -> exec(id, "/skiff/ps").out().contains(second));

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
            remove(id);
        }
    }

    @Test
    void aTaskIsPausedAndGoesOn() throws Exception {
        String id = detached("/loop.wasm");
        Path events = Files.createFile(containerd.folder().resolve("pause-events"));
        Process listener = containerd.listen(events);
        try {
            Containerd.until("it has used the processor", () -> metric(id, "cpu.usage_usec") > 1000);

            assertThat(containerd.ctr("task", "pause", id).status()).isZero();

            assertThat(status(id)).isEqualTo("PAUSED");
            Containerd.until("it uses the processor no more", () -> {
                long before = metric(id, "cpu.usage_usec");
                return metric(id, "cpu.usage_usec") == before;
            });
            long before = metric(id, "cpu.usage_usec");
            assertThat(containerd.ctr("task", "rm", id).status()).isNotZero();
            assertThat(containerd.ctr("task", "resume", id).status()).isZero();
            assertThat(status(id)).isEqualTo("RUNNING");
            Containerd.until("it goes on", () -> metric(id, "cpu.usage_usec") > before + 1000);
            assertThat(containerd.ctr("task", "resume", id).status()).isNotZero();
            containerd.ctr("task", "pause", id);
            containerd.ctr("task", "kill", "-s", "SIGKILL", id);
            Containerd.until("it has ended", () -> status(id).equals("STOPPED"));
            Containerd.until("the events are there", () -> Containerd.has(events, "/tasks/exit"));
            assertThat(events)
                    .content()
                    .containsSubsequence("/tasks/paused", "/tasks/resumed", "/tasks/paused", "/tasks/exit");
        } finally {
            listener.destroy();
            remove(id);
        }
    }

    /** In a terminal, of which script(1) has the other end, and types when it runs. */
    private static Output inTerminal(String input, String program) throws Exception {
        String id = id();
        String command = containerd.command("ctr", "run", "--rm", "-t", "--runtime", RUNTIME, IMAGE, id, program);
        Process script = new ProcessBuilder("script", "-qec", command, "/dev/null")
                .redirectErrorStream(true)
                .start();
        try (OutputStream out = script.getOutputStream()) {
            Containerd.until("it runs", () -> status(id).equals("RUNNING"));
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

    @Test
    void aLoggerGetsTheOutput() throws IOException {
        Path logger = containerd.folder().resolve("logger");
        Path log = containerd.folder().resolve("logger.out");
        Files.writeString(logger, "#!/bin/sh\nexec 5>&-\n{ echo $CONTAINER_NAMESPACE; cat <&3; } >" + log + "\n");
        assertThat(logger.toFile().setExecutable(true)).isTrue();
        String id = id();

        Output made = containerd.ctr(
                "run", "-d", "--log-uri", "binary://" + logger, "--runtime", RUNTIME, IMAGE, id, "/hello.wasm");

        assertThat(made.status()).as(made.err()).isZero();
        Containerd.until("it has ended", () -> status(id).equals("STOPPED"));
        Containerd.until("all is written", () -> Containerd.has(log, "GREETING ahoy"));
        assertThat(log).content().startsWith("default\nhello from C");
        remove(id);
    }

    @Test
    void manyAtOnceLeaveNothingBehind() throws Exception {
        run("/hello.wasm");
        long pid = containerd.daemon().orElseThrow().pid();
        try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
            List<Future<Output>> outputs = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                outputs.add(executor.submit(() -> run("/exit.wasm", "0")));
            }
            for (Future<Output> output : outputs) {
                assertThat(output.get()).isEqualTo(new Output(0, "leaving\n", ""));
            }
        }

        assertThat(containerd.daemon().orElseThrow().pid()).isEqualTo(pid);
        assertThat(containerd.mounts()).isEmpty();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            assertThat(descriptors.map(ContainerdTest::target).filter(to -> to.contains("fifo")))
                    .isEmpty();
        }
        assertThat(containerd.ctr("task", "ls").out().lines()).hasSize(1);
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void tasksLiveOnWhenContainerdIsStartedAgain() throws Exception {
        String id = detached("/loop.wasm");

        containerd.kill();
        containerd.start();

        assertThat(status(id)).isEqualTo("RUNNING");
        containerd.ctr("task", "kill", "-s", "SIGTERM", id);
        Containerd.until("it has ended", () -> status(id).equals("STOPPED"));
        remove(id);
    }

    @Test
    void tasksOfADaemonThatWasKilledAreGoneAndTheNextGetsANewOne() throws Exception {
        String id = detached("/loop.wasm");
        ProcessHandle daemon = containerd.daemon().orElseThrow();

        daemon.destroyForcibly();
        daemon.onExit().get();

        Containerd.until("containerd knows", () -> !status(id).equals("RUNNING"));
        remove(id);
        Containerd.until("nothing is mounted", () -> containerd.mounts().isEmpty());
        assertThat(run("/exit.wasm", "4").status()).isEqualTo(4);
        assertThat(containerd.daemon().orElseThrow().pid()).isNotEqualTo(daemon.pid());
    }
}
