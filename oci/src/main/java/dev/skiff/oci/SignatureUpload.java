package dev.skiff.oci;

import java.util.List;
import java.util.Optional;

/**
 * What is to be pushed so that a signature is in a repository: first the blobs, named by their SHA-256 digests, then the manifest. Equal
 * signatures have equal uploads.
 *
 * @param blobs the layer and the configuration
 * @param mediaType the manifest's media type
 * @param manifest the manifest
 * @param tag where the manifest is pushed to; without, it is pushed by its digest, and has a subject: where the registry does not keep
 *     the list of referrers itself (no header OCI-Subject in its answer), the manifest is entered into the index tagged with the
 *     subject's digest (OCI distribution specification, section "Referrers Tag Schema")
 */
public record SignatureUpload(List<byte[]> blobs, String mediaType, byte[] manifest, Optional<String> tag) {
    /** Keeps the list from changes. */
    public SignatureUpload {
        blobs = List.copyOf(blobs);
    }
}
