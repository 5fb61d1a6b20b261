package dev.skiff.oci;

import java.util.List;

/**
 * All of an artifact, or of an index with what it lists, ready to be pushed.
 *
 * @param mediaType of the manifest
 * @param manifest its text
 * @param blobs what it consists of
 * @param manifests what it lists, if it is an index
 */
@SuppressWarnings("ArrayRecordComponent")
public record ArtifactContent(String mediaType, byte[] manifest, List<Blob> blobs, List<ArtifactContent> manifests) {
    /**
     * Content of a manifest.
     *
     * @param descriptor what it is
     * @param source its bytes
     */
    record Blob(Descriptor descriptor, ContentSource source) {}

    /** Copies the lists. */
    public ArtifactContent {
        blobs = List.copyOf(blobs);
        manifests = List.copyOf(manifests);
    }

    /** A manifest with what it consists of. */
    ArtifactContent(String mediaType, byte[] manifest, List<Blob> blobs) {
        this(mediaType, manifest, blobs, List.of());
    }

    /** What names the manifest. */
    public Descriptor descriptor() {
        return Descriptor.of(mediaType, manifest);
    }
}
