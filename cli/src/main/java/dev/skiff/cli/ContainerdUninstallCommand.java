package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code skiff containerd uninstall}. */
final class ContainerdUninstallCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd uninstall",
                "Takes the runtime for containerd from this machine.",
                "A daemon that runs goes on with its tasks, and keeps the program that it needs; uninstall again when it has"
                        + " ended.",
                List.of(ContainerdArguments.PLACES, OptionGroup.OTHER),
                List.of(),
                List.of());
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Installation installation = ContainerdArguments.installation(arguments);
        try {
            List<Path> gone = installation.uninstall();
            gone.forEach(file -> console.stdout().println("removed " + file));
            for (Installation.RunningDaemon daemon : installation.daemons()) {
                console.stdout().println("the daemon " + daemon.pid() + " of " + daemon.folder() + " still runs");
            }
            if (gone.isEmpty()) {
                console.stdout().println("there is nothing to remove");
            }
            return 0;
        } catch (IOException e) {
            throw ContainerdArguments.failure("remove", e);
        }
    }
}
