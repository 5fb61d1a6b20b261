package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A pattern of repositories: parts between slashes, of which the first is the registry with its port. A part is a text, {@code *} for any
 * one part, or at the end {@code **} for one or more.
 *
 * <p>Of two patterns that match a repository, the more specific is the one that, at the first part where they differ, has a text where
 * the other has {@code *} or {@code **}, or {@code *} where the other has {@code **}. So {@code ghcr.io/**} comes before
 * <code>*&#47;acme/app</code>, which comes before {@code **}. Two that match a repository and never differ are the same pattern.
 */
record RepositoryPattern(List<String> parts) {
    private static final String ANY = "*";
    private static final String REST = "**";

    /** The more specific pattern is the greater one; only for patterns that match the same repository. */
    static final Comparator<RepositoryPattern> SPECIFICITY = (one, other) -> {
        int length = Math.min(one.parts.size(), other.parts.size());
        for (int i = 0; i < length; i++) {
            int difference = Integer.compare(rank(one.parts.get(i)), rank(other.parts.get(i)));
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    };

    private static int rank(String part) {
        return switch (part) {
            case REST -> 0;
            case ANY -> 1;
            default -> 2;
        };
    }

    /**
     * Reads a pattern.
     *
     * @throws OciException if it is none
     */
    static RepositoryPattern parse(String text) {
        String[] parts = text.split("/", -1);
        parts[0] = registry(parts[0].toLowerCase(Locale.ROOT));
        for (int i = 0; i < parts.length; i++) {
            boolean wild = parts[i].equals(ANY) || parts[i].equals(REST);
            if (parts[i].isEmpty()) {
                throw invalid(text, "has an empty part");
            }
            if (!wild && parts[i].contains(ANY)) {
                throw invalid(text, "has a part that is more than its star: " + parts[i]);
            }
            if (parts[i].equals(REST) && i < parts.length - 1) {
                throw invalid(text, "goes on behind **");
            }
            if (!wild && !parts[i].matches(i == 0 ? "[a-z0-9.:\\[\\]_-]+" : "[a-z0-9._-]+")) {
                throw invalid(text, "has a part that no repository has: " + parts[i]);
            }
        }
        if (parts.length == 1 && !parts[0].equals(REST)) {
            throw invalid(text, "names no repository behind the registry; write " + text + "/** for all of it");
        }
        return new RepositoryPattern(List.of(parts));
    }

    private static OciException invalid(String text, String why) {
        return new OciException(
                Problem.INVALID,
                "the pattern " + text + " " + why
                        + "; a pattern is a registry, / and parts, each a name or *, and at the end perhaps **");
    }

    /** One name for each registry: Docker's has three. */
    static String registry(String name) {
        return switch (name) {
            case "index.docker.io", "registry-1.docker.io" -> "docker.io";
            default -> name;
        };
    }

    /** Whether it matches a repository, as {@link SignatureSubject#repository()} has it. */
    boolean matches(String repository) {
        String[] names = repository.split("/", -1);
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (i >= names.length) {
                return false;
            }
            if (part.equals(REST)) {
                return true;
            }
            if (!part.equals(ANY) && !part.equals(names[i])) {
                return false;
            }
        }
        return names.length == parts.size();
    }

    @Override
    public String toString() {
        return String.join("/", parts);
    }
}
