package dev.skiff.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a driver answered. */
sealed interface Outcome {
    /**
     * It measured.
     *
     * @param values everything it printed, by key
     */
    record Figures(Map<String, List<String>> values) implements Outcome {
        Samples samples(String key) {
            return Samples.of(values.getOrDefault(key, List.of()).stream()
                    .map(Double::valueOf)
                    .toList());
        }

        String text(String key) {
            List<String> found = values.getOrDefault(key, List.of());
            return found.isEmpty() ? "" : found.getFirst();
        }
    }

    /**
     * It could not.
     *
     * @param reason in a few words
     */
    record Missing(String reason) implements Outcome {}

    /** Reads a driver's lines of keys and values. */
    static Figures parse(List<String> lines) {
        Map<String, List<String>> values = new TreeMap<>();
        for (String line : lines) {
            int space = line.indexOf(' ');
            if (space > 0) {
                values.computeIfAbsent(line.substring(0, space), k -> new ArrayList<>())
                        .add(line.substring(space + 1));
            }
        }
        return new Figures(values);
    }
}
