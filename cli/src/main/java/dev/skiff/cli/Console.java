package dev.skiff.cli;

import dev.skiff.host.Stdio;
import dev.skiff.oci.PlainText;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;

/**
 * What a command has of the process that it runs in.
 *
 * @param stdin the standard input, for commands that read it themselves
 * @param stdout the standard output
 * @param stderr the standard error
 * @param guest the standard streams that guests get
 * @param environment the environment's variables
 * @param colours whether the help may use colours
 * @param animated whether stderr is a terminal, on which a line can be overwritten
 * @param signals how to hear of signals
 */
record Console(
        InputStream stdin,
        PrintStream stdout,
        PrintStream stderr,
        Stdio guest,
        Map<String, String> environment,
        boolean colours,
        boolean animated,
        Signals signals) {

    /** A variable of the environment; one that is empty counts as absent. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** Says on stderr what went wrong. */
    void problem(String text) {
        stderr.println("skiff: " + PlainText.lines(text).replace("\n", "\n    "));
    }

    /** Says on stderr what only those who asked for more want to know. */
    void note(Arguments arguments, String text) {
        if (arguments.has(Option.VERBOSE)) {
            stderr.println("skiff: " + PlainText.lines(text));
        }
    }
}
