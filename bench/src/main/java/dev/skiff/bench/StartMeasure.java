package dev.skiff.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Making an instance of a WASI hello and running it, in the steady state, small and with much data. */
final class StartMeasure implements Measure {
    @Override
    public String name() {
        return "start";
    }

    @Override
    public Section run(Session session) {
        StringBuilder text = new StringBuilder(
                "Wall microseconds to instantiate and run, compiled before, output to the null device.\n");
        List<Figure> figures = new ArrayList<>();
        for (String guest : List.of("hello-min", "hello-big")) {
            Map<Peer, Outcome> outcomes = session.each(peer -> session.drivers()
                    .run(
                            peer,
                            "start",
                            session.guest(guest + "/" + guest + ".wasm"),
                            session.warmup(peer),
                            session.rounds(20_000)));
            Table table = new Table("engine", "median us", "99th percentile us", "worst us");
            String measured = "not measured";
            for (Map.Entry<Peer, Outcome> entry : outcomes.entrySet()) {
                if (entry.getValue() instanceof Outcome.Figures found) {
                    Samples times = found.samples("nanos");
                    String median = Format.micros(times.median());
                    String late = Format.micros(times.quantile(0.99));
                    table.row(entry.getKey().label(), median, late, Format.micros(times.worst()));
                    if (entry.getKey().name().equals(Peers.SKIFF)) {
                        measured = median + " us / " + late + " us";
                    }
                }
            }
            text.append("\n**").append(guest).append("**\n\n").append(table).append(Session.absences(outcomes));
            figures.add(new Figure(
                    "instantiate and run " + guest + ", median / 99th percentile",
                    "20 us / 200 us",
                    "10 us / 50 us",
                    measured));
        }
        return new Section("Start", text.toString(), figures);
    }
}
