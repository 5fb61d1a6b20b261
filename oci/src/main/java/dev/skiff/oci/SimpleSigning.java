package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The JSON text ("simple signing") that cosign's classic signatures sign.
 *
 * @param reference the repository that the signer says it is in, as {@code ghcr.io/acme/app}
 * @param digest the digest of the manifest that is signed
 * @param annotations what the signer added; of a text that is read, only texts count
 */
record SimpleSigning(String reference, Digest digest, Map<String, String> annotations) {
    static final String MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
    private static final String TYPE = "cosign container image signature";

    SimpleSigning {
        annotations = Map.copyOf(annotations);
    }

    /** The text as cosign writes it: no spaces, annotations by name, and null for none. */
    byte[] toBytes() {
        Map<String, Object> critical = new LinkedHashMap<>();
        critical.put("identity", Map.of("docker-reference", reference));
        critical.put("image", Map.of("docker-manifest-digest", digest.toString()));
        critical.put("type", TYPE);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("critical", critical);
        all.put("optional", annotations.isEmpty() ? null : new TreeMap<>(annotations));
        return Json.write(all);
    }

    /**
     * Reads a text. What is critical must be understood in full, so members that are not known there are refused.
     *
     * @throws OciException if it is no such text, or says another type
     */
    static SimpleSigning parse(byte[] text) {
        JsonObject all = Json.object(text, "its payload");
        JsonObject critical = all.needObject("critical");
        JsonObject identity = critical.needObject("identity");
        JsonObject image = critical.needObject("image");
        needOnly(all, Set.of("critical", "optional"));
        needOnly(critical, Set.of("identity", "image", "type"));
        needOnly(identity, Set.of("docker-reference"));
        needOnly(image, Set.of("docker-manifest-digest"));
        String type = critical.needText("type");
        if (!type.equals(TYPE)) {
            throw new OciException(Problem.INVALID, "its payload is of the type '" + type + "' and not '" + TYPE + "'");
        }
        return new SimpleSigning(
                identity.needText("docker-reference"),
                Digest.parse(image.needText("docker-manifest-digest")),
                texts(all.object("optional")));
    }

    private static void needOnly(JsonObject object, Set<String> known) {
        for (String name : object.members().keySet()) {
            if (!known.contains(name)) {
                throw new OciException(Problem.INVALID, "its payload has a member that is not known: " + name);
            }
        }
    }

    /** The members of an object that are texts. */
    static Map<String, String> texts(Optional<JsonObject> object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.ifPresent(present -> present.members().forEach((name, value) -> {
            if (value instanceof String text) {
                texts.put(name, text);
            }
        }));
        return texts;
    }
}
