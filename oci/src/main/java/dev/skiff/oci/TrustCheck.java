package dev.skiff.oci;

import java.util.List;
import java.util.Optional;

/**
 * Enforces a policy about signatures, if there is one. Immutable, and safe for use by threads at once.
 *
 * <p>An image that was accepted is marked with what its rule asked for, so that it runs later without a network; under another rule it is
 * checked anew.
 */
public final class TrustCheck {
    /** Trusts everybody. */
    public static final TrustCheck NONE = new TrustCheck(Optional.empty());

    private final Optional<SignaturePolicy> policy;

    private TrustCheck(Optional<SignaturePolicy> policy) {
        this.policy = policy;
    }

    /** Enforces a policy. */
    public static TrustCheck of(SignaturePolicy policy) {
        return new TrustCheck(Optional.of(policy));
    }

    /**
     * Decides about an image.
     *
     * @param subjects what signers may have signed, one or more: its index, or the manifest that was chosen from it
     * @param signatures where they are; asked only if the policy wants some, and in their order until they are enough
     * @return the mark of what is accepted; empty if there is no policy
     * @throws OciException of the problem NOT_TRUSTED if it is not accepted
     */
    Optional<Digest> check(List<SignatureSubject> subjects, List<SignatureSource> signatures) {
        policy.ifPresent(rules -> rules.decide(subjects, signatures).demand());
        return mark(subjects.getFirst().repository());
    }

    private Optional<Digest> mark(String repository) {
        return policy.map(rules -> rules.rule(repository).requirement().fingerprint());
    }

    /** Whether an image of the store was accepted by the rule that counts for it now. */
    public boolean covers(StoredImage image) {
        return policy.isEmpty()
                || mark(SignatureSubject.repository(image.reference())).equals(image.trust());
    }
}
