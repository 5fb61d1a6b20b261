package dev.skiff.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the measures of one run share.
 *
 * @param peers who is measured, in the order of the tables
 * @param drivers how
 * @param repository the repository's folder, for the guests
 * @param modules where {@code bench/fetch.sh} put large modules
 * @param quick whether fewer rounds will do
 */
record Session(List<Peer> peers, Drivers drivers, Path repository, Path modules, boolean quick) {
    Path guest(String path) {
        return repository.resolve("guests").resolve(path);
    }

    int rounds(int thorough) {
        return quick ? Math.max(3, thorough / 10) : thorough;
    }

    int warmup(Peer peer) {
        return quick ? peer.warmup() / 4 : peer.warmup();
    }

    Path scratch(String name) {
        return drivers.scratch().resolve(name);
    }

    /** Measures every peer; those that cannot be measured are in the result too. */
    Map<Peer, Outcome> each(Function<Peer, Outcome> measure) {
        Map<Peer, Outcome> outcomes = new LinkedHashMap<>();
        peers.forEach(peer -> outcomes.put(peer, measure.apply(peer)));
        return outcomes;
    }

    Optional<Peer> peer(String name) {
        return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
    }

    /** A line for each peer that could not be measured. */
    static String absences(Map<Peer, Outcome> outcomes) {
        List<String> lines = new ArrayList<>();
        outcomes.forEach((peer, outcome) -> {
            if (outcome instanceof Outcome.Missing missing && !missing.reason().equals("does not apply")) {
                lines.add("Absent: " + peer.label() + ": " + missing.reason());
            }
        });
        return lines.isEmpty() ? "" : "\n" + String.join("\n", lines) + "\n";
    }
}
