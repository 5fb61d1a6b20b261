package dev.skiff.oci;

import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.util.List;
import java.util.Optional;

/** Gets what signs a manifest into a store, as it is in its repository: each manifest of signatures with all of its content. */
final class SignatureDownload {
    private final SignatureSource source;
    private final String repository;
    private final Store store;
    private final TransferListener listener;
    private int found;

    SignatureDownload(Repository repository, Store store) {
        source = new RepositorySignatures(repository);
        this.repository = repository.name();
        this.store = store;
        listener = repository.listener;
    }

    /** How many manifests with signatures there were so far. */
    int found() {
        return found;
    }

    /**
     * Gets all that signs a manifest. The store must be kept from pruning.
     *
     * @throws OciException if the registry fails, or a signature is not what it should be
     */
    void run(Digest signed) {
        if (SignatureManifest.hasTag(signed)) {
            String tag = SignatureManifest.tag(signed);
            source.manifestOfTag(tag).ifPresent(manifest -> keep(signed, manifest, tag));
        }
        List<SignatureSource.Referrer> referrers = SignatureFinder.referrers(source, signed);
        for (SignatureSource.Referrer referrer :
                referrers.subList(Math.max(0, referrers.size() - SignatureFinder.MOST), referrers.size())) {
            String digest = referrer.digest().toString();
            referring(referrer.digest()).ifPresent(manifest -> keep(signed, manifest, digest));
        }
    }

    /** Where a registry keeps the list as an index, that may name what was removed. */
    private Optional<byte[]> referring(Digest digest) {
        try {
            return Optional.of(source.manifest(digest));
        } catch (OciException e) {
            if (e.problem() != Problem.NOT_FOUND) {
                throw e;
            }
            listener.note(e.getMessage() + "; it is left out");
            return Optional.empty();
        }
    }

    private void keep(Digest signed, byte[] bytes, String where) {
        Optional<Manifest> signing = SignatureManifest.signing(bytes, "the manifest " + where + " of " + repository);
        signing.ifPresent(manifest -> {
            for (Descriptor child : manifest.children()) {
                if (!store.has(child)) {
                    store.write(child, source.blob(child.digest(), child.size()));
                }
            }
            Descriptor descriptor = Descriptor.of(manifest.mediaType(), bytes);
            store.write(descriptor, bytes);
            new StoredSignatures(store).add(signed, descriptor.digest());
            found++;
        });
    }
}
