package dev.skiff.containerd;

import dev.skiff.containerd.Containerd.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts containerds for the tests of a class, in folders of their own, and ends them after those tests; in a class that has parameters,
 * after those of each invocation. Where none can be started the tests are skipped. Not thread-safe.
 */
final class Containerds implements AfterAllCallback, AfterClassTemplateInvocationCallback {
    /** What was started last is closed first. */
    private final Deque<Started> started = new ArrayDeque<>();

    private interface Started {
        void close() throws IOException, InterruptedException;
    }

    /** One for a single test, which closes it. */
    static Containerd open(Version version) throws IOException {
        return open(version, Map.of());
    }

    /** The same with more in its environment, which the daemon gets from it. */
    static Containerd open(Version version, Map<String, String> environment) throws IOException {
        skipWithout(Containerd.lacking(version));
        return Containerd.start(folder(), version, environment);
    }

    /** One for a single test that runs pods, and closes its containerd. */
    static Pods openWithPods(Version version) throws IOException {
        skipWithout(Containerd.lacking(version).or(CriPlugin::lacking));
        Containerd containerd = Containerd.startWithPods(folder(), version);
        return new Pods(containerd, new Cri(containerd.socket()));
    }

    /** One for the tests of the class, without images. */
    Containerd start(Version version) throws IOException {
        return added(open(version));
    }

    /** The same that runs pods. */
    Pods startWithPods(Version version) throws IOException {
        Pods pods = openWithPods(version);
        added(pods.containerd());
        return pods;
    }

    /** The same with a node of Kubernetes whose pods it runs. */
    Kubernetes startKubernetes(Version version) throws IOException {
        skipWithout(Containerd.lacking(version).or(CriPlugin::lacking).or(KubernetesServers::lacking));
        Kubernetes kubernetes = new Kubernetes(startWithPods(version));
        started.push(kubernetes::close);
        kubernetes.start();
        return kubernetes;
    }

    private static void skipWithout(Optional<String> lacking) {
        lacking.ifPresent(Assumptions::abort);
    }

    private static Path folder() throws IOException {
        // Sockets have short paths.
        return Files.createTempDirectory(Path.of("/tmp"), "ctd");
    }

    private Containerd added(Containerd containerd) {
        started.push(containerd::close);
        return containerd;
    }

    @Override
    public void afterClassTemplateInvocation(ExtensionContext context) throws IOException, InterruptedException {
        close();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
        close();
    }

    private void close() throws IOException, InterruptedException {
        if (!started.isEmpty()) {
            try {
                started.pop().close();
            } finally {
                close();
            }
        }
    }
}
