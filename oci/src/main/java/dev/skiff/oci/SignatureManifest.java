package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The manifests in which signatures are kept (OCI image manifests): cosign's classic one, with a layer for each signature, and those that
 * refer to what they sign.
 */
final class SignatureManifest {
    static final String SIGNATURE_TYPE = "application/vnd.dev.cosign.artifact.sig.v1+json";
    static final String BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
    /** Versions 0.1 to 0.3 of the format, however their media types spell the version. */
    static final String BUNDLE_TYPES = "application/vnd.dev.sigstore.bundle";

    private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
    /** The time that cosign writes for none. */
    private static final String NO_TIME = "0001-01-01T00:00:00Z";

    /** What one manifest of signatures consists of has at most so many bytes: 64 MiB. */
    private static final long MAX_CONTENT = 64L << 20;

    /** Where the classic signatures are, for reports. */
    static final String TAGGED = "the tag of the signatures";

    private SignatureManifest() {}

    /**
     * A layer with a signature.
     *
     * @param mediaType what it is
     * @param digest the digest of its bytes
     * @param size how many bytes it says it has
     * @param signature the base64 text of the classic form's annotation
     */
    record Layer(String mediaType, Digest digest, long size, Optional<String> signature) {
        boolean isBundle() {
            return mediaType.startsWith(BUNDLE_TYPES);
        }
    }

