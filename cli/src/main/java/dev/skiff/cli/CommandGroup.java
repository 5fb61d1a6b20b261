package dev.skiff.cli;

import dev.skiff.host.Similar;
import java.util.List;

/**
 * Commands that belong together, such as {@code skiff registry push}.
 *
 * @param name the first word
 * @param summary a sentence, for the list of commands
 * @param members the second words, in the order of the help
 */
record CommandGroup(String name, String summary, List<String> members) {
    /** The command of a second word; a failure says what there is instead. */
    Command find(String member) {
        return Commands.find(name + " " + member).orElseThrow(() -> {
            String hint = Similar.to(member, members)
                    .map(similar -> "; did you mean skiff " + name + " " + similar + "?")
                    .orElse("; there are " + String.join(", ", members));
            return new UsageException("there is no command skiff " + name + " " + member + hint);
        });
    }

    /** All its commands. */
    List<Command> commands() {
        return members.stream().map(this::find).toList();
    }
}
