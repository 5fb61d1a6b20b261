package dev.skiff.cli;

import dev.skiff.oci.PlainText;
import java.util.Collection;
import java.util.Map;

/** Writes maps, collections, strings, numbers and booleans as indented JSON (RFC 8259). */
final class JsonWriter {
    private final StringBuilder out = new StringBuilder();

    private JsonWriter() {}

    /** The JSON text of a value, without a line break at its end. Maps keep their order. */
    static String write(Object value) {
        JsonWriter writer = new JsonWriter();
        writer.value(value, "\n");
        return writer.out.toString();
    }

    private void value(Object value, String newLine) {
        switch (value) {
            case Map<?, ?> map -> object(map, newLine);
            case Collection<?> items -> array(items, newLine);
            case Number number -> out.append(number);
            case Boolean bool -> out.append(bool);
            case CharSequence text -> string(text);
            default -> throw new IllegalArgumentException("no JSON form for " + value.getClass());
        }
    }

    private void object(Map<?, ?> map, String newLine) {
        String inner = newLine + "  ";
        String separator = inner;
        out.append('{');
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            string((CharSequence) entry.getKey());
            out.append(": ");
            value(entry.getValue(), inner);
            separator = "," + inner;
        }
        out.append(map.isEmpty() ? "" : newLine).append('}');
    }

    private void array(Collection<?> items, String newLine) {
        String inner = newLine + "  ";
        String separator = inner;
        out.append('[');
        for (Object item : items) {
            out.append(separator);
            value(item, inner);
            separator = "," + inner;
        }
        out.append(items.isEmpty() ? "" : newLine).append(']');
    }

    private void string(CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // Names in a module are a stranger's.
                    if (PlainText.isPlain(c)) {
                        out.append(c);
                    } else {
                        out.append("\\u").append(String.format("%04x", (int) c));
                    }
                }
            }
        }
        out.append('"');
    }
}
