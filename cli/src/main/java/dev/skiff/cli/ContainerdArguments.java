package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The options that say where the runtime for containerd is. */
final class ContainerdArguments {
    private static final Option BIN =
            Option.path("--bin", "DIR", "Where containerd looks for runtimes. By default /usr/local/bin.");
    private static final Option LIB =
            Option.path("--lib", "DIR", "Where the program is kept. By default /usr/local/lib/skiff.");
    private static final Option STATE =
            Option.path("--state", "DIR", "Where daemons have their sockets and logs. By default /run/skiff.");
    static final OptionGroup PLACES = new OptionGroup("Places", List.of(BIN, LIB, STATE));

    private ContainerdArguments() {}

    /** What went wrong with its files. */
    static CommandException failure(String doing, IOException e) {
        return new CommandException(
                1, "cannot " + doing + " the runtime: " + FileProblem.of(e) + " (" + e.getMessage() + ")", e);
    }

    static Installation installation(Arguments arguments) {
        return new Installation(
                Path.of(arguments.value(BIN).orElse("/usr/local/bin")),
                Path.of(arguments.value(LIB).orElse("/usr/local/lib/skiff")),
                Path.of(arguments.value(STATE).orElse("/run/skiff")));
    }
}
