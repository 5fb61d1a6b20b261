package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.Cri.ContainerStatus;
import dev.skiff.containerd.Cri.Exec;
import dev.skiff.containerd.Cri.Pod;
import dev.skiff.containerd.Cri.State;
import dev.skiff.oci.LayerFile;
import dev.skiff.oci.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods whose Wasm containers are JVMs of their own, of a real containerd. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class IsolatedPodTest {
    private static final String IMAGE = "localhost/guests:v1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AtomicInteger NEXT = new AtomicInteger();

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Pods pods;
    private static Containerd containerd;
    private static Cri cri;

    private final String name;
    private final Path logs;

    IsolatedPodTest(Containerd.Version version) {
        name = "pod" + version.ordinal() + "-" + NEXT.incrementAndGet();
        logs = containerd.folder().resolve("logs").resolve(name);
    }

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        pods = CONTAINERDS.startWithPods(version);
        containerd = pods.containerd();
        cri = pods.cri();
        pods.loadSandbox();
        pods.load(
                IMAGE,
                Guests.busyboxFile(),
                LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755),
                LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                LayerFile.of("files.wasm", Guests.bytes("fileio-c"), 0755),
                LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755),
                LayerFile.of("large.wasm", Guests.LARGE, 0755),
                LayerFile.of("loop.wasm", Guests.LOOP, 0755),
                LayerFile.of("trap.wasm", Guests.TRAP, 0755));
    }

    @AfterEach
    void removePods() {
        cri.removeAll();
    }

    private PodSpec spec() throws IOException {
        Files.createDirectories(logs);
        return PodSpec.of(name, CriPlugin.ISOLATED, logs);
    }

    private Pod pod() throws IOException {
        return cri.run(spec());
    }

    /** Waits for who never comes. */
    private static ContainerSpec idle() {
        return ContainerSpec.of("idle", IMAGE, "/http.wasm").annotation("skiff.dev/listen", "127.0.0.1:0");
    }

    @Test
    void aProgramGetsItsArgumentsAndItsEnvironmentWhichTheJvmDoesNotSee() throws IOException {
        String container = cri.run(
                pod(),
                ContainerSpec.of("hello", IMAGE, "/hello.wasm", "port", "starbård")
                        .environment("GREETING", "ahoi")
                        .environment("JAVA_TOOL_OPTIONS", "-version")
                        .environment("JDK_JAVA_OPTIONS", "-version")
                        .environment("LD_PRELOAD", "/bin/busybox")
                        .environment("LD_LIBRARY_PATH", "/rootfs/lib"));

        assertThat(cri.ended(container)).isEqualTo(new ContainerStatus(State.EXITED, 0, "Completed", ""));
        assertThat(Pods.log(logs, "hello"))
                .containsExactly("stdout F hello from C, arguments [port, starbård], GREETING ahoi");
    }

    @Test
    void anEndHasItsStatusAndItsReason() throws IOException {
        Pod pod = pod();
        Path trapped = Files.createFile(logs.resolve("trapped"));
        Path large = Files.createFile(logs.resolve("large"));
        String exit = cri.run(pod, ContainerSpec.of("exit", IMAGE, "/exit.wasm", "7"));
        String trap =
                cri.run(pod, ContainerSpec.of("trap", IMAGE, "/trap.wasm").mount(trapped, Spec.TERMINATION_MESSAGE));
        String full = cri.run(
                pod,
                ContainerSpec.of("full", IMAGE, "/large.wasm")
                        .memory(512 << 10)
                        .mount(large, Spec.TERMINATION_MESSAGE));

        assertThat(cri.ended(exit).exitCode()).isEqualTo(7);
        assertThat(cri.ended(trap).exitCode()).isEqualTo(134);
        assertThat(Pods.log(logs, "trap")).first().asString().startsWith("stderr F skiff: trap: ");
        assertThat(trapped).content().startsWith("skiff: trap: ");
        assertThat(cri.ended(full).exitCode()).isEqualTo(137);
        assertThat(large).content().startsWith("skiff: out of memory: ");
    }

    @Test
    void whatCannotBeRunFailsWithTheReason() throws IOException {
        Pod pod = pod();

        assertThatThrownBy(() -> cri.run(pod, ContainerSpec.of("missing", IMAGE, "/missing.wasm")))
                .hasMessageContaining("skiff: cannot run /missing.wasm: the container's files have no /missing.wasm");
        assertThatThrownBy(() -> cri.run(
                        pod, ContainerSpec.of("odd", IMAGE, "/hello.wasm").annotation("skiff.dev/fuel", "none")))
                .hasMessageContaining("skiff: the annotation skiff.dev/fuel must be a number");
    }

    @Test
    void aProgramSeesTheFilesOfItsImageAndItsVolumesAndNothingElse() throws IOException {
        Pod pod = pod();
        Path volume = Files.createDirectories(logs.resolve("volume"));
        Path fixed = Files.createDirectories(logs.resolve("fixed"));
        Files.writeString(fixed.resolve("note"), "as it was");
        String files = cri.run(
                pod,
                ContainerSpec.of("files", IMAGE, "/files.wasm", "/data")
                        .mount(volume, "/data")
                        .readOnlyRoot());
        String refused = cri.run(
                pod,
                ContainerSpec.of("refused", IMAGE, "/files.wasm", "/data/fixed")
                        .mount(volume, "/data")
                        .mountReadOnly(fixed, "/data/fixed"));
        String root = cri.run(
                pod, ContainerSpec.of("root", IMAGE, "/files.wasm", "/bin").readOnlyRoot());
        String idle = cri.run(pod, idle().mountReadOnly(fixed.resolve("note"), "/note"));

        assertThat(cri.exec(idle, PATIENCE, "/skiff/ls", "/").out().lines())
                .containsExactlyInAnyOrder(
                        "bin",
                        "etc",
                        "exit.wasm",
                        "files.wasm",
                        "hello.wasm",
                        "http.wasm",
                        "large.wasm",
                        "loop.wasm",
                        "note",
                        "trap.wasm");
        Exec others = cri.exec(
                idle,
                PATIENCE,
                "/skiff/ls",
                "/proc",
                "/dev/null",
                "/config.json",
                "/../config.json",
                "/lib",
                System.getProperty("java.home"));
        assertThat(others.exitCode()).isNotZero();
        assertThat(others.out()).isEmpty();
        assertThat(others.err().lines()).hasSize(6);
        assertThat(cri.ended(files).exitCode()).isZero();
        assertThat(cri.ended(refused).exitCode()).isNotZero();
        assertThat(cri.ended(root).exitCode()).isNotZero();
        assertThat(fixed).isDirectoryContaining("glob:**/note").isDirectoryNotContaining("glob:**/hold");
    }

    @Test
    void execLooksInsideAndProbes() throws IOException {
        String container = cri.run(pod(), idle());

        assertThat(cri.exec(container, PATIENCE, "/skiff/ps").out()).containsPattern("\n +1 ");
        assertThat(cri.exec(container, PATIENCE, "/exit.wasm", "3").exitCode()).isEqualTo(3);
        Exec missing = cri.exec(container, PATIENCE, "/bin/sh");
        assertThat(missing.exitCode()).isEqualTo(127);
        assertThat(missing.err()).startsWith("skiff: cannot run /bin/sh: the container's files have no /bin/sh");
    }

    @Test
    void theProcessHasNoMoreRightsThanItsUser() throws IOException {
        Pod pod = pod();
        Path volume = Files.createDirectories(logs.resolve("volume"));
        String container = cri.run(
                pod,
                ContainerSpec.of("files", IMAGE, "/files.wasm", "/data")
                        .mount(volume, "/data")
                        .user(1000));
        String idle = cri.run(pod, idle().user(1000));

        assertThat(Path.of("/proc", Long.toString(pods.pid(idle)), "status"))
                .content()
                .containsPattern("Uid:\\s+1000\\s")
                .containsPattern("CapBnd:\\s+0+\n")
                .containsPattern("NoNewPrivs:\\s+1");
        assertThat(cri.ended(container).exitCode()).isNotZero();
        assertThat(volume).isEmptyDirectory();
    }

    @Test
    void aProgramAnswersAtTheAddressOfItsPodAndLinuxContainersReachItOnLocalhost() throws IOException {
        Pod pod = cri.run(spec().annotation("skiff.dev/listen.web", "8080"));
        cri.run(pod, ContainerSpec.of("web", IMAGE, "/http.wasm"));
        String linux = cri.run(pod, ContainerSpec.of("linux", IMAGE, "/bin/busybox", "sleep", "600"));

        Containerd.until("it answers", () -> {
            try {
                return HttpGuest.get(cri.status(pod).address(), 8080).endsWith("GET /boat HTTP/1.1\n");
            } catch (IOException e) {
                return false;
            }
        });
        assertThat(cri.exec(linux, PATIENCE, "/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/a"))
                .isEqualTo(new Exec(0, "GET /a HTTP/1.1\n", ""));
    }

    @Test
    void theKernelKeepsTheLimits() throws IOException {
        String container = cri.run(
                pod(),
                ContainerSpec.of("loop", IMAGE, "/loop.wasm").memory(32 << 20).quota(50_000));

        assertThat(memoryLimit(container)).isEqualTo((32L << 20) + IsolatedBundle.RESERVE);
        Path cpu = cpuStatistics(pods.pid(container));
        Containerd.until("it is held back", () -> !Containerd.has(cpu, "nr_throttled 0"));
        cri.update(container, 48 << 20, 20_000);
        assertThat(memoryLimit(container)).isEqualTo((48L << 20) + IsolatedBundle.RESERVE);
        assertThat(cri.stats(container).memory()).isBetween(1L << 20, 144L << 20);
    }

    private static long memoryLimit(String container) {
        Output metrics = pods.ctr("task", "metrics", container);
        return metrics.out()
                .lines()
                .map(line -> line.split("\\s+"))
                .filter(words -> words[0].matches("memory\\.(limit_in_bytes|usage_limit)"))
                .mapToLong(words -> Long.parseLong(words[1]))
                .findFirst()
                .orElseThrow(() -> new AssertionError(metrics));
    }

    /** The kernel's, in the control group of a process: of version 1, or of version 2. */
    private static Path cpuStatistics(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup")).stream()
                .map(line -> line.split(":", 3))
                .map(parts -> Path.of(
                        "/sys/fs/cgroup",
                        List.of(parts[1].split(",")).contains("cpu") ? "cpu" : "",
                        parts[2],
                        "cpu.stat"))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPodEndsWhenItIsAskedToAndLeavesNothingBehind() throws IOException {
        Pod pod = pod();
        String container = cri.run(pod, ContainerSpec.of("loop", IMAGE, "/loop.wasm"));
        long pid = pods.pid(container);
        assertThat(containerd.daemon()).isEmpty();

        cri.stop(container, PATIENCE);
        assertThat(cri.status(container).exitCode()).isEqualTo(128 + 15);
        cri.stop(pod);
        cri.remove(pod);

        assertThat(Path.of("/proc", Long.toString(pid))).doesNotExist();
        assertThat(containerd.mounts()).isEmpty();
        Containerd.until(
                "the runtime of the pod ends",
                () -> ProcessHandle.allProcesses()
                        .noneMatch(process -> process.info()
                                .commandLine()
                                .filter(line -> line.contains(pod.id()))
                                .isPresent()));
        assertThat(CriPlugin.addresses(containerd.folder())).isEmpty();
        assertThat(pods.ctr("task", "ls", "-q").out()).isEmpty();
    }

    @Test
    void anArtifactRunsWithTheCommandOfThePod() throws IOException {
        String image = "localhost/artifact:v1";
        TestImage artifact = TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, Guests.bytes("hello-c"));
        pods.load(image, artifact, "--no-unpack", "--all-platforms");

        String container = cri.run(pod(), ContainerSpec.of("hello", image, "/", "port"));

        assertThat(cri.ended(container).exitCode()).isZero();
        assertThat(Pods.log(logs, "hello"))
                .containsExactly("stdout F hello from C, arguments [port], GREETING not set");
    }
}
