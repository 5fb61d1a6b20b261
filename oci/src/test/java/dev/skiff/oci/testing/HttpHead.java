package dev.skiff.oci.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The start line and the header fields of an HTTP/1.1 message (RFC 9112), which can be changed. Not thread-safe. */
final class HttpHead {
    private static final int LIMIT = 1 << 16;

    private record Field(String name, String value) {}

    private final String start;
    private final List<Field> fields = new ArrayList<>();

    HttpHead(String start) {
        this.start = start;
    }

    /** Reads one; nothing if the stream ends before it begins. */
    static Optional<HttpHead> read(InputStream in) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int last = 0;
        // Ends with an empty line.
        while (last != 2) {
            int c = in.read();
            if (c < 0 && text.size() == 0) {
                return Optional.empty();
            }
            if (c < 0 || text.size() > LIMIT) {
                throw new EOFException("an HTTP message has no end of its head");
            }
            text.write(c);
            last = c == '\n' ? last + 1 : c == '\r' ? last : 0;
        }
        List<String> lines = text.toString(StandardCharsets.ISO_8859_1).lines().toList();
        HttpHead head = new HttpHead(lines.getFirst());
        for (String line : lines.subList(1, lines.size() - 1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                head.add(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return Optional.of(head);
    }

    /** One of the three parts of the start line; empty if it has fewer. */
    String startPart(int index) {
        String[] parts = start.split(" ", 3);
        return index < parts.length ? parts[index] : "";
    }

    /** The status of a response. */
    int status() {
        return Integer.parseInt(startPart(1));
    }

    /** The first value of a field. */
    Optional<String> first(String name) {
        return fields.stream()
                .filter(field -> field.name.equalsIgnoreCase(name))
                .map(Field::value)
                .findFirst();
    }

    /** The length of its body, if the head says it. */
    Optional<Long> length() {
        return first("Content-Length").map(Long::parseLong);
    }

    boolean isChunked() {
        return first("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent();
    }

    void add(String name, String value) {
        fields.add(new Field(name, value));
    }

    void set(String name, String value) {
        drop(name);
        add(name, value);
    }

    void drop(String name) {
        fields.removeIf(field -> field.name.equalsIgnoreCase(name));
    }

    /** All fields, by names in any case. */
    Map<String, List<String>> fields() {
        Map<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Field field : fields) {
            all.computeIfAbsent(field.name, name -> new ArrayList<>()).add(field.value);
        }
        return Collections.unmodifiableMap(all);
    }

    void write(OutputStream out) throws IOException {
        StringBuilder text = new StringBuilder(start).append("\r\n");
        fields.forEach(field ->
                text.append(field.name).append(": ").append(field.value).append("\r\n"));
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }
}
