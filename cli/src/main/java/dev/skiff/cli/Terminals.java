package dev.skiff.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Which streams of a process lead to a terminal.
 *
 * @param colours whether stdout is a terminal and nobody asked for plain text
 * @param animated whether stderr is a terminal on which a line can be overwritten
 */
record Terminals(boolean colours, boolean animated) {
    /** Looks at this process. */
    static Terminals ofProcess(Map<String, String> environment) {
        String term = Optional.ofNullable(environment.get("TERM")).orElse("dumb");
        boolean smart = !term.equals("dumb");
        boolean plain =
                !Optional.ofNullable(environment.get("NO_COLOR")).orElse("").isEmpty();
        return new Terminals(smart && !plain && isTerminal(1), smart && isTerminal(2));
    }

    private static boolean isTerminal(int descriptor) {
        try {
            // System.console() asks about stdin and stdout together, and loads a line editor to do so.
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
