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

/** {@code skiff containerd uninstall}. */
final class ContainerdUninstallCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd uninstall",
                "Takes the runtime for containerd from this machine.",
                "Its entries go from containerd's configuration, whose other lines stay as they are; it takes effect when containerd"
                        + " is started again. A daemon or an isolated container that runs goes on, and keeps the program that it needs; uninstall again when it"
                        + " has ended.",
                List.of(ContainerdArguments.CONFIGURATION, ContainerdArguments.PLACES, OptionGroup.OTHER),
                List.of(),
                List.of());
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Installation installation = ContainerdArguments.installation(arguments);
        try {
            Optional<NodeContainerd> node = ContainerdArguments.node(arguments);
            List<RuntimeConfig.Edit> edits = node.isPresent() ? new RuntimeConfig(node.get()).remove() : List.of();
            // An entry without a launcher would be worse than a launcher without an entry.
            if (node.isPresent()) {
                ContainerdArguments.apply(edits, node.get(), console);
                warn(installation, node.get(), console);
            }
            List<Path> gone = installation.uninstall();
            gone.forEach(file -> console.stdout().println("removed " + file));
            for (Installation.RunningDaemon daemon : installation.daemons()) {
                console.stdout().println("the daemon " + daemon.pid() + " of " + daemon.folder() + " still runs");
            }
            if (installation.hasIsolatedContainers()) {
                console.stdout().println("isolated containers still run, with the program in " + installation.lib());
            }
            if (gone.isEmpty() && edits.isEmpty()) {
                console.stdout().println("there is nothing to remove");
            }
            return 0;
        } catch (ConfigException e) {
            throw new CommandException(1, "nothing is removed; --no-config removes the rest: " + e.getMessage(), e);
        } catch (IOException e) {
            throw ContainerdArguments.failure("remove", e);
        }
    }

    /** Says which entries stay that are about to lose their launchers, as others wrote them. */
    private static void warn(Installation installation, NodeContainerd node, Console console) throws IOException {
        RuntimeConfig config = new RuntimeConfig(node);
        for (RuntimeEntry entry : installation.entries(List.of(), node)) {
            Optional<RuntimeConfig.Place> place = config.find(entry);
            if (place.isPresent()) {
                console.problem(place.get().file() + " still has the handler " + entry.handler()
                        + ", which skiff did not write there");
            }
        }
    }
}
