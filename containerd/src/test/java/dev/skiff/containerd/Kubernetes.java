package dev.skiff.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A cluster of one node, whose pods a containerd runs: a real kubelet, and a real API server for it. There is no scheduler and no
 * controller: pods name {@link #NODE}. Not thread-safe.
 */
final class Kubernetes implements AutoCloseable {
    static final String NODE = "skiff-test";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Where every kubelet has links to logs. */
    private static final Path LINKS = Path.of("/var/log/containers");

    private final Pods pods;
    private final Path folder;
    private final Path root;
    private final KubernetesServers servers;
    private final Kubectl kubectl;
    private final KernelSettings settings;
    private final KubeletCgroup cgroup;

    /** One that is not started yet, for a containerd that is. */
    Kubernetes(Pods pods) throws IOException {
        this.pods = pods;
        folder = Files.createDirectory(pods.containerd().folder().resolve("kube"));
        root = folder.resolve("kubelet");
        servers = new KubernetesServers(folder);
        kubectl = servers.kubectl();
        settings = KernelSettings.now();
        cgroup = KubeletCgroup.make(pods.containerd().folder().getFileName().toString());
    }

    Pods pods() {
        return pods;
    }

    Kubectl kubectl() {
        return kubectl;
    }

    /** Starts it, and waits until it takes pods of the runtimes under test. */
    void start() throws IOException {
        servers.startEtcd();
        servers.startApiServer();
        until(
                "the API server is ready",
                () -> kubectl.run("get", "--raw", "/readyz").status() == 0);
        servers.startKubelet(pods.containerd().socket(), root, cgroup, NODE);
        until(
                "the node is ready",
                () -> kubectl.run(
                                "get", "node", NODE, "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}")
                        .out()
                        .equals("True"));
        until(
                "there is a namespace for pods",
                () -> kubectl.run("get", "namespace", "default").status() == 0);
        kubectl.apply(Installation.runtimeClass(new Installation.Launcher("skiff-v1", Installation.Mode.SHARED)));
        kubectl.apply(
                Installation.runtimeClass(new Installation.Launcher("skiff-isolated-v1", Installation.Mode.ISOLATED)));
    }

    /** Waits until something is so, longer than a kubelet takes for it. */
    void until(String what, BooleanSupplier holds) {
        Containerd.until(PATIENCE, what, holds, this::state);
    }

    /** Waits until a pod is ready. */
    void untilReady(String pod) {
        until(
                pod + " is ready",
                () -> kubectl.get(pod, "{.status.conditions[?(@.type==\"Ready\")].status}")
                        .equals("True"));
    }

    private String state() {
        return kubectl.run("get", "pods", "-o", "yaml").out() + servers.logs();
    }

    /** Ends it and its pods, and takes away what kubelets leave. */
    @Override
    public void close() throws IOException, InterruptedException {
        servers.close();
        // The cgroup is closed first.
        try (settings;
                cgroup) {
            pods.cri().removeAll();
            for (String mount : mounts()) {
                new ProcessBuilder("umount", "-l", mount).inheritIO().start().waitFor();
            }
            removeLinks();
        }
    }

    /** What is mounted for pods, the last first. */
    private List<String> mounts() {
        return pods.containerd().mounts().stream()
                .map(line -> line.split(" ")[4])
                .filter(mount -> Path.of(mount).startsWith(root))
                .toList()
                .reversed();
    }

    private void removeLinks() throws IOException {
        if (!Files.isDirectory(LINKS)) {
            return;
        }
        try (Stream<Path> links = Files.list(LINKS)) {
            for (Path link : links.filter(this::isOwn).toList()) {
                Files.delete(link);
            }
        }
    }

    private boolean isOwn(Path link) {
        try {
            return Files.isSymbolicLink(link) && Files.readSymbolicLink(link).startsWith(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
