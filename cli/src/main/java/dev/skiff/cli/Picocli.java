package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import java.io.File;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Describes the commands to picocli, which words the help and writes completion scripts. */
final class Picocli {
    private static final int WIDTH = 100;

    private Picocli() {}

    /** The whole of {@code skiff}. */
    static CommandLine root() {
        Model.CommandSpec root = Model.CommandSpec.create().name("skiff");
        root.usageMessage()
                .width(WIDTH)
                .header("Skiff runs WebAssembly programs: fast, and contained.", "")
                .customSynopsis("skiff COMMAND [...]")
                .commandListHeading("%nCommands:%n")
                .footerHeading("%n")
                .footer("skiff help COMMAND says more about one of them.");
        CommandLine line = new CommandLine(root);
        for (String name : Commands.NAMES) {
            line.addSubcommand(
                    name,
                    Commands.group(name)
                            .map(Picocli::group)
                            .orElseGet(() -> command(Main.find(name).spec())));
        }
        return line;
    }

    /** A group of commands. */
    static CommandLine group(CommandGroup group) {
        Model.CommandSpec model = Model.CommandSpec.create().name(group.name());
        model.usageMessage()
                .width(WIDTH)
                .header(group.summary())
                .customSynopsis("", "Usage: skiff " + group.name() + " COMMAND [...]")
                .synopsisHeading("")
                .commandListHeading("%nCommands:%n")
                .footerHeading("%n")
                .footer("skiff help " + group.name() + " COMMAND says more about one of them.");
        CommandLine line = new CommandLine(model);
        for (Command command : group.commands()) {
            line.addSubcommand(command.spec().word(), command(command.spec()));
        }
        return line;
    }

    /** One command. */
    static CommandLine command(CommandSpec spec) {
        Model.CommandSpec model = Model.CommandSpec.create().name(spec.name());
        model.parser().separator(" ");
        for (OptionGroup group : spec.groups()) {
            model.addArgGroup(group(group));
        }
        for (int i = 0; i < spec.operands().size(); i++) {
            model.addPositional(operand(spec.operands().get(i), i));
        }
        model.usageMessage()
                .width(WIDTH)
                .header(spec.summary())
                .synopsisHeading("%nUsage: skiff ")
                .abbreviateSynopsis(true)
                .descriptionHeading(spec.description().isEmpty() ? "" : "%n")
                .description(escape(spec.description()))
                .parameterListHeading("%n")
                .sortOptions(false)
                .footerHeading(spec.examples().isEmpty() ? "" : "%nExamples:%n")
                .footer(examples(spec.examples()));
        return new CommandLine(model);
    }

    private static ArgGroupSpec group(OptionGroup group) {
        ArgGroupSpec.Builder builder =
                ArgGroupSpec.builder().heading("%n" + group.heading() + ":%n").validate(false);
        group.options().forEach(option -> builder.addArg(option(option)));
        return builder.build();
    }

    private static OptionSpec option(Option option) {
        OptionSpec.Builder builder =
                OptionSpec.builder(option.names().toArray(String[]::new)).description(escape(option.description()));
        option.label()
                .ifPresentOrElse(
                        label -> builder.paramLabel(label).arity("1"),
                        () -> builder.arity("0").type(boolean.class));
        if (!option.choices().isEmpty()) {
            builder.completionCandidates(option.choices());
        }
        return (option.completesFiles() ? builder.type(File.class) : builder).build();
    }

    private static PositionalParamSpec operand(Operand operand, int index) {
        boolean rest = operand.arity() == Arity.REST || operand.arity() == Arity.ONE_OR_MORE;
        return PositionalParamSpec.builder()
                .index(rest ? index + "..*" : String.valueOf(index))
                .arity(
                        operand.arity() == Arity.REST
                                ? "0..*"
                                : operand.arity() == Arity.ONE_OR_MORE
                                        ? "1..*"
                                        : operand.arity() == Arity.OPTIONAL ? "0..1" : "1")
                .type(rest ? File[].class : File.class)
                .paramLabel(operand.label())
                .description(escape(operand.description()))
                .build();
    }

    private static String[] examples(List<Example> examples) {
        int width = examples.stream()
                .mapToInt(example -> example.line().length())
                .max()
                .orElse(0);
        return examples.stream()
                .map(example -> "  " + example.line()
                        + " ".repeat(width - example.line().length()) + "   " + example.meaning())
                .map(Picocli::escape)
                .toArray(String[]::new);
    }

    /** Picocli formats all its texts. */
    private static String escape(String text) {
        return text.replace("%", "%%");
    }
}
