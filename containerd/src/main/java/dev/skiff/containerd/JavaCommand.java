package dev.skiff.containerd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How to start a JVM with a program.
 *
 * @param words the JVM, by its absolute path, its flags, the class path after {@code -cp}, and the program's class
 */
record JavaCommand(List<String> words) {
    private static final String CACHE = "-XX:AOTCache=";
    private static final String CLASS_PATH = "-cp";

    JavaCommand {
        words = List.copyOf(words);
    }

    /** The folder of the JDK. */
    Path home() {
        return Path.of(words.getFirst()).getParent().getParent();
    }

    /** What the JVM reads besides the JDK: the class path, and the cache for fast starts. */
    List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith(CACHE)) {
                files.add(Path.of(word.substring(CACHE.length())));
            } else if (words.get(i - 1).equals(CLASS_PATH)) {
                Arrays.stream(word.split(":")).map(Path::of).forEach(files::add);
            }
        }
        return List.copyOf(files);
    }

    /** The command with more flags, which those of its own overrule, and with arguments. */
    List<String> with(List<String> flags, List<String> arguments) {
        List<String> all = new ArrayList<>();
        all.add(words.getFirst());
        all.addAll(flags);
        all.addAll(words.subList(1, words.size()));
        all.addAll(arguments);
        return List.copyOf(all);
    }
}
