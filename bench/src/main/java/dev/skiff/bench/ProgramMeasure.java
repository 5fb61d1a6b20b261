package dev.skiff.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Go and a Rust program with a second or more of real work, against wasmtime. */
final class ProgramMeasure implements Measure {
    @Override
    public String name() {
        return "programs";
    }

    @Override
    public Section run(Session session) {
        StringBuilder text = new StringBuilder(
                "First: wall seconds from nothing to the end of the first run, compilation included, no cache. "
                        + "Steady: CPU seconds of later runs in the same process, each in a new instance.\n");
        List<Figure> figures = new ArrayList<>();
        for (String program : List.of("work-go", "work-rust")) {
            text.append('\n').append("**").append(program).append("**\n\n");
            figures.add(measure(session, program, text));
        }
        return new Section("Go and Rust programs", text.toString(), figures);
    }

    private static Figure measure(Session session, String program, StringBuilder text) {
        Map<String, String> outputs = new HashMap<>();
        Path out = session.scratch(program + ".out");
        Map<Peer, Outcome> outcomes = session.each(peer -> {
            Outcome outcome = session.drivers()
                    .run(
                            peer,
                            "program",
                            session.guest(program + "/" + program + ".wasm"),
                            out,
                            session.quick() ? 3 : 9);
            if (outcome instanceof Outcome.Figures) {
                outputs.put(peer.label(), read(out));
            }
            return outcome;
        });
        if (outputs.values().stream().distinct().count() > 1) {
            throw new IllegalStateException("engines disagree about the output of " + program + ": " + outputs);
        }
        Optional<Double> base = steady(session, outcomes, Peers.WASMTIME);
        Table table = new Table("engine", "first s", "steady s", "against wasmtime");
        outcomes.forEach((peer, outcome) -> {
            if (outcome instanceof Outcome.Figures found) {
                double nanos = found.samples("nanos").median();
                table.row(
                        peer.label(),
                        Format.digits(found.samples("first").median() / 1e9),
                        Format.digits(nanos / 1e9),
                        base.map(b -> Format.ratio(nanos / b)).orElse("-"));
            }
        });
        text.append(table).append(Session.absences(outcomes));
        Optional<Double> skiff = steady(session, outcomes, Peers.SKIFF);
        String measured = skiff.isEmpty() || base.isEmpty() ? "not measured" : Format.ratio(skiff.get() / base.get());
        return new Figure(program + " against wasmtime, steady", "1.5x", "1.1x", measured);
    }

    private static Optional<Double> steady(Session session, Map<Peer, Outcome> outcomes, String name) {
        return session.peer(name)
                .map(outcomes::get)
                .filter(Outcome.Figures.class::isInstance)
                .map(outcome -> ((Outcome.Figures) outcome).samples("nanos").median());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
