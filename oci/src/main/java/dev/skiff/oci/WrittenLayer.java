package dev.skiff.oci;

/**
 * What a manifest and an image's configuration have to say about a layer that was written.
 *
 * @param digest that of the compressed bytes
 * @param size the number of compressed bytes
 * @param diffId the digest of the archive in it
 */
public record WrittenLayer(Digest digest, long size, Digest diffId) {}
