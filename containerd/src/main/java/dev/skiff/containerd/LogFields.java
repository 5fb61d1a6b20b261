package dev.skiff.containerd;

import dev.skiff.oci.PlainText;

/**
 * What a line of the log says besides its message, in the form of logfmt. Values may be anybody's: what could be taken for another line or
 * field is escaped, and they are cut.
 *
 * @param text the fields, each after a space
 */
record LogFields(String text) {
    static final LogFields NONE = new LogFields("");

    private static final int MAX_VALUE = 300;

    /**
     * These and another one.
     *
     * @param key letters only
     */
    LogFields with(String key, String value) {
        return new LogFields(text + " " + key + "=" + quoted(value, MAX_VALUE));
    }

    /** A text in quotes, without what is no part of a line; cut after so many characters. */
    static String quoted(String value, int most) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int at = 0; at < value.length() && at < most; at++) {
            char each = value.charAt(at);
            switch (each) {
                case '"', '\\' -> quoted.append('\\').append(each);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default ->
                    quoted.append(
                            PlainText.isPlain(each) ? Character.toString(each) : String.format("\\u%04x", (int) each));
            }
        }
        return quoted.append(value.length() > most ? "...\"" : "\"").toString();
    }
}
