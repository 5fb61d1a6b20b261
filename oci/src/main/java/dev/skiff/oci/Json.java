package dev.skiff.oci;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import dev.skiff.oci.OciException.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes JSON (RFC 8259) as maps, lists, strings, longs, doubles, booleans and null. What a stranger wrote can be nested
 * 100 deep and must not say a name twice.
 */
final class Json {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_NUMBER = 40;

    private static final Pattern PLACE = Pattern.compile("at line (\\d+) column (\\d+)");

    private final JsonReader reader;
    private final String what;

    private Json(JsonReader reader, String what) {
        this.reader = reader;
        this.what = what;
    }

    /**
     * Reads an object.
     *
     * @param what what it is, for messages: "the manifest of ..."
     * @throws OciException if it is none
     */
    static JsonObject object(byte[] text, String what) {
        return new JsonObject((Map<?, ?>) whole(text, what, JsonToken.BEGIN_OBJECT, "object"), what);
    }

    /**
     * Reads an array of objects.
     *
     * @param what what it is, for messages
     * @throws OciException if it is none
     */
    static List<JsonObject> objects(byte[] text, String what) {
        List<JsonObject> objects = new ArrayList<>();
        for (Object item : (List<?>) whole(text, what, JsonToken.BEGIN_ARRAY, "array")) {
            String each = what + "[" + objects.size() + "]";
            if (!(item instanceof Map<?, ?> map)) {
                throw new OciException(Problem.INVALID, each + " is no JSON object");
            }
            objects.add(new JsonObject(map, each));
        }
        return objects;
    }

    private static Object whole(byte[] text, String what, JsonToken start, String kind) {
        try (JsonReader reader = new JsonReader(new StringReader(decode(text, what)))) {
            reader.setStrictness(Strictness.STRICT);
            if (reader.peek() != start) {
                throw new OciException(Problem.INVALID, what + " is no JSON " + kind);
            }
            Object value = new Json(reader, what).value(0);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new MalformedJsonException("there is more");
            }
            return value;
        } catch (EOFException e) {
            throw new OciException(Problem.INVALID, what + " is no JSON text: it ends too early", e);
        } catch (MalformedJsonException e) {
            // The library's words are for those who write programs with it.
            Matcher place = PLACE.matcher(e.getMessage());
            String where = place.find() ? " (line " + place.group(1) + ", column " + place.group(2) + ")" : "";
            throw new OciException(Problem.INVALID, what + " is no JSON text" + where, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OciException wrong(String how) {
        return new OciException(Problem.INVALID, what + " is JSON that is not accepted: " + how);
    }

    /** The JSON of other encodings than UTF-8 would mean one thing to one reader and nothing to the next. */
    private static String decode(byte[] text, String what) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new OciException(Problem.INVALID, what + " is no JSON text: it is not in UTF-8", e);
        }
    }

    private Map<String, Object> map(int depth) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (map.containsKey(name)) {
                throw wrong("the name " + name + " stands twice in one object");
            }
            map.put(name, value(depth + 1));
        }
        reader.endObject();
        return map;
    }

    private List<Object> list(int depth) throws IOException {
        List<Object> list = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            list.add(value(depth + 1));
        }
        reader.endArray();
        return list;
    }

    private Object value(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw wrong("it is nested more than " + MAX_DEPTH + " deep");
        }
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> map(depth);
            case BEGIN_ARRAY -> list(depth);
            case STRING -> reader.nextString();
            case NUMBER -> number();
            case BOOLEAN -> reader.nextBoolean();
            default -> {
                reader.nextNull();
                yield null;
            }
        };
    }

    private Object number() throws IOException {
        String text = reader.nextString();
        if (text.length() > MAX_NUMBER) {
            throw wrong("a number has more than " + MAX_NUMBER + " characters");
        }
        if (text.chars().anyMatch(c -> c == '.' || c == 'e' || c == 'E')) {
            return Double.parseDouble(text);
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return new BigDecimal(text);
        }
    }

    /** The text of a value, without spaces; maps keep their order, so that equal values have equal texts. */
    static byte[] write(Object value) {
        StringWriter text = new StringWriter();
        try (JsonWriter writer = new JsonWriter(text)) {
            writer.setHtmlSafe(false);
            write(value, writer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    // A switch over classes would make the JVM generate code at the first use, which takes longer than all of a
    // manifest.
    private static void write(Object value, JsonWriter writer) throws IOException {
        if (value instanceof Map<?, ?> map) {
            writer.beginObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                writer.name((String) entry.getKey());
                write(entry.getValue(), writer);
            }
            writer.endObject();
        } else if (value instanceof Collection<?> items) {
            writer.beginArray();
            for (Object item : items) {
                write(item, writer);
            }
            writer.endArray();
        } else if (value instanceof String text) {
            writer.value(text);
        } else if (value instanceof Boolean bool) {
            writer.value(bool);
        } else if (value instanceof Number number) {
            writer.value(number);
        } else if (value == null) {
            writer.nullValue();
        } else {
            throw new IllegalArgumentException("no JSON form for " + value.getClass());
        }
    }
}
