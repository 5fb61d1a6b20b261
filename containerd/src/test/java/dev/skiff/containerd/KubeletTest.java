package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods of a real kubelet, which people and a real API server look after. */
@Tag("campaign")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class KubeletTest {
    private static final Path MANIFESTS = Guests.CHECKOUT.resolve("containerd/src/test/resources/pods");
    private static final String STATUS = "{.status.containerStatuses[?(@.name==\"%s\")].%s}";

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Kubernetes kubernetes;
    private static Kubectl kubectl;
    private static Containerd containerd;

    @Parameter
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        kubernetes = CONTAINERDS.startKubernetes(version);
        kubectl = kubernetes.kubectl();
        containerd = kubernetes.pods().containerd();
        kubernetes.pods().loadSandbox();
        kubernetes
                .pods()
                .load(
                        "localhost/guests:v1",
                        TestImage.container(
                                TestImage.HERE,
                                Map.of(),
                                List.of(
                                        Guests.busyboxFile(),
                                        LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                                        LayerFile.of("files.wasm", Guests.bytes("fileio-c"), 0755),
                                        LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755),
                                        LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755),
                                        LayerFile.of("large.wasm", Guests.LARGE, 0755),
                                        LayerFile.of("signals.wasm", Guests.bytes("signals-c"), 0755))));
    }

    @AfterEach
    void deletePods() {
        kubectl.succeed("delete", "pods", "--all", "--now");
    }

    private static String manifest(String name) throws IOException {
        return Files.readString(MANIFESTS.resolve(name + ".yaml"));
    }

    private static Output exec(String pod, String container, String... command) {
        String[] options = {"exec", pod, "-c", container, "--"};
        return kubectl.run(Stream.concat(Stream.of(options), Stream.of(command)).toArray(String[]::new));
    }

    private static String status(String pod, String container, String field) {
        return kubectl.get(pod, STATUS.formatted(container, field));
    }

    private static boolean isStartedAnew(String pod, String container) {
        return status(pod, container, "restartCount").matches("[1-9][0-9]*");
    }

    private static String address(String pod) {
        return kubectl.get(pod, "{.status.podIP}");
    }

    private static boolean answers(String host, int port) {
        try {
            return HttpGuest.get(host, port).endsWith("GET /boat HTTP/1.1\n");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void theNodeSaysWhoRunsItsPods() {
        assertThat(kubectl.succeed(
                        "get", "node", Kubernetes.NODE, "-o", "jsonpath={.status.nodeInfo.containerRuntimeVersion}"))
                .startsWith(version == Containerd.Version.V2 ? "containerd://2." : "containerd://1.");
    }

    @Test
    void aPodHasWhatKubernetesHasForPods() throws IOException, InterruptedException {
        List<String> mounts = containerd.mounts();
        kubectl.apply(manifest("serves"));
        kubernetes.untilReady("serves");

        assertThat(kubectl.get("serves", "{.spec.overhead.memory}")).isEqualTo("1Mi");
        assertThat(kubectl.succeed("logs", "serves", "-c", "init"))
                .isEqualTo("hello from C, arguments [init], GREETING not set\n");
        assertThat(exec("serves", "web", "/hello.wasm", "port"))
                .isEqualTo(new Output(0, "hello from C, arguments [port], GREETING ahoy\n", ""));
        assertThat(exec("serves", "web", "/skiff/cat", "/greetings/greeting.txt"))
                .isEqualTo(new Output(0, "hello from a config map\n", ""));
        assertThat(exec("serves", "web", "/skiff/ls", "/bin").out()).isEqualTo("busybox\n");
        assertThat(exec("serves", "web", "/files.wasm", "/scratch").out()).endsWith("ok\n");
        assertThat(exec("serves", "web", "/exit.wasm", "3").status()).isEqualTo(3);
        assertThat(exec("serves", "linux", "/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/a"))
                .isEqualTo(new Output(0, "GET /a HTTP/1.1\n", ""));
        assertThat(answers(address("serves"), 8080)).isTrue();
        int port = Containerd.freePort();
        Process forward = kubectl.forward("serves", port, 8080);
        try {
            kubernetes.until("its port is forwarded", () -> answers("127.0.0.1", port));
        } finally {
            forward.destroyForcibly().waitFor();
        }
        kubernetes.until("it is measured", () -> isMeasured("serves", "web"));
        assertThat(status("serves", "web", "restartCount")).isEqualTo("0");

        kubectl.succeed("delete", "pod", "serves");

        assertThat(containerd.tasks(Pods.NAMESPACE)).isEmpty();
        assertThat(containerd.mounts()).isEqualTo(mounts);
        assertThat(CriPlugin.addresses(containerd.folder())).isEmpty();
    }

    /** Whether the node has numbers of what a container uses. */
    private static boolean isMeasured(String pod, String container) {
        String summary = kubectl.succeed("get", "--raw", "/api/v1/nodes/" + Kubernetes.NODE + "/proxy/stats/summary");
        return named(JsonParser.parseString(summary).getAsJsonObject(), "pods", pod)
                .flatMap(found -> named(found, "containers", container))
                .filter(found -> isPositive(found, "cpu", "usageCoreNanoSeconds"))
                .filter(found -> isPositive(found, "memory", "workingSetBytes"))
                .isPresent();
    }

    private static Optional<JsonObject> named(JsonObject parent, String list, String name) {
        return StreamSupport.stream(parent.getAsJsonArray(list).spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .filter(each -> name(each).equals(name))
                .findFirst();
    }

    private static String name(JsonObject of) {
        JsonObject named = of.has("podRef") ? of.getAsJsonObject("podRef") : of;
        return named.get("name").getAsString();
    }

    private static boolean isPositive(JsonObject container, String what, String number) {
        return container.has(what)
                && container.getAsJsonObject(what).has(number)
                && container.getAsJsonObject(what).get(number).getAsLong() > 0;
    }

    @Test
    void anEndHasItsStatusAndItsReason() throws IOException {
        kubectl.apply(manifest("ends"));

        assertThat(ended("traps", "exitCode")).isEqualTo("134");
        assertThat(ended("traps", "message").strip()).isEqualTo("skiff: trap: unreachable");
        assertThat(ended("grows", "exitCode")).isEqualTo("137");
        assertThat(ended("grows", "reason")).isEqualTo("OOMKilled");
        assertThat(ended("grows", "message")).startsWith("skiff: out of memory: ");
        assertThat(ended("lacks", "reason")).isEqualTo("StartError");
        assertThat(ended("lacks", "message"))
                .contains("cannot run /nowhere.wasm: the container's files have no /nowhere.wasm");
        kubernetes.until("it is started anew", () -> isStartedAnew("fails", "main"));
        assertThat(status("fails", "main", "lastState.terminated.exitCode")).isEqualTo("3");
    }

    /** How a container that is not started anew has ended. */
    private static String ended(String pod, String field) {
        kubernetes.until(
                pod + " has ended",
                () -> !status(pod, "main", "state.terminated.exitCode").isEmpty());
        return status(pod, "main", "state.terminated." + field);
    }

    @Test
    void aProgramThatIsToldToEndFinishesWhatItDoes() throws IOException {
        kubectl.apply(manifest("drains"));
        kubernetes.untilReady("drains");

        try (Socket client = new Socket(address("drains"), 9090)) {
            client.getOutputStream().write("half a ".getBytes(StandardCharsets.US_ASCII));
            untilSaid("drains", "accepted");
            kubectl.succeed("delete", "pod", "drains", "--wait=false");
            untilSaid("drains", "signal 15");
            client.getOutputStream().write("request\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("last\n");
        }
        kubernetes.until(
                "it is gone long before it must be",
                () -> kubectl.get("drains", "{.metadata.name}").isEmpty());
    }

    private static void untilSaid(String pod, String text) {
        kubernetes.until(
                pod + " says " + text, () -> kubectl.run("logs", pod).out().contains(text));
    }

    @Test
    void anIsolatedPodServesAndIsLookedInto() throws IOException {
        kubectl.apply(manifest("isolated"));
        kubernetes.untilReady("isolated");

        assertThat(kubectl.get("isolated", "{.spec.overhead.memory}")).isEqualTo("96Mi");
        assertThat(answers(address("isolated"), 8080)).isTrue();
        assertThat(exec("isolated", "main", "/skiff/ls", "/bin")).isEqualTo(new Output(0, "busybox\n", ""));
        assertThat(exec("isolated", "main", "/exit.wasm", "3").status()).isEqualTo(3);
    }

    private static void stay(String name) throws IOException {
        kubectl.apply(manifest("stays").replace("NAME", name));
        kubernetes.untilReady(name);
    }

    @Test
    void podsAreAsTheyWereWhenContainerdIsStartedAgain() throws IOException, InterruptedException {
        stay("stays");
        String before = kubectl.get("stays", "{.status.containerStatuses[*].containerID}");

        containerd.kill();
        containerd.start();

        // Then the kubelet has seen it.
        stay("later");
        kubernetes.untilReady("stays");
        assertThat(kubectl.get("stays", "{.status.containerStatuses[*].containerID}"))
                .isEqualTo(before);
        assertThat(kubectl.get("stays", "{.status.containerStatuses[*].restartCount}"))
                .isEqualTo("0 0");
        assertThat(answers(address("stays"), 8080)).isTrue();
        assertThat(exec("stays", "main", "/skiff/ls", "/bin").out()).isEqualTo("busybox\n");
    }

    @Test
    void podsAreMadeAnewWhenTheDaemonIsKilled() throws IOException {
        stay("stays");

        containerd.daemon().orElseThrow().destroyForcibly();

        kubernetes.until("it was started anew", () -> isStartedAnew("stays", "main"));
        kubernetes.untilReady("stays");
        assertThat(answers(address("stays"), 8080)).isTrue();
        assertThat(exec("stays", "linux", "/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/a")
                        .out())
                .isEqualTo("GET /a HTTP/1.1\n");
    }
}
