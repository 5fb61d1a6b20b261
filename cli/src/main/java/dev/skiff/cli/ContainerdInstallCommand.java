package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.ConfigException;
import dev.skiff.containerd.Installation;
import dev.skiff.containerd.NodeContainerd;
import dev.skiff.containerd.RuntimeConfig;
import dev.skiff.host.Listener;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;

/** {@code skiff containerd install}. */
final class ContainerdInstallCommand implements Command {
    private static final Option METRICS = Option.value(
            "--metrics",
            "ADDRESS:PORT",
            "Where a daemon that starts answers with metrics too, such as 127.0.0.1:9464, for all who can reach it. By"
                    + " default only at its socket.");

    /**
     * Guests' memory is not in the heap, which therefore stays small, and gives back what a rush of tasks took, as does the C library after the
     * JVM's compilers.
     */
    private static final List<String> DAEMON_FLAGS = List.of(
            "-XX:-UsePerfData",
            "-XX:+UseSerialGC",
            "-Xms10m",
            "-XX:NewSize=3m",
            "-XX:MaxNewSize=6m",
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=25",
            "-XX:TrimNativeHeapInterval=5000");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd install",
                "Puts the runtime for containerd on this machine.",
                "Pods of Kubernetes reach it by an entry in containerd's configuration, which takes effect when containerd is"
                        + " started again. Nothing is started again here, and what runs goes on. What is installed already is"
                        + " replaced.",
                List.of(
                        ContainerdArguments.RUNTIME,
                        new OptionGroup("Metrics", List.of(METRICS)),
                        ContainerdArguments.CONFIGURATION,
                        ContainerdArguments.PLACES,
                        OptionGroup.OTHER),
                List.of(),
                List.of(
                        new Example(
                                "sudo skiff containerd install",
                                "installs io.containerd.skiff.v1 and io.containerd.skiff-isolated.v1"),
                        new Example("sudo skiff containerd install --as spin-v2", "takes over Spin's pods"),
                        new Example(
                                "sudo ctr run --rm --runtime io.containerd.skiff.v1 IMAGE ID",
                                "runs a program with it")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Installation installation = arguments
                .value(METRICS)
                .map(text -> ContainerdArguments.installation(arguments).withMetrics(address(text)))
                .orElseGet(() -> ContainerdArguments.installation(arguments));
        List<Installation.Launcher> launchers = ContainerdArguments.launchers(arguments);
        List<String> names = launchers.stream().map(Installation.Launcher::name).toList();
        Path jar = program();
        try {
            Optional<NodeContainerd> node = ContainerdArguments.node(arguments);
            // All that can be refused is refused before anything is written.
            List<RuntimeConfig.Edit> edits = node.isPresent()
                    ? new RuntimeConfig(node.get()).add(installation.entries(names, node.get()))
                    : List.of();
            List<Path> files = installation.install(
                    new Installation.Program(
                            jar, java(jar), ContainerdRehearsal.class.getName(), ContainerdIsolation.class.getName()),
                    launchers);
            files.forEach(file -> console.stdout().println("wrote " + file));
            if (!files.contains(installation.cache())) {
                console.problem(
                        "the JVM's cache for fast starts could not be made, and the daemon starts without it; see "
                                + installation.cache() + ".log");
            }
            for (String name : names) {
                console.stdout().println("containerd knows it as " + Installation.runtime(name));
            }
            if (node.isPresent()) {
                ContainerdArguments.apply(edits, node.get(), console);
            }
            return 0;
        } catch (IllegalArgumentException | ConfigException e) {
            throw new CommandException(1, "nothing is installed: " + e.getMessage(), e);
        } catch (IOException e) {
            throw ContainerdArguments.failure("install", e);
        }
    }

    private static Listener address(String text) {
        try {
            return Listener.parse(text);
        } catch (IllegalArgumentException e) {
            throw Values.wrong(METRICS, text, e.getMessage());
        }
    }

    /** The one jar that this program is. */
    private static Path program() {
        try {
            Path place = Path.of(ContainerdInstallCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isRegularFile(place)) {
                return place;
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        throw new CommandException(
                1, "this skiff is not one jar and cannot be installed; the one that ./skiff builds can");
    }

    /** How to start this Java again; the jar says with which flags. */
    private static List<String> java(Path jar) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        try (JarFile file = new JarFile(jar.toFile())) {
            String flags = file.getManifest().getMainAttributes().getValue("Skiff-Jvm-Flags");
            command.addAll(List.of(flags.strip().split("\\s+")));
        }
        command.addAll(DAEMON_FLAGS);
        return command;
    }
}
