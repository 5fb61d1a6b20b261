package dev.skiff.containerd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Looks into documents in which most things may be missing; what is {@code null} is missing too. */
final class Json {
    private Json() {}

    /**
     * Reads a document that is an object.
     *
     * @param reader takes from it what is wanted
     * @throws IllegalArgumentException if it is no such document, or has something else where the reader looks
     */
    static <T> T read(byte[] document, Function<JsonObject, T> reader) {
        try {
            return reader.apply(JsonParser.parseString(new String(document, StandardCharsets.UTF_8))
                    .getAsJsonObject());
        } catch (JsonParseException | IllegalStateException | ClassCastException | UnsupportedOperationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** An object; an empty one if it is missing. */
    static JsonObject object(JsonObject parent, String name) {
        return member(parent, name).map(JsonElement::getAsJsonObject).orElseGet(JsonObject::new);
    }

    /** The elements of an array. */
    static List<JsonElement> elements(JsonObject parent, String name) {
        return member(parent, name)
                .map(value -> value.getAsJsonArray().asList())
                .orElse(List.of());
    }

    /** The texts of an array. */
    static List<String> texts(JsonObject parent, String name) {
        List<String> texts = new ArrayList<>();
        elements(parent, name).forEach(element -> texts.add(element.getAsString()));
        return List.copyOf(texts);
    }

    /** An object of texts, in order; an empty one if it is missing. */
    static Map<String, String> map(JsonObject parent, String name) {
        Map<String, String> map = new LinkedHashMap<>();
        object(parent, name).asMap().forEach((key, value) -> map.put(key, value.getAsString()));
        return map;
    }

    static Optional<String> text(JsonObject parent, String name) {
        return member(parent, name).map(JsonElement::getAsString);
    }

    static boolean isTrue(JsonObject parent, String name) {
        return member(parent, name).map(JsonElement::getAsBoolean).orElse(false);
    }

    static Optional<Long> number(JsonObject parent, String name) {
        return member(parent, name).map(JsonElement::getAsLong);
    }

    private static Optional<JsonElement> member(JsonObject parent, String name) {
        return Optional.ofNullable(parent.get(name)).filter(value -> !value.isJsonNull());
    }
}
