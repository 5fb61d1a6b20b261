package dev.skiff.wasi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the small JSON descriptions of the official tests: objects, lists, strings and whole numbers. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) {
        return (Map<String, Object>) new Json(text).value();
    }

    private char next() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.charAt(at);
    }

    private boolean take(char c) {
        boolean is = next() == c;
        at += is ? 1 : 0;
        return is;
    }

    private void expect(char c) {
        if (!take(c)) {
            throw new IllegalArgumentException("expected " + c + " at " + at + " of " + text);
        }
    }

    private Object value() {
        return switch (next()) {
            case '{' -> members();
            case '[' -> elements();
            case '"' -> string();
            default -> number();
        };
    }

    private Map<String, Object> members() {
        Map<String, Object> result = new LinkedHashMap<>();
        expect('{');
        while (!take('}')) {
            next();
            String name = string();
            expect(':');
            result.put(name, value());
            take(',');
        }
        return result;
    }

    private List<Object> elements() {
        List<Object> result = new ArrayList<>();
        expect('[');
        while (!take(']')) {
            result.add(value());
            take(',');
        }
        return result;
    }

    private String string() {
        expect('"');
        StringBuilder s = new StringBuilder();
        for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
            s.append(c == '\\' ? escape(text.charAt(at++)) : c);
        }
        return s.toString();
    }

    private static char escape(char c) {
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case '"', '\\', '/' -> c;
            default -> throw new IllegalArgumentException("escape " + c);
        };
    }

    private Integer number() {
        int start = at;
        while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return Integer.valueOf(text.substring(start, at));
    }
}
