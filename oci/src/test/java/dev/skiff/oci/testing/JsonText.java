package dev.skiff.oci.testing;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes maps, lists, longs and texts as JSON. */
final class JsonText {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    private JsonText() {}

    /** The text of an object. */
    static byte[] of(Map<String, Object> value) {
        return GSON.toJson(value).getBytes(StandardCharsets.UTF_8);
    }
}
