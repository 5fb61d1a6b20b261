package dev.skiff.oci;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An image of the store, by one of its names.
 *
 * @param reference the name, with a tag or digest
 * @param root the manifest or index that the name leads to
 * @param manifest the manifest that was chosen for this machine; the same as {@code root} unless that is an index
 * @param kind what kind of artifact it is
 * @param size bytes of all that it consists of here
 * @param pulled when the name began to lead there
 * @param trust the mark of the policy that accepted it; see {@link TrustCheck}
 */
public record StoredImage(
        Reference reference,
        Descriptor root,
        Descriptor manifest,
        String kind,
        long size,
        Instant pulled,
        Optional<Digest> trust) {
    /** Drops parts of a second from the time. */
    public StoredImage {
        pulled = pulled.truncatedTo(ChronoUnit.SECONDS);
    }

    static StoredImage of(byte[] text, String what) {
        JsonObject json = Json.object(text, what);
        return new StoredImage(
                Reference.parse(json.needText("reference")),
                Descriptor.of(json.needObject("root")),
                Descriptor.of(json.needObject("manifest")),
                json.needText("kind"),
                json.needSize("size"),
                Instant.ofEpochSecond(json.needSize("pulled")),
                json.text("trust").map(Digest::parse));
    }

    /** What of it may be signed: what its name leads to, and the manifest that was chosen from that. */
    Stream<Descriptor> signable() {
        return Stream.of(root, manifest).distinct();
    }

    /** The same image, accepted by a policy. */
    StoredImage withTrust(Optional<Digest> mark) {
        return new StoredImage(reference, root, manifest, kind, size, pulled, mark);
    }

    byte[] toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reference", reference.toString());
        json.put("root", root.toJson());
        json.put("manifest", manifest.toJson());
        json.put("kind", kind);
        json.put("size", size);
        json.put("pulled", pulled.getEpochSecond());
        trust.ifPresent(mark -> json.put("trust", mark.toString()));
        return Json.write(json);
    }
}
