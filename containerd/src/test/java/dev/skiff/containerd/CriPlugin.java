package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What containerd must be told to run pods: of its plugin for Kubernetes, and of a network of its own. */
final class CriPlugin {
    static final String SANDBOX_IMAGE = "localhost/pause:1";
    /** What the pods of Wasm name. */
    static final String SKIFF = "skiff";
    /** What those name whose Wasm containers are JVMs. */
    static final String ISOLATED = "skiff-isolated";
    /** What the others name. */
    static final String RUNC = "runc";

    private static final String NETWORK = "skiff-test";
    /** Where distributions put them; the first is Debian's. */
    private static final List<Path> PLUGINS =
            List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"), Path.of("/usr/libexec/cni"));

    private CriPlugin() {}

    private static Optional<Path> plugins() {
        return PLUGINS.stream()
                .filter(folder -> Files.isExecutable(folder.resolve("ptp")))
                .findFirst();
    }

    /** Why there can be no pods; empty if there can. */
    static Optional<String> lacking() {
        if (plugins().isPresent()) {
            return Optional.empty();
        }
        String lacking = "there are no network plugins in " + PLUGINS + "; scripts/peers.sh installs them";
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(lacking);
        }
        return Optional.of(lacking);
    }

    /** Writes a network's configuration, and returns what containerd's own says of it all; 2.x reads what is said to 1.x. */
    static String configure(Path folder) throws IOException {
        Path networks = Files.createDirectories(folder.resolve("cni"));
        Files.write(networks.resolve("10-skiff.conflist"), TestImage.json(network(folder)));
        return """
                [plugins."io.containerd.nri.v1.nri"]
                disable = true
                [plugins."io.containerd.grpc.v1.cri"]
                sandbox_image = "%1$s"
                # Kubelets want a lower score for sandboxes, which takes a right that a machine may lack which is a container itself.
                restrict_oom_score_adj = true
                disable_apparmor = true
                [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "%2$s"
                conf_dir = "%3$s"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%4$s]
                runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%5$s]
                runtime_type = "io.containerd.skiff.v1"
                pod_annotations = ["skiff.dev/*"]
                container_annotations = ["skiff.dev/*"]
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%6$s]
                runtime_type = "io.containerd.skiff-isolated.v1"
                pod_annotations = ["skiff.dev/*"]
                container_annotations = ["skiff.dev/*"]
                """.formatted(SANDBOX_IMAGE, plugins().orElseThrow(), networks, RUNC, SKIFF, ISOLATED);
    }

    private static Map<String, Object> network(Path folder) {
        // Tests may run beside others, whose networks are others: folders have random names.
        int random = folder.hashCode() & 0x3fff;
        String subnet = "10." + (128 + (random >> 8)) + "." + (random & 0xff) + ".0/24";
        Map<String, Object> addresses = Map.of(
                "type",
                "host-local",
                "dataDir",
                folder.resolve("addresses").toString(),
                "ranges",
                List.of(List.of(Map.of("subnet", subnet))),
                "routes",
                List.of(Map.of("dst", "0.0.0.0/0")));
        return Map.of(
                "cniVersion",
                "0.4.0",
                "name",
                NETWORK,
                "plugins",
                List.of(
                        Map.of("type", "ptp", "ipam", addresses),
                        Map.of("type", "portmap", "capabilities", Map.of("portMappings", true))));
    }

    /** The addresses that pods have. */
    static List<String> addresses(Path folder) throws IOException {
        Path taken = folder.resolve("addresses").resolve(NETWORK);
        if (!Files.isDirectory(taken)) {
            return List.of();
        }
        try (var files = Files.list(taken)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("[0-9.]+"))
                    .toList();
        }
    }
}
