package dev.skiff.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a command is written: what both the parser of arguments and the help know about it.
 *
 * @param name its name, such as {@code run} or {@code registry push}
 * @param summary a sentence, for the list of commands and the head of its own help
 * @param description what else its own help says, may be empty
 * @param groups its options, in the order of the help; {@link OptionGroup#OTHER} included
 * @param operands what it takes besides options
 * @param examples lines that can be typed
 */
record CommandSpec(
        String name,
        String summary,
        String description,
        List<OptionGroup> groups,
        List<Operand> operands,
        List<Example> examples) {

    /**
     * What a command takes besides options.
     *
     * @param label its name in help and messages
     * @param description a sentence for the help
     * @param arity how often it may stand there
     */
    record Operand(String label, String description, Arity arity) {}

    /** How often an operand may stand there. */
    enum Arity {
        ONE,
        OPTIONAL,
        ONE_OR_MORE,
        /** All that is left, options or not: they are somebody else's. */
        REST
    }

    /**
     * A line that can be typed.
     *
     * @param line what to type
     * @param meaning what it does
     */
    record Example(String line, String meaning) {}

    /**
     * Options that belong together.
     *
     * @param heading what the help calls them
     * @param options the options
     */
    record OptionGroup(String heading, List<Option> options) {
        /** What every command has. */
        static final OptionGroup OTHER = new OptionGroup("Other", List.of(Option.VERBOSE, Option.HELP));
    }

    /** The last word of its name. */
    String word() {
        return name.substring(name.lastIndexOf(' ') + 1);
    }

    /** All its options. */
    List<Option> options() {
        List<Option> options = new ArrayList<>();
        for (OptionGroup group : groups) {
            options.addAll(group.options());
        }
        return options;
    }

    /** Whether options end at the first operand, because what follows belongs to a guest. */
    boolean endsAtOperand() {
        return !operands.isEmpty() && operands.getLast().arity() == Arity.REST;
    }

    /** The option that is written so. */
    Optional<Option> option(String written) {
        for (Option option : options()) {
            if (option.names().contains(written)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
