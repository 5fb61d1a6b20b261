package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import java.util.List;
import java.util.Optional;

/** {@code skiff version}. */
final class VersionCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "version",
                "Shows the version of Skiff and of its Java runtime.",
                "",
                List.of(OptionGroup.OTHER),
                List.of(),
                List.of());
    }

    @Override
    public int run(Arguments arguments, Console console) {
        console.stdout().println("skiff " + version());
        console.stdout()
                .println("java " + System.getProperty("java.vm.version") + ", "
                        + System.getProperty("java.vm.name") + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch"));
        return 0;
    }

    /** The version that the jar carries. */
    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not a release)");
    }
}
