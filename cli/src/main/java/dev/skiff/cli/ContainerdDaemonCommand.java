package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.Daemon;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code skiff containerd daemon}, which the launcher starts. */
final class ContainerdDaemonCommand implements Command {
    private static final Option CODE = Option.path(
            "--code",
            "DIR",
            "Keeps what programs are translated to in DIR too, for daemons to come. By default in memory only.");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd daemon",
                "Runs the tasks of a containerd. The runtime starts it; people need not.",
                "Runs until it is killed, and with it all its tasks. Its log is on standard error.",
                List.of(new OptionGroup("Places", List.of(CODE)), OptionGroup.OTHER),
                List.of(
                        new Operand("SOCKET", "Where it listens for containerd.", Arity.ONE),
                        new Operand("EVENTS", "Where containerd listens for events.", Arity.ONE),
                        new Operand(
                                "METRICS",
                                "Where it answers with metrics besides its socket, such as 127.0.0.1:9464.",
                                Arity.OPTIONAL)),
                List.of());
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Path socket = Path.of(arguments.operands().get(0));
        try {
            Daemon.run(
                    socket,
                    Path.of(arguments.operands().get(1)),
                    arguments.operands().stream().skip(2).findFirst(),
                    arguments.value(CODE).map(Path::of));
            return 0;
        } catch (IOException e) {
            throw new CommandException(1, "cannot listen at " + socket + ": " + FileProblem.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
