package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.Cri.Pod;
import dev.skiff.containerd.Cri.State;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
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
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AtomicInteger NEXT = new AtomicInteger();

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static Cri cri;
    private static CtrTasks tasks;

    @Parameter
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        Pods pods = CONTAINERDS.startWithPods(version);
        containerd = pods.containerd();
        cri = pods.cri();
        LayerFile[] files = {
            Guests.busyboxFile(),
            LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
            LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755),
            LayerFile.of("flood.wasm", Guests.FLOOD, 0755),
            LayerFile.of("loop.wasm", Guests.LOOP, 0755)
        };
        pods.loadSandbox();
        pods.load(IMAGE, files);
        tasks = CtrTasks.of(containerd, files);
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

    /** One that is made, and not started. */
    private static String created() {
        Path files = containerd.folder().resolve("files");
        String id = CtrTasks.id();
        try {
            Files.createDirectories(files);
            Files.write(files.resolve("loop.wasm"), Guests.LOOP);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        containerd.succeed(
                "container", "create", "--runtime", CtrTasks.RUNTIME, "--rootfs", files.toString(), id, "/loop.wasm");
        call("Create", id);
        return id;
    }

    private static ProtoMessage call(String method, String id) {
        return new GrpcClient(containerd.socket(), Map.of("containerd-namespace", "default"))
                .call("containerd.services.tasks.v1.Tasks/" + method, new ProtoWriter().text(1, id), PATIENCE);
    }

    /** Deletes a task; its exit status, as containerd knows it. */
    private static long deleted(String id) {
        return call("Delete", id).number(3);
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
        String runs = tasks.detached("/loop.wasm");
        String paused = tasks.detached("/loop.wasm");
        containerd.succeed("task", "pause", paused);
        String made = created();
        String ends = tasks.detached("/loop.wasm");
        String ended = tasks.detached("/exit.wasm", "7");
        tasks.awaitEnd(ended);
        containerd.succeed("task", "exec", "-d", "--exec-id", "x", runs, "/loop.wasm");

        containerd.kill();
        tell("default", "Kill", new ProtoWriter().text(1, ends).number(3, 15));
        startedAgain();

        assertThat(tasks.status(runs)).isEqualTo("RUNNING");
        assertThat(tasks.status(paused)).isEqualTo("PAUSED");
        assertThat(tasks.status(made)).isEqualTo("CREATED");
        assertThat(tasks.status(ends)).isEqualTo("STOPPED");
        assertThat(tasks.status(ended)).isEqualTo("STOPPED");
        assertThat(deleted(ends)).isEqualTo(128 + 15);
        assertThat(deleted(ended)).isEqualTo(7);
        containerd.succeed("task", "resume", paused);
        call("Start", made);
        assertThat(tasks.status(made)).isEqualTo("RUNNING");
        containerd.succeed("task", "kill", "--exec-id", "x", "-s", "SIGKILL", runs);
        assertThat(tasks.status(runs)).isEqualTo("RUNNING");
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
        return cri.run(pod, ContainerSpec.of(name, IMAGE, command));
    }

    @Test
    void podsGoOnServingWhileContainerdIsAwayAndTheEndsAreLearnedAfterwards() throws Exception {
        Pod pod = pod(CriPlugin.SKIFF, "skiff.dev/listen.web", "8080");
        String web = run(pod, "web", "/http.wasm");
        String loop = run(pod, "loop", "/loop.wasm");
        String linux = run(pod, "linux", "/bin/busybox", "sleep", "600");
        String address = cri.status(pod).address();

        containerd.kill();
        assertThat(HttpGuest.get(address, 8080)).contains("200 OK");
        tell(Pods.NAMESPACE, "Kill", new ProtoWriter().text(1, loop).number(3, 10));
        startedAgain();

        assertThat(cri.ended(loop).exitCode()).isEqualTo(128 + 10);
        assertThat(cri.status(pod).isReady()).isTrue();
        assertThat(cri.status(web).state()).isEqualTo(State.RUNNING);
        assertThat(cri.status(linux).state()).isEqualTo(State.RUNNING);
        assertThat(HttpGuest.get(address, 8080)).contains("200 OK");
    }

    @Test
    void containerdThatIsKilledAgainAndAgainLeavesNothingItDoesNotKnow() throws Exception {
        Random random = new Random(version.ordinal());
        for (int round = 0; round < 3; round++) {
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                for (int i = 0; i < 4; i++) {
                    threads.submit(() -> {
                        for (int task = 0; task < 3; task++) {
                            tasks.run("/exit.wasm", "0");
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
                last.set(tasks.run("/exit.wasm", "3"));
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
        String paused = tasks.detached("/loop.wasm");
        containerd.succeed("task", "pause", paused);
        String made = created();
        Path network = cri.status(pod).network().orElseThrow();
        ProcessHandle killed = containerd.killDaemon();

        // To Kubernetes containerd says that it does not know, as of any runtime that is killed.
        assertThat(cri.ended(web).exitCode()).isEqualTo(255);
        Containerd.until("the pod is not ready", () -> !cri.status(pod).isReady());
        Containerd.until(
                "it is known",
                () -> !tasks.status(paused).equals("PAUSED")
                        && !tasks.status(made).equals("CREATED"));
        assertThat(cri.status(linux).state()).isEqualTo(State.RUNNING);
        assertThat(cri.exec(linux, PATIENCE, "/bin/busybox", "echo", "on").out())
                .isEqualTo("on\n");
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Output>> outputs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                outputs.add(threads.submit(() -> tasks.run("/exit.wasm", "4")));
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
        String id = tasks.detached("/loop.wasm");
        Path bundle = containerd.bundle("default", id);
        assertThat(bundle).exists();

        new ProcessBuilder("rm", "-rf", bundle.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();

        Containerd.until("it has ended", () -> !tasks.status(id).equals("RUNNING"));
        Containerd.until("nothing is mounted", () -> containerd.mounts().isEmpty());
        containerd.ctr("task", "rm", "-f", id);
    }
}
