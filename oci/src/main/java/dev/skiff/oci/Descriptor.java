package dev.skiff.oci;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Names content by what it is (OCI image specification, "Content Descriptors").
 *
 * @param mediaType what kind of content it is
 * @param digest its name
 * @param size its bytes
 * @param artifactType what kind of artifact a manifest is, where that is said
 * @param platform what an image is for, in an index
 * @param annotations what else is said of it
 */
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        Optional<String> artifactType,
        Optional<Platform> platform,
        Map<String, String> annotations) {
    /** The annotation with the name of a file, or of an image in a layout. */
    static final String TITLE = "org.opencontainers.image.title";

    /** Copies the annotations. */
    public Descriptor {
        Objects.requireNonNull(mediaType, "mediaType");
        Objects.requireNonNull(digest, "digest");
        annotations = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }

    /** One of which no more is said. */
    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Optional.empty(), Optional.empty(), Map.of());
    }

    /** One of some bytes. */
    public static Descriptor of(String mediaType, byte[] bytes) {
        return of(mediaType, Digest.ofBytes(bytes), bytes.length);
    }

    static Descriptor of(JsonObject json) {
        return new Descriptor(
                json.text("mediaType").orElse("application/octet-stream"),
                json.needDigest("digest"),
                json.needSize("size"),
                json.text("artifactType"),
                json.object("platform").map(Platform::of),
                json.textMap("annotations"));
    }

    /** The same content with other annotations. */
    Descriptor withAnnotations(Map<String, String> others) {
        return new Descriptor(mediaType, digest, size, artifactType, platform, others);
    }

    /** Only what names the content: type, digest and size. */
    Descriptor plain() {
        return of(mediaType, digest, size);
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("mediaType", mediaType);
        json.put("digest", digest.toString());
        json.put("size", size);
        artifactType.ifPresent(type -> json.put("artifactType", type));
        platform.ifPresent(value -> json.put("platform", value.toJson()));
        if (!annotations.isEmpty()) {
            json.put("annotations", annotations);
        }
        return json;
    }
}
