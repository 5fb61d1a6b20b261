package dev.skiff.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An option of a command.
 *
 * @param names how it is written, such as {@code --fuel}; the first is its name in messages
 * @param label what its value is called in help; without one the option takes no value
 * @param description sentences for the help
 * @param choices the values it can have, if they are few; for completion
 * @param completesFiles whether its value is a file or directory; for completion
 */
record Option(
        List<String> names, Optional<String> label, String description, List<String> choices, boolean completesFiles) {
    static final Option HELP = flag("Shows this help and ends.", "-h", "--help");
    static final Option VERBOSE = flag("Says more: timings, and the Java stack trace of an error.", "-v", "--verbose");

    /** An option that is there or not. */
    static Option flag(String description, String... names) {
        return new Option(List.of(names), Optional.empty(), description, List.of(), false);
    }

    /** An option with a value. */
    static Option value(String name, String label, String description) {
        return new Option(List.of(name), Optional.of(label), description, List.of(), false);
    }

    /** An option whose value is one of a few. */
    static Option choice(String name, String label, String description, String... choices) {
        return new Option(List.of(name), Optional.of(label), description, List.of(choices), false);
    }

    /** An option whose value is a file or directory. */
    static Option path(String name, String label, String description) {
        return new Option(List.of(name), Optional.of(label), description, List.of(), true);
    }

    /** The same with a short name too. */
    Option or(String shortName) {
        List<String> all = new ArrayList<>(List.of(shortName));
        all.addAll(names);
        return new Option(List.copyOf(all), label, description, choices, completesFiles);
    }

    /** The name that says most, for messages. */
    String name() {
        return names.getLast();
    }

    boolean takesValue() {
        return label.isPresent();
    }
}
