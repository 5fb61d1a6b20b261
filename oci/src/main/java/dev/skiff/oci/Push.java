package dev.skiff.oci;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Puts one artifact into a repository: its content first, so that its name never leads to something that is not whole. */
final class Push {
    private final Repository repository;

    Push(Repository repository) {
        this.repository = repository;
    }

    Descriptor run(ArtifactContent content, Reference reference) {
        Descriptor descriptor = content.descriptor();
        Reference whole = reference.withDefaultTag();
        if (whole.digest().isPresent() && !whole.digest().get().equals(descriptor.digest())) {
            throw new OciException(
                    OciException.Problem.INVALID,
                    "cannot push to " + reference + ": what is pushed has the digest " + descriptor.digest());
        }
        put(content, whole.tag().orElseGet(() -> descriptor.digest().toString()));
        return descriptor;
    }

    private void put(ArtifactContent content, String target) {
        for (ArtifactContent listed : content.manifests()) {
            put(listed, listed.descriptor().digest().toString());
        }
        Map<Digest, ArtifactContent.Blob> blobs = new LinkedHashMap<>();
        content.blobs().forEach(blob -> blobs.putIfAbsent(blob.descriptor().digest(), blob));
        Parallel.forEach(
                blobs.values(),
                repository.transport.options().parallel(),
                blob -> BlobUpload.run(repository, blob.descriptor(), blob.source(), Optional.empty()));
        repository.putManifest(target, content.mediaType(), content.manifest());
    }
}
