package dev.skiff.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder in which documented commands run as they do in a checkout: it has a copy of the examples, and a {@code ./skiff}
 * that starts the classes under test instead of building them once more.
 */
record Scratch(Path directory, Map<String, String> environment) {
    static Scratch of(Path checkout, Path directory) throws IOException {
        copy(checkout.resolve("examples"), directory.resolve("examples"));
        Path skiff = directory.resolve("skiff");
        Files.writeString(
                skiff, """
                #!/bin/sh
                exec '%s/bin/java' %s -cp '%s' dev.skiff.cli.Main "$@"
                """.formatted(System.getProperty("java.home"), flags(), System.getProperty("java.class.path")));
        if (!skiff.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + skiff + " executable");
        }
        return new Scratch(directory, Map.of());
    }

    /** The same where commands see one more variable. */
    Scratch with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new Scratch(directory, Map.copyOf(more));
    }

    /** Bash in the folder, about to run the script, with a home of its own; stops at the first command that fails. */
    ProcessBuilder bash(String script) {
        ProcessBuilder bash =
                new ProcessBuilder("bash", "-c", "set -eu -o pipefail\n" + script).directory(directory.toFile());
        bash.environment().put("HOME", directory.resolve("home").toString());
        bash.environment().keySet().removeIf(name -> name.startsWith("XDG_") || name.startsWith("SKIFF_"));
        bash.environment().putAll(environment);
        return bash;
    }

    /** The flags that the JVM of this test was given for the engine's sake. */
    private static String flags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--add-exports") || flag.startsWith("--enable-native-access"))
                .collect(Collectors.joining(" "));
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
