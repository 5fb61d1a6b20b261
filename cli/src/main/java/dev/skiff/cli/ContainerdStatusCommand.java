package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.ConfigException;
import dev.skiff.containerd.Installation;
import dev.skiff.containerd.NodeContainerd;
import dev.skiff.containerd.RuntimeConfig;
import dev.skiff.containerd.RuntimeEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code skiff containerd status}. */
final class ContainerdStatusCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd status",
                "Shows what of the runtime for containerd is on this machine, and what runs.",
                "Ends with 1 if it is not installed, or pods of Kubernetes cannot reach it.",
                List.of(ContainerdArguments.CONFIGURATION, ContainerdArguments.PLACES, OptionGroup.OTHER),
                List.of(),
                List.of());
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Installation installation = ContainerdArguments.installation(arguments);
        try {
            List<Path> launchers = installation.launchers();
            launchers.forEach(launcher -> console.stdout().println("installed: " + launcher));
            boolean reachable = isReachable(installation, arguments, console);
            for (Installation.RunningDaemon daemon : installation.daemons()) {
                console.stdout()
                        .println("running: the daemon " + daemon.pid() + ", with its log in " + daemon.folder());
            }
            long code = installation.codeSize();
            if (code > 0) {
                console.stdout()
                        .println("kept: " + Humane.bytes(code) + " of code in "
                                + installation.code().orElseThrow());
            }
            if (installation.hasIsolatedContainers()) {
                console.stdout().println("running: isolated containers");
            }
            if (launchers.isEmpty()) {
                console.stdout().println("not installed in " + installation.bin());
            }
            return launchers.isEmpty() || !reachable ? 1 : 0;
        } catch (ConfigException e) {
            throw new CommandException(1, e.getMessage(), e);
        } catch (IOException e) {
            throw ContainerdArguments.failure("look at", e);
        }
    }

    /** Says of each handler where it is configured, and whether containerd finds its launcher. */
    private static boolean isReachable(Installation installation, Arguments arguments, Console console)
            throws IOException {
        Optional<NodeContainerd> node = ContainerdArguments.node(arguments);
        if (node.isEmpty()) {
            return true;
        }
        RuntimeConfig config = new RuntimeConfig(node.get());
        boolean all = true;
        for (RuntimeEntry entry : installation.entries(List.of(), node.get())) {
            Optional<RuntimeConfig.Place> place = config.find(entry);
            if (place.isEmpty()) {
                console.stdout()
                        .println("not configured: the handler " + entry.handler() + " in "
                                + node.get().config());
                all = false;
                continue;
            }
            console.stdout()
                    .println("configured: the handler " + entry.handler() + " in "
                            + place.get().file());
            if (entry.launcher(place.get()).isEmpty()) {
                console.stdout().println("not found: the launcher of " + entry.type() + ", where containerd looks");
                all = false;
            }
        }
        return all;
    }
}
