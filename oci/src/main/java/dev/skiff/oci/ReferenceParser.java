package dev.skiff.oci;

import java.util.Optional;

/** Reads a {@link Reference}. The grammar is that of the distribution project's references. */
final class ReferenceParser {
    private static final int MAX_NAME = 255;
    private static final int MAX_TAG = 128;

    private final String text;

    ReferenceParser(String text) {
        this.text = text;
    }

    Reference parse() {
        if (text.isEmpty()) {
            throw invalid(0, "it is empty");
        }
        int at = text.indexOf('@');
        int nameEnd = at < 0 ? text.length() : at;
        Optional<Digest> digest = at < 0 ? Optional.empty() : Optional.of(digest(at + 1));
        int slash = text.indexOf('/');
        int hostEnd = slash > 0 && slash < nameEnd && isHost(text.substring(0, slash)) ? slash : -1;
        int colon = text.lastIndexOf(':', nameEnd - 1);
        Optional<String> tag = Optional.empty();
        if (colon > Math.max(hostEnd, text.lastIndexOf('/', nameEnd - 1))) {
            tag = Optional.of(tag(colon + 1, nameEnd));
            nameEnd = colon;
        }
        if (hostEnd >= 0) {
            checkHost(hostEnd);
        }
        checkRepository(hostEnd + 1, nameEnd);
        String repository = text.substring(hostEnd + 1, nameEnd);
        if (Reference.isIdentifier(text)) {
            throw invalid(0, "64 hexadecimal digits are a digest without its algorithm; write name@sha256:...");
        }
        String registry = hostEnd < 0 ? Reference.DOCKER_HUB : text.substring(0, hostEnd);
        Reference reference = Reference.of(registry, repository, tag, digest);
        if (reference.repository().length() > MAX_NAME) {
            throw invalid(
                    Math.min(hostEnd + 1 + MAX_NAME, nameEnd),
                    "the repository has more than " + MAX_NAME + " characters");
        }
        return reference;
    }

    /** Docker's rule: what is before the first slash is a host if it could not be the beginning of a repository. */
    static boolean isHost(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
    }

    private Digest digest(int from) {
        try {
            return Digest.parse(text.substring(from));
        } catch (OciException e) {
            throw invalid(from, e.getMessage());
        }
    }

    private String tag(int from, int to) {
        if (from == to) {
            throw invalid(from, "the tag is empty");
        }
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            boolean word = isLower(c) || isDigit(c) || isUpper(c) || c == '_';
            if (!word && (i == from || c != '.' && c != '-')) {
                throw invalid(
                        i, "a tag has letters, digits, _, and behind the first of them . and -, but not " + shown(c));
            }
            if (i - from == MAX_TAG) {
                throw invalid(i, "the tag has more than " + MAX_TAG + " characters");
            }
        }
        return text.substring(from, to);
    }

    private void checkHost(int end) {
        if (text.charAt(0) == '[') {
            checkAddress(end);
            return;
        }
        int at = 0;
        while (at < end && text.charAt(at) != ':') {
            char c = text.charAt(at);
            char before = at == 0 ? '.' : text.charAt(at - 1);
            boolean separates = c == '-' && before != '.' || c == '.' && before != '.' && before != '-';
            if (!isLower(c) && !isUpper(c) && !isDigit(c) && !separates) {
                throw invalid(at, "a registry's host has letters, digits, - and ., but not " + shown(c) + " here");
            }
            at++;
        }
        char last = at == 0 ? ':' : text.charAt(at - 1);
        if (last == '-' || last == '.' || last == ':') {
            throw invalid(Math.max(0, at - 1), "a registry's host ends with a letter or digit");
        }
        checkPort(at, end);
    }

    private void checkAddress(int end) {
        int close = text.indexOf(']');
        if (close < 0 || close > end) {
            throw invalid(end, "the address of the registry lacks its ]");
        }
        for (int i = 1; i < close; i++) {
            char c = text.charAt(i);
            if (!isDigit(c) && c != ':' && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) {
                throw invalid(i, "an IPv6 address has hexadecimal digits and :, but not " + shown(c));
            }
        }
        if (close < 3) {
            throw invalid(close, "the address of the registry is empty");
        }
        checkPort(close + 1, end);
    }

    private void checkPort(int colon, int end) {
        if (colon == end) {
            return;
        }
        if (text.charAt(colon) != ':') {
            throw invalid(colon, "only a port can be behind the registry's address");
        }
        for (int i = colon + 1; i < end; i++) {
            if (!isDigit(text.charAt(i))) {
                throw invalid(i, "a port is a number, and " + shown(text.charAt(i)) + " is no digit");
            }
        }
        int digits = end - colon - 1;
        if (digits == 0 || digits > 5 || Integer.parseInt(text, colon + 1, end, 10) > 65_535) {
            throw invalid(colon + 1, "a port is a number from 0 to 65535");
        }
    }

    private void checkRepository(int from, int to) {
        if (from == to) {
            throw invalid(from, "it has no repository");
        }
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (isLower(c) || isDigit(c)) {
                continue;
            }
            if (isUpper(c)) {
                throw notLower(i);
            }
            if (c != '/' && c != '.' && c != '_' && c != '-') {
                throw invalid(i, "a repository has letters, digits, and / . _ - between them, but not " + shown(c));
            }
            int separator = separatorEnd(i, c);
            boolean between = i > from
                    && separator < to
                    && isAlphanumeric(text.charAt(i - 1))
                    && isAlphanumeric(text.charAt(separator));
            if (separator < to && isUpper(text.charAt(separator))) {
                throw notLower(separator);
            }
            if (!between) {
                boolean last = separator >= to;
                throw invalid(
                        i,
                        "in a repository " + text.substring(i, Math.min(separator, to))
                                + " has a letter or digit on both sides"
                                + (last ? ", and here the repository ends" : ""));
            }
            i = separator - 1;
        }
    }

    /** The end of what may be between letters and digits: one of / and ., one or two _, any number of -. */
    private int separatorEnd(int from, char c) {
        int most = c == '-' ? Integer.MAX_VALUE : c == '_' ? 2 : 1;
        int end = from + 1;
        while (end < text.length() && text.charAt(end) == c && end - from < most) {
            end++;
        }
        return end;
    }

    private static boolean isAlphanumeric(char c) {
        return isLower(c) || isDigit(c);
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static String shown(char c) {
        return switch (c) {
            case ' ' -> "a space";
            case '\t' -> "a tab";
            default -> c < ' ' || c > '~' ? String.format("U+%04X", (int) c) : String.valueOf(c);
        };
    }

    private OciException notLower(int at) {
        return invalid(at, "a repository's letters are lower-case, and " + text.charAt(at) + " is not");
    }

    private OciException invalid(int at, String what) {
        return Reference.invalid(text, at, what);
    }
}
