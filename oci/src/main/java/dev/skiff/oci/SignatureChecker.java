package dev.skiff.oci;

import dev.skiff.oci.SignatureVerdict.Counted;
import dev.skiff.oci.SignatureVerdict.Refused;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whether one signature counts.
 *
 * @param keys those that may sign
 * @param annotations what a signer must have added, at least
 * @param signedAs the repositories of which one must be named by the signer; whatever is named if absent
 */
record SignatureChecker(
        List<VerificationKey> keys, Map<String, String> annotations, Optional<RepositoryPattern> signedAs) {

    /** The verdict on a candidate; never throws for what is in it. */
    SignatureVerdict check(SignatureCandidate candidate, SignatureSubject subject) {
        try {
            return switch (candidate) {
                case SignatureCandidate.Simple simple -> ofSimple(simple, subject);
                case SignatureCandidate.Bundle bundle -> ofBundle(bundle, subject);
                case SignatureCandidate.Unreadable unreadable -> new Refused(unreadable.where(), unreadable.reason());
            };
        } catch (OciException e) {
            return new Refused(candidate.where(), e.getMessage());
        }
    }

    /** The payload is read after its signature is verified: what anybody could have written is not even reported. */
    private SignatureVerdict ofSimple(SignatureCandidate.Simple candidate, SignatureSubject subject) {
        byte[] signature = SigstoreBundle.base64(candidate.signature(), "the signature");
        Optional<VerificationKey> key = signer(candidate.payload(), signature);
        if (key.isEmpty()) {
            return byNobody(candidate.where());
        }
        SimpleSigning payload = SimpleSigning.parse(candidate.payload());
        if (!payload.digest().equals(subject.digest())) {
            return new Refused(candidate.where(), "it signs another manifest: " + payload.digest());
        }
        return counted(new Counted(
                candidate.where(), key.orElseThrow(), Optional.of(payload.reference()), payload.annotations()));
    }

    private SignatureVerdict ofBundle(SignatureCandidate.Bundle candidate, SignatureSubject subject) {
        SigstoreBundle.Content content = SigstoreBundle.read(candidate.json(), subject);
        Optional<VerificationKey> key = signer(content.message(), content.signature());
        if (key.isEmpty() && content.certified()) {
            return new Refused(
                    candidate.where(), "it was made with a certificate, and only signatures by keys are verified");
        }
        return key.<SignatureVerdict>map(
                        by -> counted(new Counted(candidate.where(), by, Optional.empty(), content.annotations())))
                .orElseGet(() -> byNobody(candidate.where()));
    }

    private Optional<VerificationKey> signer(byte[] message, byte[] signature) {
        return keys.stream().filter(key -> key.verifies(message, signature)).findFirst();
    }

    private Refused byNobody(String where) {
        return new Refused(where, "it is by none of the keys that may sign, or was changed");
    }

    private SignatureVerdict counted(Counted counted) {
        if (signedAs.isPresent() && !isSignedAs(signedAs.orElseThrow(), counted.reference())) {
            String said = counted.reference()
                    .map(reference -> "it was signed as " + reference)
                    .orElse("it does not say as what it was signed");
            return new Refused(counted.where(), said + ", and must be signed as " + signedAs.orElseThrow());
        }
        for (Map.Entry<String, String> wanted : annotations.entrySet()) {
            String actual = counted.annotations().get(wanted.getKey());
            if (!wanted.getValue().equals(actual)) {
                return new Refused(
                        counted.where(),
                        "its annotation " + wanted.getKey() + " is "
                                + (actual == null ? "missing" : "'" + actual + "'") + " and must be '"
                                + wanted.getValue() + "'");
            }
        }
        return counted;
    }

    /** Signers may name a tag or digest too ({@code cosign sign --sign-container-identity}). */
    private static boolean isSignedAs(RepositoryPattern pattern, Optional<String> reference) {
        if (reference.isEmpty()) {
            return false;
        }
        String name = reference.orElseThrow();
        int at = name.indexOf('@');
        String untagged = at < 0 ? name : name.substring(0, at);
        int colon = untagged.lastIndexOf(':');
        String repository = colon > untagged.lastIndexOf('/') ? untagged.substring(0, colon) : untagged;
        int slash = repository.indexOf('/');
        return slash > 0
                && pattern.matches(
                        RepositoryPattern.registry(repository.substring(0, slash)) + repository.substring(slash));
    }
}
