package dev.skiff.containerd;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the head of a request of HTTP/1.0 or 1.1 (RFC 9112) asks for.
 *
 * @param method such as {@code GET}
 * @param path without a query
 */
record HttpRequest(String method, String path) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";
    private static final Pattern LINE = Pattern.compile(
            "(" + TOKEN + ") (?:http://[^/ ?#]*+)?(/[!-~&&[^?#]]*+)(?:\\?[!-~&&[^#]]*+)? HTTP/1\\.([01])");
    private static final Pattern HEADER = Pattern.compile("(" + TOKEN + "):[\\t\\x20-\\x7e\\x80-\\xff]*+");

    /**
     * Reads a head.
     *
     * @param head up to the empty line that ends it, with it
     * @return empty if it is none
     */
    static Optional<HttpRequest> parse(byte[] head) {
        String[] lines = new String(head, StandardCharsets.ISO_8859_1).split("\r\n", -1);
        Matcher first = LINE.matcher(lines[0]);
        // After the empty line comes nothing, which is an element too.
        boolean isWhole = lines.length >= 3 && lines[lines.length - 1].isEmpty() && lines[lines.length - 2].isEmpty();
        if (!isWhole || !first.matches()) {
            return Optional.empty();
        }
        int hosts = 0;
        for (String line : Arrays.asList(lines).subList(1, lines.length - 2)) {
            Matcher header = HEADER.matcher(line);
            if (!header.matches()) {
                return Optional.empty();
            }
            if (header.group(1).equalsIgnoreCase("Host")) {
                hosts++;
            }
        }
        boolean isNew = first.group(3).equals("1");
        if (hosts > 1 || (isNew && hosts == 0)) {
            return Optional.empty();
        }
        return Optional.of(new HttpRequest(first.group(1), first.group(2)));
    }
}
