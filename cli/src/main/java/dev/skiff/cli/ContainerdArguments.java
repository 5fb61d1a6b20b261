package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.Installation;
import dev.skiff.containerd.Installation.Launcher;
import dev.skiff.containerd.Installation.Mode;
import dev.skiff.containerd.NodeContainerd;
import dev.skiff.containerd.RuntimeConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The options that say where the runtime for containerd is. */
final class ContainerdArguments {
    private static final Option BIN =
            Option.path("--bin", "DIR", "Where containerd looks for runtimes. By default /usr/local/bin.");
    private static final Option LIB =
            Option.path("--lib", "DIR", "Where the program is kept. By default /usr/local/lib/skiff.");
    private static final Option STATE =
            Option.path("--state", "DIR", "Where daemons have their sockets and logs. By default /run/skiff.");
    private static final Option CODE = Option.path(
            "--code",
            "DIR",
            "Where daemons keep what programs are translated to, 1 GiB at most for each containerd. By default"
                    + " /var/lib/skiff/code.");
    private static final Option AS = Option.value(
            "--as",
            "NAME-vN",
            "A runtime whose Wasm containers share a JVM: skiff-v1, or the name of another whose containers are taken over,"
                    + " such as spin-v2. May be repeated. By default skiff-v1, and skiff-isolated-v1 as isolated.");
    private static final Option ISOLATED_AS = Option.value(
            "--isolated-as",
            "NAME-vN",
            "A runtime each of whose Wasm containers is a JVM of its own, in a container of runc. May be repeated.");
    private static final Option CONFIG = Option.path(
            "--containerd-config",
            "FILE",
            "containerd's configuration. By default that of the k3s, RKE2, MicroK8s or k0s of this machine, or else"
                    + " /etc/containerd/config.toml.");
    private static final Option NO_CONFIG =
            Option.flag("Leaves containerd's configuration alone, which only Kubernetes needs.", "--no-config");
    static final OptionGroup PLACES = new OptionGroup("Places", List.of(BIN, LIB, STATE, CODE));
    static final OptionGroup RUNTIME = new OptionGroup("Runtime", List.of(AS, ISOLATED_AS));
    static final OptionGroup CONFIGURATION = new OptionGroup("Configuration", List.of(CONFIG, NO_CONFIG));

    private ContainerdArguments() {}

    /** What went wrong with its files. */
    static CommandException failure(String doing, IOException e) {
        return new CommandException(
                1, "cannot " + doing + " the runtime: " + FileProblem.of(e) + " (" + e.getMessage() + ")", e);
    }

    /** The runtimes that are meant. */
    static List<Launcher> launchers(Arguments arguments) {
        List<Launcher> launchers = new ArrayList<>();
        arguments.values(AS).forEach(name -> launchers.add(new Launcher(name, Mode.SHARED)));
        arguments.values(ISOLATED_AS).forEach(name -> launchers.add(new Launcher(name, Mode.ISOLATED)));
        if (launchers.stream().map(Launcher::name).distinct().count() < launchers.size()) {
            throw new UsageException("a runtime is named twice");
        }
        return launchers.isEmpty()
                ? List.of(new Launcher("skiff-v1", Mode.SHARED), new Launcher("skiff-isolated-v1", Mode.ISOLATED))
                : launchers;
    }

    /** The containerd whose configuration is meant; empty if it is to be left alone. */
    static Optional<NodeContainerd> node(Arguments arguments) {
        if (!arguments.has(NO_CONFIG)) {
            return Optional.of(arguments
                    .value(CONFIG)
                    .map(file -> NodeContainerd.at(Path.of(file)))
                    .orElseGet(() -> NodeContainerd.of(Path.of("/"))));
        }
        if (arguments.has(CONFIG)) {
            throw new UsageException("--no-config leaves alone what --containerd-config names; give one of them");
        }
        return Optional.empty();
    }

    /** Changes the configuration, and says so. */
    static void apply(List<RuntimeConfig.Edit> edits, NodeContainerd node, Console console) throws IOException {
        for (RuntimeConfig.Edit edit : edits) {
            edit.apply();
            console.stdout().println((edit.text().isPresent() ? "wrote " : "removed ") + edit.file());
        }
        if (!edits.isEmpty()) {
            console.stdout().println("containerd reads its configuration when it is started again: " + node.restart());
        }
    }

    static Installation installation(Arguments arguments) {
        return new Installation(
                        Path.of(arguments.value(BIN).orElse("/usr/local/bin")),
                        Path.of(arguments.value(LIB).orElse("/usr/local/lib/skiff")),
                        Path.of(arguments.value(STATE).orElse("/run/skiff")))
                .withCode(Path.of(arguments.value(CODE).orElse("/var/lib/skiff/code")));
    }
}
