package dev.skiff.oci;

import java.util.List;

/**
 * All of an artifact, ready to be pushed or stored.
 *
 * @param mediaType of the manifest
 * @param manifest its text
 * @param blobs what it consists of
 */
@SuppressWarnings("ArrayRecordComponent")
public record ArtifactContent(String mediaType, byte[] manifest, List<Blob> blobs) {
    /**
     * Content of a manifest.
     *
     * @param descriptor what it is
     * @param source its bytes
     */
    record Blob(Descriptor descriptor, ContentSource source) {}

    /** Copies the list. */
    public ArtifactContent {
        blobs = List.copyOf(blobs);
    }

    /** What names the manifest. */
    public Descriptor descriptor() {
        return Descriptor.of(mediaType, manifest);
    }
}
