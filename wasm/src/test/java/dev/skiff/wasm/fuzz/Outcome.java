package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What happened: a line for the instantiation, for each call, and for the final state of each export and of the host.
 *
 * @param lines comparable text
 */
record Outcome(List<String> lines) {
    private static final String TRAP = ": trap ";

    /** A line about something that ended in a trap; an engine that does not tell some kinds apart names them all. */
    static String trap(String what, String... kinds) {
        return what + TRAP + String.join("|", kinds);
    }

    /** The first line in which the oracle does not agree. */
    Optional<String> difference(Outcome oracle) {
        int count = Math.max(lines.size(), oracle.lines.size());
        for (int i = 0; i < count; i++) {
            String mine = i < lines.size() ? lines.get(i) : "(nothing)";
            String other = i < oracle.lines.size() ? oracle.lines.get(i) : "(nothing)";
            if (!agree(mine, other)) {
                return Optional.of(mine + "\n  but expected\n" + other);
            }
        }
        return Optional.empty();
    }

    private static boolean agree(String mine, String other) {
        int split = mine.indexOf(TRAP);
        if (split < 0 || !other.startsWith(mine.substring(0, split) + TRAP)) {
            return mine.equals(other);
        }
        // An engine that does not say which of several traps it was names them all.
        Set<String> kinds =
                new HashSet<>(Set.of(mine.substring(split + TRAP.length()).split("\\|")));
        kinds.retainAll(Set.of(other.substring(split + TRAP.length()).split("\\|")));
        return !kinds.isEmpty();
    }

    /** Collects lines. */
    static final class Builder {
        private final List<String> lines = new ArrayList<>();

        Builder add(String line) {
            lines.add(line);
            return this;
        }

        Outcome build() {
            return new Outcome(List.copyOf(lines));
        }
    }
}
