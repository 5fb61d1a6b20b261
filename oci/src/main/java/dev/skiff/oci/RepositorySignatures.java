package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.List;
import java.util.Optional;

/** The signatures of a repository, and the way to add one. */
final class RepositorySignatures implements SignatureSource {
    private final Repository repository;

    RepositorySignatures(Repository repository) {
        this.repository = repository;
    }

    @Override
    public Optional<byte[]> manifestOfTag(String tag) {
        try {
            return Optional.of(repository.manifest(tag, Optional.empty()).bytes());
        } catch (OciException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public byte[] manifest(Digest digest) {
        return repository.manifest(digest.toString(), Optional.of(digest)).bytes();
    }

    @Override
    public byte[] blob(Digest digest, long size) {
        return repository.smallBlob(
                Descriptor.of("application/octet-stream", digest, size), MAX_BYTES, "the signature " + digest);
    }

    @Override
    public List<Referrer> referrers(Digest subject) {
        return repository.referrers(subject).stream()
                .map(entry -> new Referrer(entry.digest(), entry.artifactType()))
                .toList();
    }

    /** Puts a signature into the repository: its content first. */
    void push(SignatureUpload upload) {
        for (byte[] blob : upload.blobs()) {
            BlobUpload.run(
                    repository,
                    Descriptor.of("application/octet-stream", blob),
                    ContentSource.of(blob),
                    Optional.empty());
        }
        String target =
                upload.tag().orElseGet(() -> Digest.ofBytes(upload.manifest()).toString());
        repository.putManifest(target, upload.mediaType(), upload.manifest());
    }
}
