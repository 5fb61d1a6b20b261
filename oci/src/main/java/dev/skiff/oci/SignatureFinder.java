package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.SignatureSource.Referrer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the signatures of a manifest in its repository, in every form that cosign writes with keys. Of more than {@value #MOST} of a form,
 * only the last are looked at, which are the newest.
 */
final class SignatureFinder {
    static final int MOST = 100;

    private final SignatureSource source;
    private final SignatureSubject subject;

    SignatureFinder(SignatureSource source, SignatureSubject subject) {
        this.source = source;
        this.subject = subject;
    }

    /**
     * Those of the classic form, behind a tag.
     *
     * @throws OciException if the registry fails, or what the tag names is no manifest
     */
    List<SignatureCandidate> tagged() {
        if (!SignatureManifest.hasTag(subject.digest())) {
            return List.of();
        }
        String tag = SignatureManifest.tag(subject.digest());
        return source.manifestOfTag(tag)
                .map(manifest -> ofManifest(manifest, tag))
                .orElse(List.of());
    }

    /**
     * Those in manifests that refer to the one that is signed.
     *
     * @throws OciException if the registry cannot list them; what one of them has wrong becomes a candidate that does not count
     */
    List<SignatureCandidate> referring() {
        List<SignatureCandidate> candidates = new ArrayList<>();
        for (Referrer referrer : last(referrers(source, subject.digest()), candidates)) {
            String where = referrer.digest().toString();
            try {
                byte[] manifest = checked(source.manifest(referrer.digest()), referrer.digest());
                candidates.addAll(ofManifest(manifest, where));
            } catch (OciException e) {
                candidates.add(new SignatureCandidate.Unreadable(where, e.getMessage()));
            }
        }
        return candidates;
    }

    /** Those of the manifests that refer to one that may sign it. */
    static List<Referrer> referrers(SignatureSource source, Digest signed) {
        return source.referrers(signed).stream()
                .filter(referrer -> mayBeSignature(referrer.artifactType()))
                .toList();
    }

    /** cosign 2.6 enters bundles into the index of a registry without a list of referrers as empty configurations. */
    private static boolean mayBeSignature(Optional<String> artifactType) {
        return artifactType
                .map(type -> type.equals(SignatureManifest.SIGNATURE_TYPE)
                        || type.equals(MediaTypes.OCI_EMPTY)
                        || type.startsWith(SignatureManifest.BUNDLE_TYPES))
                .orElse(true);
    }

    private List<SignatureCandidate> ofManifest(byte[] manifest, String where) {
        List<SignatureCandidate> candidates = new ArrayList<>();
        List<SignatureManifest.Layer> layers = SignatureManifest.layers(manifest, "the manifest " + where);
        int number = Math.max(0, layers.size() - MOST);
        for (SignatureManifest.Layer layer : last(layers, candidates)) {
            candidates.add(candidate(layer, "signature " + ++number + " of " + where));
        }
        return candidates;
    }

    private SignatureCandidate candidate(SignatureManifest.Layer layer, String where) {
        try {
            if (layer.size() > SignatureSource.MAX_BYTES) {
                throw new OciException(
                        Problem.TOO_LARGE,
                        "it has " + layer.size() + " bytes, and at most " + SignatureSource.MAX_BYTES + " are read");
            }
            if (layer.isBundle()) {
                return new SignatureCandidate.Bundle(where, content(layer));
            }
            return layer.signature()
                    .<SignatureCandidate>map(text -> new SignatureCandidate.Simple(where, content(layer), text))
                    .orElseGet(() -> new SignatureCandidate.Unreadable(where, "its layer has no signature"));
        } catch (OciException e) {
            return new SignatureCandidate.Unreadable(where, e.getMessage());
        }
    }

    private byte[] content(SignatureManifest.Layer layer) {
        return checked(source.blob(layer.digest(), layer.size()), layer.digest());
    }

    private static byte[] checked(byte[] bytes, Digest digest) {
        return Contents.check(bytes, digest, "what the registry sent");
    }

    private static <T> List<T> last(List<T> items, List<SignatureCandidate> candidates) {
        int skipped = items.size() - MOST;
        if (skipped <= 0) {
            return items;
        }
        candidates.add(new SignatureCandidate.Unreadable(
                "the first " + skipped + " signatures", "only the last " + MOST + " are looked at"));
        return items.subList(skipped, items.size());
    }
}
