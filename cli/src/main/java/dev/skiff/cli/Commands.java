package dev.skiff.cli;

import java.util.List;
import java.util.Optional;

/** The commands that there are. Only the one that is asked for is loaded. */
final class Commands {
    /** Their names, in the order of the help. */
    static final List<String> NAMES = List.of("run", "compile", "inspect", "completion", "version", "help");

    private Commands() {}

    /** The command of a name. */
    static Optional<Command> find(String name) {
        return switch (name) {
            case "run" -> Optional.of(new RunCommand());
            case "compile" -> Optional.of(new CompileCommand());
            case "inspect" -> Optional.of(new InspectCommand());
            case "completion" -> Optional.of(new CompletionCommand());
            case "version", "--version", "-V" -> Optional.of(new VersionCommand());
            case "help" -> Optional.of(new HelpCommand());
            default -> Optional.empty();
        };
    }

    /** All commands, for help and completion. */
    static List<Command> all() {
        return NAMES.stream().map(name -> find(name).orElseThrow()).toList();
    }
}
