package dev.skiff.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Peak speed: processor time of the kernels against gcc. */
final class KernelMeasure implements Measure {
    /** The kernels and their sizes. */
    private static final Map<String, Integer> SIZES = new LinkedHashMap<>();

    static {
        SIZES.put("fib", 35);
        SIZES.put("sha256", 64);
        SIZES.put("matmul", 384);
        SIZES.put("json", 20);
        SIZES.put("sort", 2000);
        SIZES.put("vm", 300);
        SIZES.put("mandelbrot", 500);
        SIZES.put("hashmap", 1000);
    }

    @Override
    public String name() {
        return "kernels";
    }

    @Override
    public Section run(Session session) {
        Map<Peer, Map<String, Double>> medians = new LinkedHashMap<>();
        Map<Peer, Outcome> missing = new LinkedHashMap<>();
        SIZES.forEach((kernel, size) -> {
            Map<Peer, Outcome> outcomes = session.each(peer -> session.drivers()
                    .run(
                            peer,
                            "kernel",
                            session.guest("kernels/" + kernel + ".wasm"),
                            size,
                            session.warmup(peer),
                            session.rounds(20)));
            checkSums(kernel, outcomes);
            outcomes.forEach((peer, outcome) -> {
                switch (outcome) {
                    case Outcome.Figures figures ->
                        medians.computeIfAbsent(peer, p -> new LinkedHashMap<>())
                                .put(kernel, figures.samples("nanos").median());
                    case Outcome.Missing reason -> missing.put(peer, reason);
                }
            });
        });
        return new Section(
                "Peak speed",
                "Milliseconds of thread CPU time, median after warm-up, and the ratio to gcc -O2.\n\n" + table(medians)
                        + Session.absences(missing),
                figures(session, medians));
    }

    private static void checkSums(String kernel, Map<Peer, Outcome> outcomes) {
        List<String> sums = outcomes.values().stream()
                .filter(Outcome.Figures.class::isInstance)
                .map(outcome -> ((Outcome.Figures) outcome).text("checksum"))
                .distinct()
                .toList();
        if (sums.size() > 1) {
            throw new IllegalStateException(
                    "engines disagree about " + kernel + ": " + sums + " from " + outcomes.keySet());
        }
    }

    private static Table table(Map<Peer, Map<String, Double>> medians) {
        List<String> header = new ArrayList<>(List.of("engine"));
        header.addAll(SIZES.keySet());
        header.add("geometric mean");
        Table table = new Table(header.toArray(String[]::new));
        Map<String, Double> base = base(medians).orElse(Map.of());
        medians.forEach((peer, times) -> {
            List<String> cells = new ArrayList<>(List.of(peer.label()));
            for (String kernel : SIZES.keySet()) {
                Double time = times.get(kernel);
                Double reference = base.get(kernel);
                cells.add(
                        time == null
                                ? "-"
                                : reference == null
                                        ? Format.millis(time)
                                        : Format.millis(time) + " " + Format.ratio(time / reference));
            }
            cells.add(ratio(times, base).map(Format::ratio).orElse("-"));
            table.row(cells);
        });
        return table;
    }

    private static Optional<Map<String, Double>> base(Map<Peer, Map<String, Double>> medians) {
        return medians.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(Peers.GCC))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The geometric mean of the ratios over all kernels, if both have them all. */
    private static Optional<Double> ratio(Map<String, Double> times, Map<String, Double> base) {
        if (!times.keySet().containsAll(SIZES.keySet()) || !base.keySet().containsAll(SIZES.keySet())) {
            return Optional.empty();
        }
        return Optional.of(Samples.geometricMean(
                SIZES.keySet().stream().map(k -> times.get(k) / base.get(k)).toList()));
    }

    private static List<Figure> figures(Session session, Map<Peer, Map<String, Double>> medians) {
        Map<String, Double> skiff = times(session, medians, Peers.SKIFF);
        Map<String, Double> endive = times(session, medians, "endive");
        return List.of(
                new Figure(
                        "peak speed, geometric mean of " + SIZES.size() + " kernels against gcc -O2",
                        "1.5x",
                        "1.2x",
                        ratio(skiff, base(medians).orElse(Map.of()))
                                .map(Format::ratio)
                                .orElse("not measured")),
                new Figure(
                        "the same, how much faster than Endive's compiler",
                        "2.5 times",
                        "3 times",
                        ratio(endive, skiff)
                                .map(r -> Format.digits(r) + " times")
                                .orElse("not measured")));
    }

    private static Map<String, Double> times(Session session, Map<Peer, Map<String, Double>> medians, String name) {
        return session.peer(name)
                .map(peer -> medians.getOrDefault(peer, Map.of()))
                .orElse(Map.of());
    }
}
