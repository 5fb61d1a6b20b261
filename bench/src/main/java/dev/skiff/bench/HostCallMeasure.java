package dev.skiff.bench;

import java.util.List;
import java.util.Map;

/** What a guest's call of a host function costs, the guest's loop around it included. */
final class HostCallMeasure implements Measure {
    private static final int THOUSANDS = 10_000;

    @Override
    public String name() {
        return "hostcall";
    }

    @Override
    public Section run(Session session) {
        Map<Peer, Outcome> outcomes = session.each(peer -> session.drivers()
                .run(
                        peer,
                        "hostcall",
                        session.guest("kernels/hostcall.wasm"),
                        THOUSANDS,
                        session.warmup(peer),
                        session.rounds(20)));
        Table table = new Table("engine", "ns per call");
        String measured = "not measured";
        for (Map.Entry<Peer, Outcome> entry : outcomes.entrySet()) {
            if (entry.getValue() instanceof Outcome.Figures found) {
                String nanos = Format.digits(found.samples("nanos").median() / (THOUSANDS * 1000.0));
                table.row(entry.getKey().label(), nanos);
                if (entry.getKey().name().equals(Peers.SKIFF)) {
                    measured = nanos + " ns";
                }
            }
        }
        return new Section(
                "Host call",
                "Thread CPU time of a call from the guest to a function of the host that adds one; "
                        + "for gcc a function that is not inlined.\n\n" + table + Session.absences(outcomes),
                List.of(new Figure("host call", "10 ns", "2 ns", measured)));
    }
}
