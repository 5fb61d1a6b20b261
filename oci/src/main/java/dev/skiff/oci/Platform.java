package dev.skiff.oci;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an image is for (OCI image specification, "Image Index", platform).
 *
 * @param os such as {@code wasi}, {@code wasip1} or {@code linux}
 * @param architecture such as {@code wasm} or {@code amd64}
 * @param variant such as {@code v8}
 */
public record Platform(String os, String architecture, Optional<String> variant) {
    /** Reads the platform of an index's entry. */
    static Platform of(JsonObject json) {
        return new Platform(
                json.text("os").orElse("unknown"),
                json.text("architecture").orElse("unknown"),
                json.text("variant").filter(variant -> !variant.isEmpty()));
    }

    /**
     * Reads {@code os/architecture[/variant]}.
     *
     * @throws OciException if it is something else
     */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3 || text.startsWith("/") || text.contains("//") || text.endsWith("/")) {
            throw new OciException(
                    OciException.Problem.INVALID, text + " is no platform: that is OS/ARCHITECTURE, such as wasi/wasm");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? Optional.of(parts[2]) : Optional.empty());
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architecture", architecture);
        json.put("os", os);
        variant.ifPresent(value -> json.put("variant", value));
        return json;
    }

    @Override
    public String toString() {
        return os + "/" + architecture + variant.map(value -> "/" + value).orElse("");
    }
}
