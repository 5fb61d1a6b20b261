package dev.skiff.containerd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Speaks to containerd as the kubelet does (Container Runtime Interface, {@code runtime.v1}). Thread-safe. */
final class Cri {
    private static final String RUNTIME = "runtime.v1.RuntimeService/";
    private static final String IMAGES = "runtime.v1.ImageService/";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** A pod that runs, and what was said of it. */
    @SuppressWarnings("ArrayRecordComponent")
    record Pod(String id, byte[] config) {}

    /**
     * How a pod is.
     *
     * @param address its own, empty without a network of its own
     * @param network the path of its network namespace, if it has one
     */
    record PodStatus(boolean isReady, String address, Optional<Path> network) {}

    /** Where a container is in its life. */
    enum State {
        CREATED,
        RUNNING,
        EXITED,
        UNKNOWN
    }

    /** How a container is. */
    record ContainerStatus(State state, int exitCode, String reason, String message) {}

    /** What a container uses: processor time in nanoseconds, memory in bytes. */
    record Stats(long cpu, long memory) {}

    /** How a command within a container ended. */
    record Exec(int exitCode, String out, String err) {}

    private final GrpcClient client;

    Cri(Path socket) {
        client = new GrpcClient(socket, Map.of());
    }

    private ProtoMessage runtime(String method, ProtoWriter request) {
        return client.call(RUNTIME + method, request, PATIENCE);
    }

    /** The name and version of who answers. */
    String version() {
        ProtoMessage version = runtime("Version", new ProtoWriter().text(1, "v1"));
        return version.text(2) + " " + version.text(3);
    }

    /** Whether it can run pods. */
    boolean isReady() {
        return runtime("Status", new ProtoWriter()).message(1).messages(1).stream()
                .allMatch(condition -> condition.bool(2));
    }

    boolean hasImage(String name) {
        ProtoMessage answer = client.call(
                IMAGES + "ImageStatus", new ProtoWriter().message(1, new ProtoWriter().text(1, name)), PATIENCE);
        return !answer.message(1).text(1).isEmpty();
    }

    void removeImage(String name) {
        client.call(IMAGES + "RemoveImage", new ProtoWriter().message(1, new ProtoWriter().text(1, name)), PATIENCE);
    }

    Pod run(PodSpec spec) {
        byte[] config = spec.toBytes();
        ProtoMessage answer =
                runtime("RunPodSandbox", new ProtoWriter().bytes(1, config).text(2, spec.handler()));
        return new Pod(answer.text(1), config);
    }

    PodStatus status(Pod pod) {
        ProtoMessage answer =
                runtime("PodSandboxStatus", new ProtoWriter().text(1, pod.id()).bool(2, true));
        ProtoMessage status = answer.message(1);
        Optional<Path> network = answer.messages(2).stream()
                .filter(entry -> entry.text(1).equals("info"))
                .findFirst()
                .flatMap(entry -> network(JsonParser.parseString(entry.text(2)).getAsJsonObject()));
        return new PodStatus(status.number(3) == 0, status.message(5).text(1), network);
    }

    private static Optional<Path> network(JsonObject info) {
        for (JsonElement each :
                info.getAsJsonObject("runtimeSpec").getAsJsonObject("linux").getAsJsonArray("namespaces")) {
            JsonObject namespace = each.getAsJsonObject();
            if (namespace.get("type").getAsString().equals("network") && namespace.has("path")) {
                return Optional.of(Path.of(namespace.get("path").getAsString()));
            }
        }
        return Optional.empty();
    }

    /** Ends all that runs in a pod, and takes its network away. */
    void stop(Pod pod) {
        runtime("StopPodSandbox", new ProtoWriter().text(1, pod.id()));
    }

    /** Removes a pod with its containers. */
    void remove(Pod pod) {
        runtime("RemovePodSandbox", new ProtoWriter().text(1, pod.id()));
    }

    /** All there are, without what was said of them. */
    List<Pod> pods() {
        return runtime("ListPodSandbox", new ProtoWriter()).messages(1).stream()
                .map(pod -> new Pod(pod.text(1), new byte[0]))
                .toList();
    }

    /** Stops and removes whatever there is. */
    void removeAll() {
        for (Pod pod : pods()) {
            stop(pod);
            remove(pod);
        }
    }

    /** Makes a container, and returns its ID. */
    String create(Pod pod, ContainerSpec spec) {
        ProtoWriter request =
                new ProtoWriter().text(1, pod.id()).bytes(2, spec.toBytes()).bytes(3, pod.config());
        return runtime("CreateContainer", request).text(1);
    }

    /** Makes a container and starts it, and returns its ID. */
    String run(Pod pod, ContainerSpec spec) {
        String container = create(pod, spec);
        start(container);
        return container;
    }

    void start(String container) {
        runtime("StartContainer", new ProtoWriter().text(1, container));
    }

    /** Asks a container to end, and ends it if it has not in a time of whole seconds. */
    void stop(String container, Duration grace) {
        runtime("StopContainer", new ProtoWriter().text(1, container).number(2, grace.toSeconds()));
    }

    void remove(String container) {
        runtime("RemoveContainer", new ProtoWriter().text(1, container));
    }

    ContainerStatus status(String container) {
        ProtoMessage status =
                runtime("ContainerStatus", new ProtoWriter().text(1, container)).message(1);
        return new ContainerStatus(
                State.values()[(int) status.number(3)], (int) status.number(7), status.text(10), status.text(11));
    }

    /** Waits until a container has ended. */
    ContainerStatus ended(String container) {
        Containerd.until(container + " ends", () -> status(container).state() == State.EXITED);
        return status(container);
    }

    Stats stats(String container) {
        ProtoMessage stats =
                runtime("ContainerStats", new ProtoWriter().text(1, container)).message(1);
        return new Stats(
                stats.message(2).message(2).number(1),
                stats.message(3).message(2).number(1));
    }

    /** The IDs of a pod's containers. */
    List<String> containers(Pod pod) {
        ProtoWriter filter = new ProtoWriter().text(3, pod.id());
        return runtime("ListContainers", new ProtoWriter().message(1, filter)).messages(1).stream()
                .map(container -> container.text(1))
                .toList();
    }

    /** Runs a command within a container, for so many seconds at most. */
    Exec exec(String container, Duration timeout, String... command) {
        ProtoWriter request = new ProtoWriter().text(1, container).number(3, timeout.toSeconds());
        for (String word : command) {
            request.text(2, word);
        }
        ProtoMessage answer = runtime("ExecSync", request);
        return new Exec((int) answer.number(3), text(answer.bytes(1)), text(answer.bytes(2)));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Changes a container's limits of memory, in bytes, and processor time, in microseconds of each 100 ms. */
    void update(String container, long memory, long quota) {
        ProtoWriter resources =
                new ProtoWriter().number(1, 100_000).number(2, quota).number(4, memory);
        runtime("UpdateContainerResources", new ProtoWriter().text(1, container).message(2, resources));
    }
}
