package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;

/** {@code skiff help} and {@code --help}. */
final class HelpCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "help",
                "Shows the commands, or the options of one command.",
                "",
                List.of(OptionGroup.OTHER),
                List.of(
                        new Operand("COMMAND", "The command; without it, all are listed.", Arity.OPTIONAL),
                        new Operand("MEMBER", "Of a group of commands, one of them.", Arity.OPTIONAL)),
                List.of());
    }

    @Override
    public int run(Arguments arguments, Console console) {
        if (arguments.operands().isEmpty()) {
            Picocli.root().usage(console.stdout(), ansi(console));
            return 0;
        }
        List<String> words = arguments.operands();
        Optional<CommandGroup> group = Commands.group(words.getFirst());
        if (group.isEmpty()) {
            if (words.size() > 1) {
                String name = Main.find(words.getFirst()).spec().name();
                throw new UsageException("skiff " + name + " has no commands of its own, such as " + words.get(1)
                        + "; skiff help " + name + " says more");
            }
            return show(Main.find(words.getFirst()).spec(), console);
        }
        return words.size() == 1
                ? show(group.get(), console)
                : show(group.get().find(words.get(1)).spec(), console);
    }

    /** Shows the commands of a group. */
    static int show(CommandGroup group, Console console) {
        Picocli.group(group).usage(console.stdout(), ansi(console));
        return 0;
    }

    /** Shows the help of one command. */
    static int show(CommandSpec spec, Console console) {
        Picocli.command(spec).usage(console.stdout(), ansi(console));
        return 0;
    }

    private static Ansi ansi(Console console) {
        return console.colours() ? Ansi.ON : Ansi.OFF;
    }
}
