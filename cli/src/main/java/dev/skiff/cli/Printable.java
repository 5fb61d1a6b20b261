package dev.skiff.cli;

/** Makes a stranger's text safe to show on a terminal. */
final class Printable {
    private Printable() {}

    /** The text with control characters, line breaks and marks that turn its direction replaced by escapes. */
    static String of(String text) {
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            boolean safe = type != Character.CONTROL
                    && type != Character.FORMAT
                    && type != Character.LINE_SEPARATOR
                    && type != Character.PARAGRAPH_SEPARATOR
                    && type != Character.SURROGATE
                    && type != Character.UNASSIGNED;
            if (safe) {
                result.appendCodePoint(c);
            } else {
                result.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        });
        return result.toString();
    }

    /** The same for a text of several lines: their breaks stay. */
    static String lines(String text) {
        return String.join("\n", text.lines().map(Printable::of).toList());
    }
}
