package dev.skiff.oci;

import java.util.List;
import java.util.Optional;

/**
 * What finding signatures needs of a repository. Failures are {@link OciException}s; that something is not there is none where the
 * result is optional or a list. What is returned need not be checked: digests are checked by who asks.
 */
public interface SignatureSource {
    /** The most bytes of a manifest or a blob that are asked for. */
    int MAX_BYTES = 4 << 20;

    /** What it is, for messages. */
    default String name() {
        return "the registry";
    }

    /** The manifest that a tag names, if there is such a tag. */
    Optional<byte[]> manifestOfTag(String tag);

    /** The manifest of a digest. */
    byte[] manifest(Digest digest);

    /**
     * A blob.
     *
     * @param size what its descriptor says, at most {@link #MAX_BYTES}; there is no need to read more
     */
    byte[] blob(Digest digest, long size);

    /**
     * All manifests that refer to a manifest (OCI distribution specification, section "Listing Referrers"), from the registry's own list
     * or, where it has none, from the index tagged {@code sha256-...}. None if there is neither.
     */
    List<Referrer> referrers(Digest subject);

    /**
     * An entry of that list.
     *
     * @param digest the manifest that refers
     * @param artifactType what the list says it is
     */
    record Referrer(Digest digest, Optional<String> artifactType) {}
}
