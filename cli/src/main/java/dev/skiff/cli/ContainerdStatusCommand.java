package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code skiff containerd status}. */
final class ContainerdStatusCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd status",
                "Shows what of the runtime for containerd is on this machine, and what runs.",
                "Ends with 1 if it is not installed.",
                List.of(ContainerdArguments.PLACES, OptionGroup.OTHER),
                List.of(),
                List.of());
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Installation installation = ContainerdArguments.installation(arguments);
        try {
            List<Path> launchers = installation.launchers();
            launchers.forEach(launcher -> console.stdout().println("installed: " + launcher));
            for (Installation.RunningDaemon daemon : installation.daemons()) {
                console.stdout()
                        .println("running: the daemon " + daemon.pid() + ", with its log in " + daemon.folder());
            }
            if (launchers.isEmpty()) {
                console.stdout().println("not installed in " + installation.bin());
            }
            return launchers.isEmpty() ? 1 : 0;
        } catch (IOException e) {
            throw ContainerdArguments.failure("look at", e);
        }
    }
}
