package dev.skiff.wasm.spec;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.MemoryVariant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** Adds up the results of one variant. Thread-safe. */
final class SpecSummary {
    private final MemoryVariant variant;
    private final Queue<SpecResult> results = new ConcurrentLinkedQueue<>();

    SpecSummary(MemoryVariant variant) {
        this.variant = variant;
    }

    void add(SpecResult result) {
        results.add(result);
    }

    /** A few lines for people. */
    @Override
    public String toString() {
        Map<Feature, Integer> outOfScope = new EnumMap<>(Feature.class);
        results.forEach(result -> result.outOfScope().forEach((f, count) -> outOfScope.merge(f, count, Integer::sum)));
        int passed = results.stream().mapToInt(SpecResult::passed).sum();
        int failed =
                results.stream().mapToInt(result -> result.failures().size()).sum();
        int textOnly = results.stream().mapToInt(SpecResult::textOnly).sum();
        return """
                WebAssembly specification tests, memories %s: %,d scripts run
                  %,d commands passed, %,d failed
                  %,d commands not applicable: text format
                  %,d commands out of scope: %s""".formatted(variant, results.size(), passed, failed, textOnly, sum(outOfScope), byFeature(outOfScope));
    }

    /** How many scripts and commands are not run, by feature. */
    static String notRun(Map<Feature, List<Integer>> commandsOfScripts) {
        int scripts = commandsOfScripts.values().stream().mapToInt(List::size).sum();
        Map<Feature, Integer> commands = new EnumMap<>(Feature.class);
        commandsOfScripts.forEach((feature, counts) ->
                commands.put(feature, counts.stream().mapToInt(count -> count).sum()));
        return "WebAssembly specification tests: %,d scripts with %,d commands out of scope: %s"
                .formatted(
                        scripts,
                        sum(commands),
                        commandsOfScripts.entrySet().stream()
                                .map(entry -> "%s %,d scripts with %,d commands"
                                        .formatted(
                                                entry.getKey(), entry.getValue().size(), commands.get(entry.getKey())))
                                .collect(Collectors.joining("; ")));
    }

    /** The results in the form of commands-out-of-scope.txt. */
    String table() {
        return results.stream()
                .filter(result -> !result.outOfScope().isEmpty())
                .map(result -> result.name()
                        + result.outOfScope().entrySet().stream()
                                .map(entry -> " " + entry.getKey().name() + "=" + entry.getValue())
                                .collect(Collectors.joining()))
                .sorted()
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static int sum(Map<Feature, Integer> counts) {
        return counts.values().stream().mapToInt(count -> count).sum();
    }

    private static String byFeature(Map<Feature, Integer> counts) {
        return counts.entrySet().stream()
                .map(entry -> "%s %,d".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("; "));
    }
}
