package dev.skiff.containerd;

import dev.skiff.containerd.Containerd.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What people speak to an API server with.
 *
 * @param program the command
 * @param folder where {@code kubeconfig} says who is spoken to
 */
record Kubectl(Path program, Path folder) {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--kubeconfig=" + folder.resolve("kubeconfig"),
                "--cache-dir=" + folder.resolve("cache")));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs it to its end. */
    Output run(String... arguments) {
        return Output.of(folder, PATIENCE, "", command(arguments));
    }

    /** The same, which must be a success; what it printed. */
    String succeed(String... arguments) {
        return run(arguments).succeeded(String.join(" ", arguments)).out();
    }

    /** Makes what a manifest wants. */
    void apply(String manifest) {
        Output.of(folder, PATIENCE, manifest, command("apply", "-f", "-")).succeeded(manifest);
    }

    /** Something of a pod, as a JSONPath says; empty if there is nothing, or no pod. */
    String get(String pod, String path) {
        return succeed("get", "pod", pod, "--ignore-not-found", "-o", "jsonpath=" + path);
    }

    /** Has a port of this machine lead to one of a pod for as long as the process runs. */
    Process forward(String pod, int port, int podPort) throws IOException {
        return new ProcessBuilder(command("port-forward", "pod/" + pod, port + ":" + podPort))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("port-forward.log").toFile())
                .start();
    }
}
