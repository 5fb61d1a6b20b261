package dev.skiff.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Memory that an idle instance takes. */
final class DensityMeasure implements Measure {

    @Override
    public String name() {
        return "density";
    }

    @Override
    public Section run(Session session) {
        int live = session.quick() ? 2_000 : 20_000;
        StringBuilder text = new StringBuilder(
                "KiB per live instance that ran once: proportional set size and page tables of the process, " + live
                        + " instances.\n\n");
        List<Figure> figures = new ArrayList<>();
        for (String guest : List.of("hello-min", "hello-big")) {
            Map<Peer, Outcome> outcomes = session.each(
                    peer -> session.drivers().run(peer, "density", session.guest(guest + "/" + guest + ".wasm"), live));
            Table table = new Table("engine", "KiB");
            String measured = "not measured";
            for (Map.Entry<Peer, Outcome> entry : outcomes.entrySet()) {
                if (entry.getValue() instanceof Outcome.Figures found) {
                    String kib = Format.digits(found.samples("bytes").median() / 1024);
                    table.row(entry.getKey().label(), kib);
                    if (entry.getKey().name().equals(Peers.SKIFF)) {
                        measured = kib + " KiB";
                    }
                }
            }
            text.append("\n**").append(guest).append("**\n\n").append(table).append(Session.absences(outcomes));
            figures.add(new Figure("memory per idle " + guest + ", " + live + " live", "24 KiB", "16 KiB", measured));
        }
        return new Section("Density", text.toString(), figures);
    }
}
