package dev.skiff.oci;

import dev.skiff.oci.SignatureVerdict.Counted;
import dev.skiff.oci.SignatureVerdict.Refused;
import dev.skiff.oci.TrustDecision.Accepted;
import dev.skiff.oci.TrustDecision.Rejected;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A rule of a policy.
 *
 * @param title what it is for and where it stands
 * @param requirement what it asks for
 */
record PolicyRule(String title, Requirement requirement) {

    /** What a rule asks for. */
    sealed interface Requirement {
        /** Equal for requirements that ask for the same, wherever they are written. */
        default Digest fingerprint() {
            StringBuilder text = new StringBuilder();
            switch (this) {
                case Accept() -> text.append("accept");
                case Reject() -> text.append("reject");
                case Signed(var checker, var all) -> {
                    text.append("signed ").append(all);
                    checker.keys().stream()
                            .map(key -> key.fingerprint().toString())
                            .sorted()
                            .forEach(key -> text.append('\n').append(key));
                    new TreeMap<>(checker.annotations())
                            .forEach((name, value) ->
                                    text.append('\n').append(name).append('\0').append(value));
                    checker.signedAs().ifPresent(pattern -> text.append("\nas ").append(pattern));
                }
            }
            return Digest.ofBytes(text.toString().getBytes(StandardCharsets.UTF_8));
        }

        /** Nothing. */
        record Accept() implements Requirement {}

        /** Nothing is enough. */
        record Reject() implements Requirement {}

        /**
         * Signatures.
         *
         * @param checker which signatures count
         * @param all whether every key must have signed, and not just one
         */
        record Signed(SignatureChecker checker, boolean all) implements Requirement {
            /** Whether some keys are enough. */
            boolean isSatisfiedBy(List<VerificationKey> keys) {
                return all
                        ? !checker.keys().isEmpty() && new HashSet<>(keys).containsAll(checker.keys())
                        : !keys.isEmpty();
            }
        }
    }

    /**
     * Decides about an artifact.
     *
     * @param subjects what may be signed, one or more: an index, and the manifest that was chosen from it. It is accepted if either is; why
     *     not is told of the last
     * @param sources where signatures are; each is asked, about all subjects, only if those before it have not enough
     */
    TrustDecision decide(List<SignatureSubject> subjects, List<SignatureSource> sources) {
        SignatureSubject last = subjects.getLast();
        return switch (requirement) {
            case Requirement.Accept() -> new Accepted(title, List.of(), List.of());
            case Requirement.Reject() -> new Rejected(title, last + " is rejected by " + title, List.of());
            case Requirement.Signed signed -> search(signed, subjects, sources);
        };
    }

    private TrustDecision search(
            Requirement.Signed signed, List<SignatureSubject> subjects, List<SignatureSource> sources) {
        List<Search> searches =
                subjects.stream().map(subject -> new Search(signed, subject)).toList();
        for (SignatureSource source : sources) {
            for (Search search : searches) {
                if (search.succeeds(source)) {
                    return search.accepted();
                }
            }
        }
        return searches.getLast().rejected();
    }

    /** Looks where most signatures are first, and asks for more only if they are not enough. */
    private final class Search {
        private final Requirement.Signed signed;
        private final SignatureSubject subject;
        private final List<SignatureVerdict> verdicts = new ArrayList<>();

        Search(Requirement.Signed signed, SignatureSubject subject) {
            this.signed = signed;
            this.subject = subject;
        }

        boolean succeeds(SignatureSource source) {
            SignatureFinder finder = new SignatureFinder(source, subject);
            return look(finder::tagged, SignatureManifest.TAGGED, source)
                    || look(finder::referring, "the referrers", source);
        }

        TrustDecision accepted() {
            return new Accepted(title, keys(), List.copyOf(verdicts));
        }

        TrustDecision rejected() {
            return new Rejected(title, reason(), List.copyOf(verdicts));
        }

        private boolean look(Supplier<List<SignatureCandidate>> candidates, String where, SignatureSource source) {
            try {
                candidates
                        .get()
                        .forEach(candidate -> verdicts.add(signed.checker().check(candidate, subject)));
            } catch (OciException e) {
                // The other place may have enough; if not, this is a reason.
                verdicts.add(new Refused(where, source.name() + " did not tell: " + e.getMessage()));
            }
            return signed.isSatisfiedBy(keys());
        }

        private String reason() {
            List<VerificationKey> found = keys();
            String missing = signed.checker().keys().stream()
                    .filter(key -> !found.contains(key))
                    .map(VerificationKey::toString)
                    .collect(Collectors.joining(signed.all() ? " and " : " or "));
            return subject + " is not signed as " + title + " asks: a signature by " + missing + " is missing"
                    + (verdicts.isEmpty() ? "; it has no signatures at all" : reasons());
        }

        /** The keys of signatures that count, each once. */
        private List<VerificationKey> keys() {
            return verdicts.stream()
                    .filter(Counted.class::isInstance)
                    .map(verdict -> ((Counted) verdict).key())
                    .distinct()
                    .toList();
        }

        /** Why the others do not, as the end of a sentence. */
        private String reasons() {
            return verdicts.stream()
                    .filter(Refused.class::isInstance)
                    .map(verdict -> "; " + verdict)
                    .collect(Collectors.joining());
        }
    }
}
