package dev.skiff.oci;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Signs manifests with a key, in the forms that cosign verifies. Reads and writes nothing. */
public final class ArtifactSigner {
    private final SigningKey key;

    /** A signer with a key. */
    public ArtifactSigner(SigningKey key) {
        this.key = key;
    }

    /** The tag under which {@link #tagged} keeps the signatures of a manifest, in the same repository. */
    public static String tag(Digest digest) {
        return SignatureManifest.tag(digest);
    }

    /**
     * The classic form, which every cosign and every registry knows: one more signature in the manifest of a tag. Where the key signed the
     * same before, nothing is added. Whoever signs at the same time must not be overwritten: that is the caller's care.
     *
     * @param existing the manifest that the tag names now
     * @throws OciException if that is no signature manifest
     */
    public SignatureUpload tagged(
            SignatureSubject subject, Map<String, String> annotations, Optional<byte[]> existing) {
        byte[] payload = payload(subject, annotations);
        Optional<SignatureUpload> same = existing.filter(manifest -> signedBefore(manifest, payload))
                .map(manifest -> unchanged(subject, manifest));
        return same.orElseGet(
                () -> SignatureManifest.append(subject.digest(), existing, payload, base64(key.sign(payload))));
    }

    private static SignatureUpload unchanged(SignatureSubject subject, byte[] manifest) {
        return new SignatureUpload(List.of(), MediaTypes.OCI_MANIFEST, manifest, Optional.of(tag(subject.digest())));
    }

    private boolean signedBefore(byte[] manifest, byte[] payload) {
        Digest digest = Digest.ofBytes(payload);
        return SignatureManifest.layers(manifest, "the manifest of the signatures").stream()
                .filter(layer -> layer.digest().equals(digest))
                .flatMap(layer -> layer.signature().stream())
                .anyMatch(signature -> key.publicKey().verifies(payload, decoded(signature)));
    }

    private static byte[] decoded(String signature) {
        try {
            return SigstoreBundle.base64(signature, "the signature");
        } catch (OciException e) {
            // Whatever else is in the manifest does not matter to a new signature.
            return new byte[0];
        }
    }

    /** The classic form as a manifest of its own that refers to what it signs ({@code cosign sign --registry-referrers-mode=oci-1-1}). */
    public SignatureUpload referring(SignatureSubject subject, Map<String, String> annotations) {
        byte[] payload = payload(subject, annotations);
        return SignatureManifest.referring(subject, payload, base64(key.sign(payload)));
    }

    /** A sigstore bundle that refers to what it signs ({@code cosign sign --new-bundle-format}, and what cosign 3 writes). */
    public SignatureUpload bundled(SignatureSubject subject, Map<String, String> annotations) {
        return SignatureManifest.referring(subject, SigstoreBundle.write(key, subject.digest(), annotations));
    }

    private static byte[] payload(SignatureSubject subject, Map<String, String> annotations) {
        // cosign calls Docker's registry by its longer name.
        String reference = subject.repository().replaceFirst("^docker\\.io/", "index.docker.io/");
        return new SimpleSigning(reference, subject.digest(), annotations).toBytes();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
