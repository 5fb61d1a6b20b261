package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.Cri.ContainerStatus;
import dev.skiff.containerd.Cri.Exec;
import dev.skiff.containerd.Cri.Pod;
import dev.skiff.containerd.Cri.State;
import dev.skiff.oci.LayerFile;
import dev.skiff.oci.MediaTypes;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods of a real containerd, as the kubelet would want them. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class PodTest {
    private static final String IMAGE = "localhost/guests:v1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AtomicInteger NEXT = new AtomicInteger();

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Pods pods;
    private static Containerd containerd;
    private static Cri cri;

    @Parameter
    private Containerd.Version version;

    private final String name = "pod" + NEXT.incrementAndGet();
    private final Path logs = containerd.folder().resolve("logs").resolve(name);

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
                LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755),
                LayerFile.of("large.wasm", Guests.LARGE, 0755),
                LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                LayerFile.of("loop.wasm", Guests.LOOP, 0755));
    }

    @AfterEach
    void removePods() {
        cri.removeAll();
    }

    private Pod pod(String handler) throws IOException {
        Files.createDirectories(logs);
        return cri.run(PodSpec.of(name, handler, logs));
    }

    @Test
    void itIsContainerdThatAnswers() {
        assertThat(cri.version()).startsWith(version == Containerd.Version.V2 ? "containerd 2." : "containerd 1.");
    }

    @Test
    void whatAWasmContainerWritesIsInItsLog() throws IOException {
        Pod pod = pod(CriPlugin.SKIFF);

        String container = cri.run(
                pod,
                ContainerSpec.of("hello", IMAGE, "/hello.wasm", "port", "starboard")
                        .environment("GREETING", "ahoy"));

        assertThat(cri.ended(container)).isEqualTo(new ContainerStatus(State.EXITED, 0, "Completed", ""));
        assertThat(Pods.log(logs, "hello"))
                .containsExactly("stdout F hello from C, arguments [port, starboard], GREETING ahoy");
        assertThat(cri.status(pod).isReady()).isTrue();
    }

    @Test
    void theExitStatusIsThatOfTheProgram() throws IOException {
        String container = cri.run(pod(CriPlugin.SKIFF), ContainerSpec.of("exit", IMAGE, "/exit.wasm", "7"));

        ContainerStatus status = cri.ended(container);

        assertThat(status.exitCode()).isEqualTo(7);
        assertThat(status.reason()).isEqualTo("Error");
    }

    @Test
    void aWasmContainerIsMeasuredWhileItRunsAndEndsWhenItIsStopped() throws IOException {
        String container = cri.run(pod(CriPlugin.SKIFF), ContainerSpec.of("loop", IMAGE, "/loop.wasm"));

        assertThat(cri.status(container).state()).isEqualTo(State.RUNNING);
        Containerd.until("it uses time", () -> cri.stats(container).cpu() > 0);
        cri.stop(container, Duration.ofSeconds(20));

        assertThat(cri.status(container).exitCode()).isEqualTo(128 + 15);
    }

    @ParameterizedTest
    @ValueSource(strings = {CriPlugin.SKIFF, CriPlugin.RUNC})
    void aPodLeavesNothingBehind(String handler) throws IOException {
        Pod pod = pod(handler);
        String[] command = handler.equals(CriPlugin.SKIFF)
                ? new String[] {"/loop.wasm"}
                : new String[] {"/bin/busybox", "sleep", "600"};
        String container = cri.run(pod, ContainerSpec.of("main", IMAGE, command));
        Cri.PodStatus status = cri.status(pod);
        Path network = status.network().orElseThrow();
        assertThat(network).exists();
        assertThat(CriPlugin.addresses(containerd.folder())).containsExactly(status.address());
        assertThat(containerd.mounts()).isNotEmpty();

        cri.stop(pod);

        assertThat(cri.status(pod).isReady()).isFalse();
        assertThat(cri.status(container).state()).isEqualTo(State.EXITED);
        assertThat(CriPlugin.addresses(containerd.folder())).isEmpty();
        assertThat(network).doesNotExist();
        cri.remove(pod);
        assertThat(containerd.mounts()).isEmpty();
        assertThat(pods.ctr("task", "ls", "-q").out()).isEmpty();
        assertThat(pods.ctr("containers", "ls", "-q").out()).isEmpty();
    }

    @Test
    void annotationsOfSkiffReachTheRuntime() throws IOException {
        Files.createDirectories(logs);
        Pod pod = cri.run(PodSpec.of(name, CriPlugin.SKIFF, logs).annotation("skiff.dev/timeout", "1h"));
        String container = cri.create(
                pod,
                ContainerSpec.of("hello", IMAGE, "/hello.wasm")
                        .annotation("skiff.dev/fuel", "1000000")
                        .annotation("example.org/other", "yes"));
        cri.start(container);

        assertThat(containerd.bundle(Pods.NAMESPACE, pod.id()).resolve("config.json"))
                .content()
                .contains("\"skiff.dev/timeout\":\"1h\"");
        assertThat(containerd.bundle(Pods.NAMESPACE, container).resolve("config.json"))
                .content()
                .contains("\"skiff.dev/timeout\":\"1h\"", "\"skiff.dev/fuel\":\"1000000\"")
                .doesNotContain("example.org/other");
    }

    @Test
    void aPodOnTheHostsNetworkHasNoneOfItsOwn() throws IOException {
        Files.createDirectories(logs);

        Cri.PodStatus status =
                cri.status(cri.run(PodSpec.of(name, CriPlugin.SKIFF, logs).onHostNetwork()));

        assertThat(status).isEqualTo(new Cri.PodStatus(true, "", Optional.empty()));
    }

    @Test
    void aLinuxPodIsServedByTheSameContainerd() throws IOException {
        Pod pod = pod(CriPlugin.RUNC);
        String greeter = cri.run(
                pod,
                ContainerSpec.of("greeter", IMAGE, "/bin/busybox", "sh", "-c", "echo hello from $0; exit 5", "sh"));
        String sleeper = cri.run(
                pod,
                ContainerSpec.of("sleeper", IMAGE, "/bin/busybox", "sleep", "600")
                        .mount(Files.createDirectories(logs.resolve("shared")), "/shared")
                        .memory(64 << 20)
                        .quota(50_000));

        assertThat(cri.ended(greeter).exitCode()).isEqualTo(5);
        assertThat(Pods.log(logs, "greeter")).containsExactly("stdout F hello from sh");
        assertThat(cri.containers(pod)).containsExactlyInAnyOrder(greeter, sleeper);
        assertThat(cri.exec(
                        sleeper,
                        Duration.ofSeconds(20),
                        "/bin/busybox",
                        "sh",
                        "-c",
                        "echo wrote >/shared/file; echo out; echo err >&2; exit 3"))
                .isEqualTo(new Exec(3, "out\n", "err\n"));
        assertThat(logs.resolve("shared/file")).hasContent("wrote");
        assertThat(cri.stats(sleeper).memory()).isPositive();
        cri.update(sleeper, 32 << 20, 20_000);
        cri.stop(sleeper, Duration.ZERO);
        assertThat(cri.status(sleeper).exitCode()).isEqualTo(128 + 9);
        cri.remove(greeter);
        assertThat(cri.containers(pod)).containsExactly(sleeper);
    }

    private Pod listening(String setting) throws IOException {
        Files.createDirectories(logs);
        return cri.run(PodSpec.of(name, CriPlugin.SKIFF, logs)
                .annotation("skiff.dev/listen.web", setting)
                .annotation("skiff.dev/timeout.other", "1h"));
    }

    @Test
    void aProgramAnswersAtTheAddressOfItsPod() throws IOException {
        Pod pod = listening("8080");
        String container = cri.run(pod, ContainerSpec.of("web", IMAGE, "/http.wasm"));
        String address = cri.status(pod).address();

        assertThat(HttpGuest.get(address, 8080)).endsWith("GET /boat HTTP/1.1\n");

        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> HttpGuest.get("127.0.0.1", 8080));
        cri.stop(container, Duration.ofSeconds(20));
        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> HttpGuest.get(address, 8080));
    }

    @Test
    void podsWithTheSamePortAreNotInEachOthersWay() throws IOException {
        Pod pod = listening("8080");
        cri.run(pod, ContainerSpec.of("web", IMAGE, "/http.wasm"));
        Pod other = cri.run(PodSpec.of(name + "b", CriPlugin.SKIFF, logs).annotation("skiff.dev/listen", "8080"));
        cri.run(other, ContainerSpec.of("web", IMAGE, "/http.wasm"));

        assertThat(HttpGuest.get(cri.status(pod).address(), 8080)).contains("200 OK");
        assertThat(HttpGuest.get(cri.status(other).address(), 8080)).contains("200 OK");
        assertThatThrownBy(() -> cri.run(other, ContainerSpec.of("second", IMAGE, "/http.wasm")))
                .hasMessageContaining("it cannot listen on 0.0.0.0:8080: address in use");
    }

    @Test
    void linuxContainersAndWasmContainersOfAPodTalkOnLocalhost() throws IOException {
        Pod pod = listening("127.0.0.1:8080");
        cri.run(pod, ContainerSpec.of("web", IMAGE, "/http.wasm"));

        String linux = cri.run(pod, ContainerSpec.of("linux", IMAGE, "/bin/busybox", "sleep", "600"));

        assertThat(cri.exec(linux, PATIENCE, "/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/a"))
                .isEqualTo(new Exec(0, "GET /a HTTP/1.1\n", ""));
        assertThat(cri.exec(linux, PATIENCE, "/bin/busybox", "hostname").out()).isEqualTo(name + "\n");
        assertThat(cri.exec(linux, PATIENCE, "/bin/busybox", "ip", "addr").out())
                .contains(cri.status(pod).address());
    }

    @Test
    void linuxContainersOfAPodShareItsNamespacesAndLeaveNothingBehind() throws IOException {
        Pod pod = pod(CriPlugin.SKIFF);
        String first = cri.run(pod, ContainerSpec.of("first", IMAGE, "/bin/busybox", "sleep", "600"));
        String second = cri.run(pod, ContainerSpec.of("second", IMAGE, "/bin/busybox", "sleep", "600"));
        for (String kind : List.of("net", "ipc", "uts")) {
            String namespace = namespace(first, kind);
            assertThat(namespace).startsWith(kind).isEqualTo(namespace(second, kind));
            assertThat(namespace).isNotEqualTo(own(kind));
        }
        assertThat(namespace(first, "pid")).isNotEqualTo(namespace(second, "pid"));
        Path runtimes = containerd.bundle(Pods.NAMESPACE, pod.id()).resolve("ns/runtimes");
        List<String> answers = Files.readAllLines(runtimes).stream().distinct().toList();
        assertThat(answers).hasSize(1);
        Path socket = Path.of(answers.getFirst().replaceFirst(".*unix://", "").replaceFirst("\".*", ""));

        cri.stop(pod);
        cri.remove(pod);

        assertThat(containerd.mounts()).isEmpty();
        Containerd.until("the runtime of the Linux containers ends", () -> !answers(socket));
        assertThat(pods.ctr("task", "ls", "-q").out()).isEmpty();
    }

    private static String namespace(String container, String kind) {
        return cri.exec(container, PATIENCE, "/bin/busybox", "readlink", "/proc/self/ns/" + kind)
                .out()
                .strip();
    }

    private static String own(String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
    }

    private static boolean answers(Path socket) {
        try (SocketChannel ignored = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void execLooksInsideAndProbes() throws IOException {
        Pod pod = pod(CriPlugin.SKIFF);
        String container = cri.run(pod, ContainerSpec.of("loop", IMAGE, "/loop.wasm"));

        assertThat(cri.exec(container, PATIENCE, "/skiff/ls", "/bin")).isEqualTo(new Exec(0, "busybox\n", ""));
        assertThat(cri.exec(container, PATIENCE, "/skiff/ps").out()).contains("main", "running");
        assertThat(cri.exec(container, PATIENCE, "/exit.wasm", "3").exitCode()).isEqualTo(3);
        assertThatThrownBy(() -> cri.exec(container, PATIENCE, "/bin/sh"))
                .hasMessageContaining("cannot run /bin/sh: the container's files have no /bin/sh");
    }

    @Test
    void theReasonOfAnEndIsWhereKubernetesLooksForIt() throws IOException {
        Pod pod = pod(CriPlugin.SKIFF);
        Path message = Files.createFile(logs.resolve("message"));

        String container = cri.run(
                pod,
                ContainerSpec.of("large", IMAGE, "/large.wasm")
                        .memory(512 << 10)
                        .mount(message, "/dev/termination-log"));

        assertThat(cri.ended(container).exitCode()).isEqualTo(137);
        assertThat(cri.ended(container).reason()).isEqualTo("OOMKilled");
        assertThat(message).content().startsWith("skiff: out of memory: ");
    }

    @Test
    void theSecurityContextSaysWhoAContainerIs() throws IOException {
        Path data = Files.createDirectories(logs.resolve("data"));
        Path readable = Files.writeString(data.resolve("readable"), "for the group");
        Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rw-r-----"));
        Files.setAttribute(readable, "unix:gid", 2_000);
        Path secret = Files.writeString(data.resolve("secret"), "for root");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Pod pod = cri.run(PodSpec.of(name, "skiff", logs));
        String member = cri.create(
                pod,
                ContainerSpec.of("member", IMAGE, "/loop.wasm")
                        .mount(data, "/data")
                        .user(1_000, 1_000, 3_000, 2_000));
        String other = cri.create(
                pod,
                ContainerSpec.of("other", IMAGE, "/loop.wasm")
                        .mount(data, "/data")
                        .user(1_000, 1_000));
        cri.start(member);
        cri.start(other);

        assertThat(cri.exec(member, PATIENCE, "/skiff/cat", "/data/readable"))
                .isEqualTo(new Exec(0, "for the group", ""));
        assertThat(cri.exec(member, PATIENCE, "/skiff/cat", "/data/secret")).satisfies(exec -> {
            assertThat(exec.exitCode()).isNotZero();
            assertThat(exec.out()).isEmpty();
        });
        assertThat(cri.exec(other, PATIENCE, "/skiff/cat", "/data/readable").exitCode())
                .isNotZero();
    }

    @Test
    void limitsChangeWhileAContainerRuns() throws IOException {
        Pod pod = pod(CriPlugin.SKIFF);
        String container =
                cri.run(pod, ContainerSpec.of("loop", IMAGE, "/loop.wasm").memory(64 << 20));

        cri.update(container, 32 << 20, 20_000);

        Output metrics = pods.ctr("task", "metrics", container);
        assertThat(metrics.out()).containsPattern("memory.usage_limit +" + (32 << 20));
        Containerd.until(
                "it is held back",
                () -> pods.ctr("task", "metrics", container)
                        .out()
                        .lines()
                        .anyMatch(line -> line.matches("cpu.nr_throttled +[1-9].*")));
    }

    @Test
    void anArtifactRunsWithTheCommandOfThePod() throws IOException {
        String image = "localhost/artifact:v1";
        TestImage artifact = TestImage.artifact(MediaTypes.WASM_CONFIG, MediaTypes.WASM, Guests.bytes("hello-c"));
        pods.load(image, artifact, "--no-unpack", "--all-platforms");

        String container = cri.run(pod(CriPlugin.SKIFF), ContainerSpec.of("hello", image, "/", "port"));

        assertThat(cri.ended(container).exitCode()).isZero();
        assertThat(Pods.log(logs, "hello"))
                .containsExactly("stdout F hello from C, arguments [port], GREETING not set");
    }
}
