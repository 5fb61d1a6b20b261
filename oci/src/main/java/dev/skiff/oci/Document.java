package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a reference can lead to: a manifest, or an index of manifests. */
public sealed interface Document {
    /** Larger manifests are refused unread: 4 MiB, as registries do. */
    int MAX_BYTES = 4 << 20;

    /** Indexes can hold indexes, so many deep. */
    int MAX_NESTED_INDEXES = 4;

    /** What the layers of Docker's schema 1 are called. */
    String OLD_LAYERS = "fsLayers";

    /** What it calls itself. */
    String mediaType();

    /** What is said of it. */
    Map<String, String> annotations();

    /** What it needs to be whole, its own bytes aside. */
    List<Descriptor> children();

    /**
     * A manifest (OCI image specification, "Image Manifest"; Docker's version 2, schema 2).
     *
     * @param mediaType what it calls itself
     * @param artifactType what kind of artifact it is, where that is said
     * @param config its configuration
     * @param layers its content
     * @param subject the manifest that it is about, as a signature is
     * @param annotations what is said of it
     */
    record Manifest(
            String mediaType,
            Optional<String> artifactType,
            Descriptor config,
            List<Descriptor> layers,
            Optional<Descriptor> subject,
            Map<String, String> annotations)
            implements Document {
        private static final int MAX_LAYERS = 10_000;

        /** Copies the layers and annotations. */
        public Manifest {
            layers = List.copyOf(layers);
            annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
        }

        private static Manifest of(String mediaType, JsonObject json, String what) {
            List<JsonObject> layers = json.objects("layers");
            if (layers.size() > MAX_LAYERS) {
                throw new OciException(
                        Problem.TOO_LARGE, what + " has " + layers.size() + " layers, more than " + MAX_LAYERS);
            }
            return new Manifest(
                    mediaType,
                    json.text("artifactType"),
                    Descriptor.of(json.needObject("config")),
                    layers.stream().map(Descriptor::of).toList(),
                    json.object("subject").map(Descriptor::of),
                    json.textMap("annotations"));
        }

        @Override
        public List<Descriptor> children() {
            List<Descriptor> children = new java.util.ArrayList<>(layers.size() + 1);
            children.add(config);
            children.addAll(layers);
            return children;
        }

        /** Its text; equal manifests have equal texts. */
        byte[] toJson() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("schemaVersion", 2);
            json.put("mediaType", mediaType);
            artifactType.ifPresent(type -> json.put("artifactType", type));
            json.put("config", config.toJson());
            json.put("layers", layers.stream().map(Descriptor::toJson).toList());
            subject.ifPresent(of -> json.put("subject", of.toJson()));
            if (!annotations.isEmpty()) {
                json.put("annotations", annotations);
            }
            return Json.write(json);
        }
    }

    /**
     * An index (OCI image specification, "Image Index"; Docker's manifest list).
     *
     * @param mediaType what it calls itself
     * @param manifests what to choose from
     * @param annotations what is said of it
     */
    record Index(String mediaType, List<Descriptor> manifests, Map<String, String> annotations) implements Document {
        private static final int MAX_MANIFESTS = 1_000;

        /** Copies the manifests and annotations. */
        public Index {
            manifests = List.copyOf(manifests);
            annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
        }

        private static Index of(String mediaType, JsonObject json, String what) {
            List<JsonObject> manifests = json.objects("manifests");
            if (manifests.size() > MAX_MANIFESTS) {
                throw new OciException(
                        Problem.TOO_LARGE,
                        what + " lists " + manifests.size() + " manifests, more than " + MAX_MANIFESTS);
            }
            return new Index(mediaType, manifests.stream().map(Descriptor::of).toList(), json.textMap("annotations"));
        }

        @Override
        public List<Descriptor> children() {
            return manifests;
        }

        /** Its text; equal indexes have equal texts. */
        byte[] toJson() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("schemaVersion", 2);
            json.put("mediaType", mediaType);
            json.put("manifests", manifests.stream().map(Descriptor::toJson).toList());
            if (!annotations.isEmpty()) {
                json.put("annotations", annotations);
            }
            return Json.write(json);
        }
    }

    /**
     * Reads a manifest or an index.
     *
     * @param bytes its text
     * @param said the media type that the registry, or who points at it, says; what the text itself says must not differ
     * @param what what it is, for messages: "the manifest of ..."
     * @throws OciException if it is neither, or of a kind that Skiff does not read
     */
    static Document parse(byte[] bytes, Optional<String> said, String what) {
        if (bytes.length > MAX_BYTES) {
            throw new OciException(Problem.TOO_LARGE, what + " has more than " + MAX_BYTES + " bytes");
        }
        JsonObject json = Json.object(bytes, what);
        Optional<String> own = json.text("mediaType").filter(type -> !type.isEmpty());
        Optional<String> outer = said.map(MediaTypes::bare).filter(MediaTypes.MANIFESTS::contains);
        if (own.isPresent() && outer.isPresent() && !own.equals(outer)) {
            throw new OciException(
                    Problem.INVALID, what + " is said to be " + outer.get() + ", but calls itself " + own.get());
        }
        String type = own.or(() -> outer)
                .or(() -> guess(json))
                .or(() -> said.filter(text -> !text.isEmpty()))
                .orElse("of no media type");
        return switch (type) {
            case MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_MANIFEST -> {
                refuse(json, List.of("manifests"), type, what);
                yield Manifest.of(type, json, what);
            }
            case MediaTypes.OCI_INDEX, MediaTypes.DOCKER_INDEX -> {
                refuse(json, List.of("config", "layers", OLD_LAYERS), type, what);
                yield Index.of(type, json, what);
            }
            default -> throw unsupported(type, what);
        };
    }

    /** A text that is an index and a manifest at once means one thing to one reader and another to the next. */
    private static void refuse(JsonObject json, List<String> members, String type, String what) {
        for (String member : members) {
            if (json.members().get(member) != null) {
                throw new OciException(Problem.INVALID, what + " is " + type + " and must not have " + member);
            }
        }
    }

    private static Optional<String> guess(JsonObject json) {
        if (json.members().containsKey("manifests")) {
            return Optional.of(MediaTypes.OCI_INDEX);
        }
        if (json.members().containsKey("config")) {
            return Optional.of(MediaTypes.OCI_MANIFEST);
        }
        return json.members().containsKey(OLD_LAYERS) ? Optional.of(MediaTypes.DOCKER_SCHEMA_1) : Optional.empty();
    }

    static OciException unsupported(String type, String what) {
        boolean old = MediaTypes.isSchema1(type);
        return new OciException(
                Problem.UNSUPPORTED,
                what + " is " + type + (old ? " (Docker's schema 1, given up in 2016; push the image again)" : "")
                        + "; Skiff reads " + String.join(", ", MediaTypes.MANIFESTS));
    }
}
