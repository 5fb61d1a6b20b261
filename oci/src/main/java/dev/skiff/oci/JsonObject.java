package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A JSON object that somebody else wrote: each member is checked when it is asked for. A null counts as absent. */
final class JsonObject {
    private final Map<?, ?> members;
    private final String what;

    JsonObject(Map<?, ?> members, String what) {
        this.members = members;
        this.what = what;
    }

    /** All of it. */
    @SuppressWarnings("unchecked")
    Map<String, Object> members() {
        return Collections.unmodifiableMap((Map<String, Object>) members);
    }

    /** A text that may be absent. */
    Optional<String> text(String name) {
        return member(name, String.class, "a string");
    }

    /** A text that must be there. */
    String needText(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    /** A whole number that may be absent. */
    Optional<Long> number(String name) {
        return member(name, Long.class, "a whole number");
    }

    /** A size, which is never negative. */
    long needSize(String name) {
        long size = number(name).orElseThrow(() -> missing(name));
        if (size < 0) {
            throw new OciException(Problem.INVALID, what + " has a negative " + name + ": " + size);
        }
        return size;
    }

    /** A digest that must be there. */
    Digest needDigest(String name) {
        try {
            return Digest.parse(needText(name));
        } catch (OciException e) {
            throw e.getMessage().startsWith(what)
                    ? e
                    : new OciException(e.problem(), what + " has a wrong " + name + ": " + e.getMessage(), e);
        }
    }

    /** An object that may be absent. */
    Optional<JsonObject> object(String name) {
        return member(name, Map.class, "an object").map(map -> new JsonObject(map, what + ", " + name));
    }

    /** An object that must be there. */
    JsonObject needObject(String name) {
        return object(name).orElseThrow(() -> missing(name));
    }

    /** The objects of an array; none if it is absent. */
    List<JsonObject> objects(String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (Object item : list(name)) {
            if (!(item instanceof Map<?, ?> map)) {
                throw wrong(name, "an array of objects");
            }
            objects.add(new JsonObject(map, what + ", " + name + "[" + objects.size() + "]"));
        }
        return objects;
    }

    /** The texts of an array; none if it is absent. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object item : list(name)) {
            if (!(item instanceof String text)) {
                throw wrong(name, "an array of strings");
            }
            texts.add(text);
        }
        return texts;
    }

    private List<?> list(String name) {
        return member(name, List.class, "an array").orElse(List.of());
    }

    /** An object of texts, such as annotations; empty if it is absent. */
    Map<String, String> textMap(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        object(name)
                .ifPresent(object -> object.members.forEach((key, value) -> {
                    if (value == null) {
                        return;
                    }
                    if (!(value instanceof String text)) {
                        throw wrong(name, "an object of strings");
                    }
                    texts.put((String) key, text);
                }));
        return Collections.unmodifiableMap(texts);
    }

    private <T> Optional<T> member(String name, Class<T> type, String kind) {
        Object value = members.get(name);
        if (value != null && !type.isInstance(value)) {
            throw wrong(name, kind);
        }
        return Optional.ofNullable(type.cast(value));
    }

    private OciException wrong(String name, String kind) {
        return new OciException(Problem.INVALID, what + " has a " + name + " that is not " + kind);
    }

    private OciException missing(String name) {
        return new OciException(Problem.INVALID, what + " has no " + name);
    }
}
