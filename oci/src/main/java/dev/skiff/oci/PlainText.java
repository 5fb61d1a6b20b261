package dev.skiff.oci;

/** What of a stranger's text can be shown as it is: in a message, on a terminal, in a line of a log. */
public final class PlainText {
    private PlainText() {}

    /**
     * Whether a character controls no terminal, ends no line and does not turn the direction of text. Halves of surrogate pairs
     * are not known to be whole; what Unicode has not assigned could become any of these.
     *
     * @param c a code point
     */
    public static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** The text with all that is not plain replaced by escapes such as <code>&#92;u{1b}</code>. */
    public static String of(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isPlain(c)) {
                plain.appendCodePoint(c);
            } else {
                plain.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        });
        return plain.toString();
    }

    /** The same for a text of several lines: their breaks stay. */
    public static String lines(String text) {
        return String.join("\n", text.lines().map(PlainText::of).toList());
    }
}
