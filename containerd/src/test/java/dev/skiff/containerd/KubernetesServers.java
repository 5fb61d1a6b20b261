package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The programs that a node of Kubernetes is made of, each with a log in a folder; they listen at ports that were free. Not thread-safe. */
final class KubernetesServers implements AutoCloseable {
    private static final Path PROGRAMS = Containerd.Version.peers().resolve("kubernetes");

    private final Path folder;
    private final KubernetesKey key;
    private final int etcdPort = Containerd.freePort();
    private final int apiPort = Containerd.freePort();
    private final List<Process> processes = new ArrayList<>();

    /** None that runs yet. */
    KubernetesServers(Path folder) throws IOException {
        this.folder = folder;
        key = KubernetesKey.make(folder);
    }

    /** Why they cannot be had; empty if they are here. */
    static Optional<String> lacking() {
        return Stream.of("kubelet", "kube-apiserver", "kubectl", "etcd")
                .filter(name -> find(name).isEmpty())
                .map(name -> "there is no " + name + "; scripts/kubernetes.sh gets it")
                .findFirst();
    }

    private static Optional<Path> find(String name) {
        return Stream.concat(
                        Stream.of(PROGRAMS),
                        Arrays.stream(System.getenv("PATH").split(":")).map(Path::of))
                .map(each -> each.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** What speaks to the API server. */
    Kubectl kubectl() {
        return new Kubectl(find("kubectl").orElseThrow(), folder);
    }

    /** Starts what the API server keeps everything in. */
    void startEtcd() throws IOException {
        String address = "http://127.0.0.1:" + etcdPort;
        start(
                "etcd",
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + address,
                "--advertise-client-urls=" + address,
                "--listen-peer-urls=http://127.0.0.1:" + Containerd.freePort());
    }

    /** Starts the API server, and writes who {@link #kubectl} and the kubelet speak to. */
    void startApiServer() throws IOException {
        String token = UUID.randomUUID().toString();
        Files.writeString(folder.resolve("tokens"), token + ",admin,admin,system:masters\n");
        Files.writeString(folder.resolve("kubeconfig"), kubeconfig(token));
        start(
                "kube-apiserver",
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--secure-port=" + apiPort,
                "--cert-dir=" + folder.resolve("certificates"),
                "--anonymous-auth=false",
                "--token-auth-file=" + folder.resolve("tokens"),
                "--authorization-mode=AlwaysAllow",
                "--allow-privileged",
                "--service-cluster-ip-range=10.96.0.0/16",
                // Nobody makes accounts, and no pod has one; without keys it does not start.
                "--disable-admission-plugins=ServiceAccount",
                "--service-account-issuer=https://skiff.test",
                "--service-account-key-file=" + key.certificate(),
                "--service-account-signing-key-file=" + key.key(),
                "--kubelet-client-certificate=" + key.certificate(),
                "--kubelet-client-key=" + key.key(),
                // The node's name is that of no host.
                "--kubelet-preferred-address-types=InternalIP");
    }

    /**
     * Starts the kubelet, when the API server answers.
     *
     * @param containerd its socket
     * @param root where it has what is of its pods
     */
    void startKubelet(Path containerd, Path root, KubeletCgroup cgroup, String node) throws IOException {
        Files.writeString(folder.resolve("kubelet.yaml"), configuration(containerd, cgroup));
        start(
                "kubelet",
                "--config=" + folder.resolve("kubelet.yaml"),
                "--kubeconfig=" + folder.resolve("kubeconfig"),
                "--root-dir=" + root,
                "--cert-dir=" + folder.resolve("certificates"),
                "--hostname-override=" + node,
                "--v=2");
    }

    private String kubeconfig(String token) {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: it, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
                users: [{name: it, user: {token: %s}}]
                contexts: [{name: it, context: {cluster: it, user: it}}]
                current-context: it
                """.formatted(apiPort, token);
    }

    /** It takes calls of the API server alone, and neither the disk nor the swap of the machine are what is tested. */
    private String configuration(Path containerd, KubeletCgroup cgroup) throws IOException {
        return """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                containerRuntimeEndpoint: unix://%1$s
                port: %2$d
                healthzPort: %3$d
                authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: %4$s}}
                authorization: {mode: AlwaysAllow}
                cgroupDriver: cgroupfs
                cgroupRoot: /%5$s
                enforceNodeAllocatable: []
                failSwapOn: false
                makeIPTablesUtilChains: false
                evictionHard: {memory.available: 50Mi}
                imageGCHighThresholdPercent: 100
                resolvConf: /etc/resolv.conf
                podLogsDir: %6$s/logs
                volumePluginDir: %6$s/plugins
                """.formatted(
                containerd, Containerd.freePort(), Containerd.freePort(), key.certificate(), cgroup.name(), folder);
    }

    private void start(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(find(name).orElseThrow().toString()));
        command.addAll(List.of(arguments));
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile())
                .start());
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    /** The last lines that each wrote. */
    String logs() {
        StringBuilder all = new StringBuilder();
        for (String name : List.of("etcd", "kube-apiserver", "kubelet")) {
            if (Files.exists(log(name))) {
                List<String> lines = Containerd.text(log(name)).lines().toList();
                all.append('\n').append(name).append(":\n");
                all.append(String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size())));
            }
        }
        return all.toString();
    }

    /** Ends them at once, the kubelet first, which would make pods anew. */
    @Override
    public void close() throws InterruptedException {
        for (Process process : processes.reversed()) {
            process.destroyForcibly().waitFor();
        }
    }
}
