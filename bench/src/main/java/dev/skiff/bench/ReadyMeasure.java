package dev.skiff.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How long a 14 MB module takes until its first export can be called, with and without a filled code cache. */
final class ReadyMeasure implements Measure {
    @Override
    public String name() {
        return "ready";
    }

    @Override
    public Section run(Session session) {
        Table table = new Table("engine", "no cache ms", "cache, filling it ms", "cache, filled ms");
        Map<Peer, Outcome> outcomes = new LinkedHashMap<>();
        String measured = "not measured";
        for (Peer peer : session.peers()) {
            Optional<Double> none = median(session, peer, "-", outcomes);
            Path cache = session.scratch("cache-" + peer.name());
            Optional<Double> cold = none.isEmpty() ? none : median(session, peer, fresh(cache), new LinkedHashMap<>());
            Optional<Double> warm =
                    cold.isEmpty() ? cold : median(session, peer, cache.toString(), new LinkedHashMap<>());
            if (none.isPresent()) {
                table.row(peer.label(), text(none), text(cold), text(warm));
            }
            if (none.isPresent() && peer.name().equals(Peers.SKIFF)) {
                measured = text(none) + " ms / " + text(warm) + " ms";
            }
        }
        return new Section(
                "Large module",
                "Wall milliseconds from the bytes of esbuild.wasm (14 MB) in memory to the answer of its first export, "
                        + "in a new process.\n\n" + table + Session.absences(outcomes),
                List.of(new Figure(
                        "14 MB module ready to call, cold / warm cache", "3 s / 300 ms", "1 s / 100 ms", measured)));
    }

    /** With an empty cache there is only one first time; otherwise the middle of three processes counts. */
    private static Optional<Double> median(Session session, Peer peer, String cache, Map<Peer, Outcome> outcomes) {
        boolean filling = !cache.equals("-") && isEmpty(Path.of(cache));
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < (filling || session.quick() ? 1 : 3); i++) {
            Outcome outcome =
                    session.drivers().run(peer, "ready", session.modules().resolve("esbuild.wasm"), cache);
            outcomes.put(peer, outcome);
            if (!(outcome instanceof Outcome.Figures figures)) {
                return Optional.empty();
            }
            times.add(figures.samples("nanos").median());
        }
        return Optional.of(Samples.of(times).median());
    }

    private static String text(Optional<Double> nanos) {
        return nanos.map(Format::millis).orElse("-");
    }

    private static String fresh(Path directory) {
        try {
            return Files.createDirectories(directory).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