    /**
     * The tag of the manifest with the classic signatures of a manifest.
     *
     * @throws OciException if the digest is longer than fits a tag
     */
    static String tag(Digest digest) {
        if (!hasTag(digest)) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    "signatures of " + digest + " have no tag: " + digest.algorithm() + " is too long");
        }
        return digest.algorithm() + "-" + digest.hex() + ".sig";
    }

    /** Whether the classic form is possible: a tag has at most 128 characters. */
    static boolean hasTag(Digest digest) {
        return digest.algorithm().equals("sha256");
    }

    /**
     * The layers of a manifest that are signatures or bundles, in their order.
     *
     * @param what the manifest, for messages
     * @throws OciException if it is no manifest
     */
    static List<Layer> layers(byte[] manifest, String what) {
        List<Layer> layers = new ArrayList<>();
        for (JsonObject layer : Json.object(manifest, what).objects("layers")) {
            String type = layer.needText("mediaType");
            if (type.equals(SimpleSigning.MEDIA_TYPE) || type.startsWith(BUNDLE_TYPES)) {
                Optional<String> signature =
                        Optional.ofNullable(layer.textMap("annotations").get(SIGNATURE));
                layers.add(new Layer(type, Digest.parse(layer.needText("digest")), layer.needSize("size"), signature));
            }
        }
        return layers;
    }

    /**
     * What a manifest with signatures consists of, before it is kept.
     *
     * @param what the manifest, for messages
     * @return empty if it has no signatures
     * @throws OciException if it is none, or consists of more than signatures do
     */
    static Optional<Document.Manifest> signing(byte[] bytes, String what) {
        if (layers(bytes, what).isEmpty()
                || !(Document.parse(bytes, Optional.empty(), what) instanceof Document.Manifest manifest)) {
            return Optional.empty();
        }
        long size = 0;
        for (Descriptor child : manifest.children()) {
            if (child.size() > SignatureSource.MAX_BYTES) {
                throw new OciException(
                        Problem.TOO_LARGE,
                        what + " has signatures with " + child.size() + " bytes, and at most "
                                + SignatureSource.MAX_BYTES + " are read");
            }
            size += child.size();
        }
        if (size > MAX_CONTENT) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    what + " has signatures of " + size + " bytes together, more than " + MAX_CONTENT);
        }
        return Optional.of(manifest);
    }

    /**
     * The classic manifest with one more signature. All of the others stay as they are, with what other tools wrote about them.
     *
     * @param existing the manifest so far
     */
    static SignatureUpload append(Digest signed, Optional<byte[]> existing, byte[] payload, String signature) {
        String tag = tag(signed);
        String what = "the manifest " + tag;
        Map<String, Object> manifest = new LinkedHashMap<>();
        List<Object> layers = new ArrayList<>();
        if (existing.isPresent()) {
            JsonObject old = Json.object(existing.orElseThrow(), what);
            manifest.putAll(old.members());
            old.objects("layers").forEach(layer -> layers.add(layer.members()));
        } else {
            manifest.put("schemaVersion", 2);
            manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        }
        if (!MediaTypes.OCI_MANIFEST.equals(manifest.getOrDefault("mediaType", MediaTypes.OCI_MANIFEST))) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    what + " is of the type " + manifest.get("mediaType") + ", not " + MediaTypes.OCI_MANIFEST);
        }
        layers.add(signatureLayer(payload, signature));
        byte[] config = config(layers, what);
        manifest.put("config", descriptor(MediaTypes.OCI_CONFIG, config));
        manifest.put("layers", layers);
        return upload(List.of(payload, config), manifest, Optional.of(tag));
    }

    /** A manifest with one signature of the classic form that refers to what it signs. */
    static SignatureUpload referring(SignatureSubject subject, byte[] payload, String signature) {
        List<Object> layers = List.of(signatureLayer(payload, signature));
        byte[] config = config(layers, "the new signature");
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        manifest.put("artifactType", SIGNATURE_TYPE);
        manifest.put("config", descriptor(SIGNATURE_TYPE, config));
        manifest.put("layers", layers);
        manifest.put("subject", descriptor(subject.mediaType(), subject.manifest()));
        return upload(List.of(payload, config), manifest, Optional.empty());
    }

    /** A manifest with a bundle that refers to what it signs. */
    static SignatureUpload referring(SignatureSubject subject, byte[] bundle) {
        byte[] config = Json.write(Map.of());
        Map<String, Object> annotations = new LinkedHashMap<>();
        annotations.put("dev.sigstore.bundle.content", "dsse-envelope");
        annotations.put("dev.sigstore.bundle.predicateType", SigstoreBundle.PREDICATE_TYPE);
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        manifest.put("artifactType", BUNDLE_TYPE);
        manifest.put("config", descriptor(MediaTypes.OCI_EMPTY, config));
        manifest.put("layers", List.of(descriptor(BUNDLE_TYPE, bundle)));
        manifest.put("subject", descriptor(subject.mediaType(), subject.manifest()));
        manifest.put("annotations", annotations);
        return upload(List.of(bundle, config), manifest, Optional.empty());
    }

    private static SignatureUpload upload(List<byte[]> blobs, Map<String, Object> manifest, Optional<String> tag) {
        return new SignatureUpload(blobs, MediaTypes.OCI_MANIFEST, Json.write(manifest), tag);
    }

    private static Map<String, Object> signatureLayer(byte[] payload, String signature) {
        Map<String, Object> layer = descriptor(SimpleSigning.MEDIA_TYPE, payload);
        layer.put("annotations", Map.of(SIGNATURE, signature));
        return layer;
    }

    private static Map<String, Object> descriptor(String mediaType, byte[] bytes) {
        Map<String, Object> descriptor = new LinkedHashMap<>();
        descriptor.put("mediaType", mediaType);
        descriptor.put("size", bytes.length);
        descriptor.put("digest", Digest.ofBytes(bytes).toString());
        return descriptor;
    }

    /** An image's configuration with the layers' digests, which follows from the layers alone. */
    private static byte[] config(List<Object> layers, String what) {
        List<Object> history = new ArrayList<>();
        List<Object> digests = new ArrayList<>();
        for (Object layer : layers) {
            history.add(Map.of("created", NO_TIME));
            digests.add(new JsonObject((Map<?, ?>) layer, what).needText("digest"));
        }
        Map<String, Object> rootfs = new LinkedHashMap<>();
        rootfs.put("type", "layers");
        rootfs.put("diff_ids", digests);
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architecture", "");
        config.put("created", NO_TIME);
        config.put("history", history);
        config.put("os", "");
        config.put("rootfs", rootfs);
        config.put("config", Map.of());
        return Json.write(config);
    }
}
