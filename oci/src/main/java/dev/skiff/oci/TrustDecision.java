package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.List;

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
}
