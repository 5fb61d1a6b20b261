package dev.skiff.wasm.spec;

import dev.skiff.wasm.Feature;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of the suite is out of scope, and why: the two resource files beside this class, reviewed by people. Whatever they
 * do not list must pass.
 *
 * @param scripts the scripts that are not run at all, each with the feature that it tests
 * @param commands for the scripts that are run: how many of their commands need which feature
 */
record SpecScope(Map<String, Feature> scripts, Map<String, Map<Feature, Integer>> commands) {
    /** Reads the resource files. */
    static SpecScope read() {
        Map<String, Feature> scripts = new TreeMap<>();
        String entries = text("scripts-out-of-scope.txt").replaceAll("\\R[ ]+", " ");
        for (String entry : lines(entries)) {
            Feature feature = Feature.valueOf(entry.substring(0, entry.indexOf(':')));
            for (String script : entry.substring(entry.indexOf(':') + 1).strip().split(" +")) {
                scripts.put(script, feature);
            }
        }
        Map<String, Map<Feature, Integer>> commands = new TreeMap<>();
        for (String line : lines(text("commands-out-of-scope.txt"))) {
            String[] words = line.split(" +");
            Map<Feature, Integer> counts = commands.computeIfAbsent(words[0], name -> new EnumMap<>(Feature.class));
            for (int i = 1; i < words.length; i++) {
                String[] count = words[i].split("=");
                counts.put(Feature.valueOf(count[0]), Integer.valueOf(count[1]));
            }
        }
        return new SpecScope(scripts, commands);
    }

    /** The counts of a script's commands that are expected to be out of scope, by feature. */
    Map<Feature, Integer> commandsOf(String script) {
        return commands.getOrDefault(script, Map.of());
    }

    private static List<String> lines(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    private static String text(String resource) {
        try (InputStream in = SpecScope.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
