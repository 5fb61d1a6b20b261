package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skiff.oci.OciException.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A repository in memory that can be told to fail. */
final class MemorySource implements SignatureSource {
    private final Map<String, byte[]> tags = new HashMap<>();
    private final Map<Digest, byte[]> contents = new HashMap<>();
    private final List<Referrer> referrers = new ArrayList<>();
    private boolean tagsFail;
    private boolean referrersFail;
    private int requests;

    /** A small artifact in a repository. */
    static SignatureSubject artifact(String repository) {
        byte[] manifest = "{\"schemaVersion\":2}".getBytes(UTF_8);
        return new SignatureSubject(repository, MediaTypes.OCI_MANIFEST, Digest.ofBytes(manifest), manifest);
    }

    /** Keeps what is pushed. */
    MemorySource push(SignatureUpload upload) {
        upload.blobs().forEach(blob -> contents.put(Digest.ofBytes(blob), blob));
        Digest digest = Digest.ofBytes(upload.manifest());
        contents.put(digest, upload.manifest());
        upload.tag().ifPresentOrElse(tag -> tags.put(tag, upload.manifest()), () -> refer(digest, Optional.empty()));
        return this;
    }

    MemorySource refer(Digest digest, Optional<String> artifactType) {
        referrers.add(new Referrer(digest, artifactType));
        return this;
    }

    /** Answers with other bytes than those asked for. */
    MemorySource replace(Digest digest, byte[] bytes) {
        contents.put(digest, bytes);
        return this;
    }

    MemorySource failForTags() {
        tagsFail = true;
        return this;
    }

    MemorySource failForReferrers() {
        referrersFail = true;
        return this;
    }

    /** How many requests there were. */
    int requests() {
        return requests;
    }

    @Override
    public Optional<byte[]> manifestOfTag(String tag) {
        requests++;
        if (tagsFail) {
            throw new OciException(Problem.UNREACHABLE, "the registry does not answer");
        }
        return Optional.ofNullable(tags.get(tag));
    }

    @Override
    public byte[] manifest(Digest digest) {
        requests++;
        return blob(digest, 0);
    }

    @Override
    public byte[] blob(Digest digest, long size) {
        requests++;
        return Optional.ofNullable(contents.get(digest))
                .orElseThrow(() -> new OciException(Problem.NOT_FOUND, "there is no " + digest));
    }

    @Override
    public List<Referrer> referrers(Digest subject) {
        requests++;
        if (referrersFail) {
            throw new OciException(Problem.SERVER, "the registry fails");
        }
        return referrers;
    }
}
