package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.SignatureVerdict.Counted;
import dev.skiff.oci.SignatureVerdict.Refused;
import java.util.List;
import java.util.stream.Collectors;

/** Whether a policy lets an artifact run, and why. */
public sealed interface TrustDecision {
    /** The rule that decided, with its place in the policy's file. */
    String rule();

    /** Every signature that was looked at. None if the rule does not ask for any. */
    List<SignatureVerdict> signatures();

    /**
     * Accepts or throws.
     *
     * @throws OciException {@link Problem#NOT_TRUSTED} with the reasons if the artifact is not accepted
     */
    void demand();

    /**
     * It is accepted.
     *
     * @param keys whose signatures decided; none if the rule asks for none
     */
    record Accepted(String rule, List<VerificationKey> keys, List<SignatureVerdict> signatures)
            implements TrustDecision {
        @Override
        public void demand() {
            // It is accepted.
        }
    }

    /**
     * It is not accepted.
     *
     * @param reason why, with what is wrong with each signature: a sentence
     */
    record Rejected(String rule, String reason, List<SignatureVerdict> signatures) implements TrustDecision {
        @Override
        public void demand() {
            throw new OciException(Problem.NOT_TRUSTED, reason);
        }
    }

    /** The reasons why signatures did not count, as the end of a sentence. */
    static String reasons(List<SignatureVerdict> verdicts) {
        return verdicts.stream()
                .filter(Refused.class::isInstance)
                .map(verdict -> "; " + verdict)
                .collect(Collectors.joining());
    }

    /** The keys of signatures that count, each once. */
    static List<VerificationKey> keys(List<SignatureVerdict> verdicts) {
        return verdicts.stream()
                .filter(Counted.class::isInstance)
                .map(verdict -> ((Counted) verdict).key())
                .distinct()
                .toList();
    }
}
