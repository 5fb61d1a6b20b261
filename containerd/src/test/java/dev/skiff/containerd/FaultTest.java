package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.Cri.Pod;
import dev.skiff.containerd.Cri.State;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is left when containerd or the daemon is killed, or what they rely on goes away. */
@Tag("slow")
@Timeout(120)
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class FaultTest {
    private static final String IMAGE = "localhost/guests:v1";
    private static final String RUNTIME = "io.containerd.skiff.v1";
    private static final String PODS = "k8s.io";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static Optional<Containerd> started = Optional.empty();
    private static Containerd containerd;
    private static Cri cri;

    @Parameter
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        Optional<String> lacking = Containerd.lacking(version).or(CriPlugin::lacking);
        if (lacking.isPresent()) {
            Assumptions.abort(lacking.get());
        }
        containerd = Containerd.startWithPods(Files.createTempDirectory(Path.of("/tmp"), "ctd"), version);
        started = Optional.of(containerd);
        cri = new Cri(containerd.socket());
        LayerFile busybox = LayerFile.of("bin/busybox", Guests.busybox(), 0755);
        imported(
                CriPlugin.SANDBOX_IMAGE,
                TestImage.container(TestImage.HERE, Map.of("Entrypoint", List.of("/bin/busybox")), List.of(busybox)));
        imported(
                IMAGE,
                TestImage.container(
                        TestImage.HERE,
                        Map.of(),
                        List.of(
                                busybox,
                                LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                                LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755),
                                LayerFile.of("flood.wasm", Guests.FLOOD, 0755),
                                LayerFile.of("loop.wasm", Guests.LOOP, 0755))));
    }

    private static void imported(String image, TestImage content) throws IOException {
        Path archive = containerd.folder().resolve("image.tar");
        ImageArchive.write(archive, image, content);
        for (String namespace : List.of("default", PODS)) {
            Output output = containerd.ctr("-n", namespace, "images", "import", archive.toString());
            assertThat(output.status()).as(output.err()).isZero();
        }
        Containerd.until("the image " + image + " is there", () -> cri.hasImage(image));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException, InterruptedException {
        if (started.isPresent()) {
            started.get().close();
            started = Optional.empty();
        }
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        Containerd.until("pods can be removed", FaultTest::removeAll);
        for (String task : containerd.ctr("task", "ls", "-q").out().lines().toList()) {
            containerd.ctr("task", "rm", "-f", task);
        }
        for (String container :
                containerd.ctr("container", "ls", "-q").out().lines().toList()) {
            containerd.ctr("container", "rm", container);
        }
        assertThat(containerd.ctr("task", "ls", "-q").out()).isEmpty();
        Containerd.until(
                "nothing is mounted",
                () -> containerd.mounts().isEmpty(),
                () -> containerd.mounts().toString());
        assertThat(CriPlugin.addresses(containerd.folder())).isEmpty();
        Optional<ProcessHandle> daemon = containerd.daemon();
        if (daemon.isPresent()) {
            Belongings left = Belongings.of(daemon.get().pid());
            Containerd.until(
                    "the daemon has no pipes",
                    () -> Belongings.of(daemon.get().pid()).pipes() == 0,
                    () -> left.toString());
            Containerd.until(
                    "the daemon has no tasks",
                    () -> Belongings.instances(daemon.get().pid(), Task.class) == 0);
        }
        assertThat(containerd.log()).doesNotContain("internal error").doesNotContain(" failed\n");
    }

    private static boolean removeAll() {
        try {
            cri.removeAll();
            return true;
        } catch (RpcException e) {
            return false;
        }
    }

    private static String id() {
        return "t" + NEXT.incrementAndGet();
    }

    private static void ctr(String... arguments) {
        Output output = containerd.ctr(arguments);
        assertThat(output.status()).as(output.err()).isZero();
    }

    private static String detached(String... command) {
        String id = id();
        List<String> all = new ArrayList<>(List.of("run", "-d", "--runtime", RUNTIME, IMAGE, id));
        all.addAll(List.of(command));
        ctr(all.toArray(String[]::new));
        return id;
    }

    private static Output run(String... command) {
        List<String> all = new ArrayList<>(List.of("run", "--rm", "--runtime", RUNTIME, IMAGE, id()));
        all.addAll(List.of(command));
        return containerd.ctr(all.toArray(String[]::new));
    }

    /** One that is made, and not started. */
    private static String created() {
        Path files = containerd.folder().resolve("files");
        String id = id();
        try {
            Files.createDirectories(files);
            Files.write(files.resolve("loop.wasm"), Guests.LOOP);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        ctr("container", "create", "--runtime", RUNTIME, "--rootfs", files.toString(), id, "/loop.wasm");
        tasks("Create", id);
        return id;
    }

    private static ProtoMessage tasks(String method, String id) {
        return new GrpcClient(containerd.socket(), Map.of("containerd-namespace", "default"))
                .call("containerd.services.tasks.v1.Tasks/" + method, new ProtoWriter().text(1, id), PATIENCE);
    }

    /** Deletes a task; its exit status, as containerd knows it. */
    private static long deleted(String id) {
        return tasks("Delete", id).number(3);
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

    private static void startedAgain() throws IOException {
        containerd.start();
        Containerd.until("pods are served", () -> {
            try {
                return !cri.version().isEmpty() && cri.isReady();
            } catch (RpcException e) {
                return false;
            }
        });
    }

    /** What containerd would say to the daemon itself. */
    private static void tell(String namespace, String method, ProtoWriter request) throws IOException {
        try (TtrpcClient client = TtrpcClient.connect(containerd.daemonSocket())) {
            ProtoMessage status = client.call(TaskService.V2, method, namespace, request);
            assertThat(status.number(1)).as(status.text(2)).isZero();
        }
    }

    /** In the first version a containerd of 1.7 or later forgot what had ended while it was away, and how. */
    @Test
    void tasksAreFoundAsTheyAreWhenContainerdIsStartedAgain() throws Exception {
        String runs = detached("/loop.wasm");
        String paused = detached("/loop.wasm");
        ctr("task", "pause", paused);
        String made = created();
        String ends = detached("/loop.wasm");
        String ended = detached("/exit.wasm", "7");
        Containerd.until("it has ended", () -> status(ended).equals("STOPPED"));
        ctr("task", "exec", "-d", "--exec-id", "x", runs, "/loop.wasm");

        containerd.kill();
        tell("default", "Kill", new ProtoWriter().text(1, ends).number(3, 15));
        startedAgain();

        assertThat(status(runs)).isEqualTo("RUNNING");
        assertThat(status(paused)).isEqualTo("PAUSED");
        assertThat(status(made)).isEqualTo("CREATED");
        assertThat(status(ends)).isEqualTo("STOPPED");
        assertThat(status(ended)).isEqualTo("STOPPED");
        assertThat(deleted(ends)).isEqualTo(128 + 15);
        assertThat(deleted(ended)).isEqualTo(7);
        ctr("task", "resume", paused);
        tasks("Start", made);
        assertThat(status(made)).isEqualTo("RUNNING");
        ctr("task", "kill", "--exec-id", "x", "-s", "SIGKILL", runs);
        assertThat(status(runs)).isEqualTo("RUNNING");
    }

    private Pod pod(String handler, String... annotations) throws IOException {
        String name = "pod" + NEXT.incrementAndGet();
        Path logs = Files.createDirectories(containerd.folder().resolve("logs").resolve(name));
        PodSpec spec = PodSpec.of(name, handler, logs);
        for (int i = 0; i < annotations.length; i += 2) {
            spec.annotation(annotations[i], annotations[i + 1]);
        }
        return cri.run(spec);
    }

    private static String run(Pod pod, String name, String... command) {
        String container = cri.create(pod, ContainerSpec.of(name, IMAGE, command));
        cri.start(container);
        return container;
    }

    private static String get(String host) throws IOException {
        try (Socket socket = new Socket(host, 8080)) {
            socket.getOutputStream().write("GET /boat HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void podsGoOnServingWhileContainerdIsAwayAndTheEndsAreLearnedAfterwards() throws Exception {
        Pod pod = pod(CriPlugin.SKIFF, "skiff.dev/listen.web", "8080");
        String web = run(pod, "web", "/http.wasm");
        String loop = run(pod, "loop", "/loop.wasm");
        String linux = run(pod, "linux", "/bin/busybox", "sleep", "600");
        String address = cri.status(pod).address();

        containerd.kill();
        assertThat(get(address)).contains("200 OK");
        tell(PODS, "Kill", new ProtoWriter().text(1, loop).number(3, 10));
        startedAgain();

        assertThat(cri.ended(loop).exitCode()).isEqualTo(128 + 10);
        assertThat(cri.status(pod).isReady()).isTrue();
        assertThat(cri.status(web).state()).isEqualTo(State.RUNNING);
        assertThat(cri.status(linux).state()).isEqualTo(State.RUNNING);
        assertThat(get(address)).contains("200 OK");
    }

    @Test
    void containerdThatIsKilledAgainAndAgainLeavesNothingItDoesNotKnow() throws Exception {
        Random random = new Random(version.ordinal());
        for (int round = 0; round < 3; round++) {
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                for (int i = 0; i < 4; i++) {
                    threads.submit(() -> {
                        for (int task = 0; task < 3; task++) {
                            run("/exit.wasm", "0");
                        }
                    });
                }
                Thread.sleep(100 + random.nextInt(500));
                containerd.kill();
            }
            startedAgain();
            AtomicReference<Output> last = new AtomicReference<>();
            // Its own remnants may be in containerd's way: folders of snapshots that it had made and not noted.
            Containerd.until("a task runs", () -> {
                last.set(run("/exit.wasm", "3"));
                return !last.get().err().contains("snapshots");
            });
            assertThat(last.get().status()).as(last.get().err()).isEqualTo(3);
        }
    }

    @Test
    void whatADaemonThatWasKilledHadIsGoneAndLinuxContainersLiveOn() throws Exception {
        Pod pod = pod(CriPlugin.SKIFF, "skiff.dev/listen.web", "8080");
        String web = run(pod, "web", "/http.wasm");
        String linux = run(pod, "linux", "/bin/busybox", "sleep", "600");
        String paused = detached("/loop.wasm");
        ctr("task", "pause", paused);
        String made = created();
        Path network = cri.status(pod).network().orElseThrow();
        ProcessHandle killed = containerd.daemon().orElseThrow();
        killed.destroyForcibly();
        killed.onExit().get();

        // To Kubernetes containerd says that it does not know, as of any runtime that is killed.
        assertThat(cri.ended(web).exitCode()).isEqualTo(255);
        Containerd.until("the pod is not ready", () -> !cri.status(pod).isReady());
        Containerd.until(
                "it is known",
                () -> !status(paused).equals("PAUSED") && !status(made).equals("CREATED"));
        assertThat(cri.status(linux).state()).isEqualTo(State.RUNNING);
        assertThat(cri.exec(linux, PATIENCE, "/bin/busybox", "echo", "on").out())
                .isEqualTo("on\n");
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Output>> outputs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                outputs.add(threads.submit(() -> run("/exit.wasm", "4")));
            }
            for (Future<Output> output : outputs) {
                assertThat(output.get().status()).as(output.get().err()).isEqualTo(4);
            }
        }
        assertThat(containerd.daemons()).hasSize(1).doesNotContain(killed);
        cri.stop(linux, Duration.ZERO);
        assertThat(cri.status(linux).exitCode()).isEqualTo(137);
        cri.stop(pod);
        cri.remove(pod);
        assertThat(network).doesNotExist();
        Containerd.until(
                "nothing runs for it",
                () -> runtimes().isEmpty(),
                () -> runtimes().toString());
    }

    /** Runtimes for Linux containers of this containerd. */
    private static List<String> runtimes() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("containerd-shim-runc")
                        && line.contains(containerd.folder().toString()))
                .toList();
    }

    @Test
    void aTaskWhoseBundleIsRemovedEnds() throws Exception {
        String id = detached("/loop.wasm");
        Path bundle = containerd
                .folder()
                .resolve("state/io.containerd.runtime.v2.task/default")
                .resolve(id);
        assertThat(bundle).exists();

        new ProcessBuilder("rm", "-rf", bundle.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();

        Containerd.until("it has ended", () -> !status(id).equals("RUNNING"));
        Containerd.until("nothing is mounted", () -> containerd.mounts().isEmpty());
        containerd.ctr("task", "rm", "-f", id);
    }
}
