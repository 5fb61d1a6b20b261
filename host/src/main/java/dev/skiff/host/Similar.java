package dev.skiff.host;

import java.util.Collection;
import java.util.Optional;

/** Finds what somebody may have meant. */
public final class Similar {
    private Similar() {}

    /** The candidate that is most like a word, if one is like it at all: it begins with the word,
     * or at most a third of the word's letters differ. */
    public static Optional<String> to(String word, Collection<String> candidates) {
        String best = "";
        int bestDistance = word.length() / 3 + 1;
        for (String candidate : candidates) {
            int distance = candidate.length() > 2 && candidate.startsWith(word) ? 0 : distance(word, candidate);
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** How many letters must be changed, added or removed, or neighbours swapped, to get from one word to the other. */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
