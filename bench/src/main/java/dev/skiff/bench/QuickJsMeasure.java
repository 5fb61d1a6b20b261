package dev.skiff.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** QuickJS evaluating a script in its steady state, over several processes, because a JIT may decide differently each time. */
final class QuickJsMeasure implements Measure {
    @Override
    public String name() {
        return "quickjs";
    }

    @Override
    public Section run(Session session) {
        Table table = new Table("engine", "processes", "best ms", "median ms", "worst ms", "worst against V8's median");
        Map<Peer, Outcome> last = new LinkedHashMap<>();
        Map<Peer, Samples> medians = new LinkedHashMap<>();
        for (Peer peer : session.peers()) {
            List<Double> processes = new ArrayList<>();
            for (int i = 0; i < processes(session, peer); i++) {
                Outcome outcome = session.drivers()
                        .run(
                                peer,
                                "quickjs",
                                session.modules().resolve("quickjs.wasm"),
                                session.repository().resolve("bench/scripts/eval.js"),
                                session.warmup(peer),
                                session.rounds(50));
                last.put(peer, outcome);
                if (!(outcome instanceof Outcome.Figures figures)) {
                    break;
                }
                processes.add(figures.samples("nanos").median());
            }
            if (!processes.isEmpty()) {
                medians.put(peer, Samples.of(processes));
            }
        }
        Optional<Double> v8 = session.peer(Peers.V8).map(medians::get).map(Samples::median);
        medians.forEach((peer, s) -> table.row(
                peer.label(),
                String.valueOf(s.count()),
                Format.millis(s.best()),
                Format.millis(s.median()),
                Format.millis(s.worst()),
                v8.map(base -> Format.ratio(s.worst() / base)).orElse("-")));
        Optional<Samples> skiff = session.peer(Peers.SKIFF).map(medians::get);
        String measured = skiff.isEmpty() || v8.isEmpty()
                ? "not measured"
                : "%s (%s ms)"
                        .formatted(
                                Format.ratio(skiff.get().worst() / v8.get()),
                                Format.millis(skiff.get().worst()));
        return new Section(
                "QuickJS",
                "One evaluation of bench/scripts/eval.js: thread CPU time, median of each process after warm-up.\n\n"
                        + table + Session.absences(last),
                List.of(new Figure("QuickJS evaluating a script, worst process against V8", "5x", "2x", measured)));
    }

    private static int processes(Session session, Peer peer) {
        boolean compared = peer.name().equals(Peers.SKIFF) || peer.name().equals(Peers.V8);
        return session.quick() ? 1 : compared ? 10 : 3;
    }
}
