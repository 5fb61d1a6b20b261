package dev.skiff.oci;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An image of the store, by one of its names.
 *
 * @param reference the name, with a tag or digest
 * @param root the manifest or index that the name leads to
 * @param manifest the manifest that was chosen for this machine; the same as {@code root} unless that is an index
 * @param kind what kind of artifact it is
 * @param size bytes of all that it consists of here
 * @param pulled when the name began to lead there
 */
public record StoredImage(
        Reference reference, Descriptor root, Descriptor manifest, String kind, long size, Instant pulled) {
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
                Instant.ofEpochSecond(json.needSize("pulled")));
    }

    byte[] toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reference", reference.toString());
        json.put("root", root.toJson());
        json.put("manifest", manifest.toJson());
        json.put("kind", kind);
        json.put("size", size);
        json.put("pulled", pulled.getEpochSecond());
        return Json.write(json);
    }
}
