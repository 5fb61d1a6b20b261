package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
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
     * Decides about a manifest.
     *
     * @param signatures where its signatures are; asked only if the policy wants some
     * @return the mark of what is accepted; empty if there is no policy
     * @throws OciException of the problem NOT_TRUSTED if it is not accepted
     */
    Optional<Digest> check(SignatureSubject subject, SignatureSource signatures) {
        policy.ifPresent(rules -> rules.decide(subject, signatures).demand());
        return mark(subject.repository());
    }

    private Optional<Digest> mark(String repository) {
        return policy.map(rules -> rules.rule(repository).requirement().fingerprint());
    }

    /** Whether an image of the store was accepted by the rule that counts for it now. */
    public boolean covers(StoredImage image) {
        return policy.isEmpty()
                || mark(SignatureSubject.repository(image.reference())).equals(image.trust());
    }

    /**
     * Decides about an index, or, where that is not accepted, about the manifest that was chosen from it: signers sign either.
     */
    Optional<Digest> checkEither(SignatureSubject index, SignatureSubject chosen, SignatureSource signatures) {
        try {
            return check(index, signatures);
        } catch (OciException e) {
            if (e.problem() != Problem.NOT_TRUSTED) {
                throw e;
            }
            return check(chosen, signatures);
        }
    }
}
