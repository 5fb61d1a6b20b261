package dev.skiff.containerd;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines that are ours in a configuration of containerd: between two comments, at the end when they were written. */
final class ConfigBlock {
    private static final Pattern BEGIN = Pattern.compile("(?dm)^# skiff: begin[ \t]*\r?$");
    private static final Pattern END = Pattern.compile("(?dm)^# skiff: end[ \t]*\r?(\n|\\z)");
    private static final String WHAT =
            "# Written by skiff containerd install; skiff containerd uninstall takes it away.\n";
    private static final String MADE = "# The file was made for it.\n";
    /** What a file says that was made for the block, and nothing else. */
    private static final Pattern BARE = Pattern.compile("version = \\d+\n(imports = \\[[^\n]*]\n)?");

    private ConfigBlock() {}

    /** Adds lines to a text that has none of ours. */
    static String add(String text, String lines) {
        return text + "\n# skiff: begin\n" + WHAT + lines + "# skiff: end\n";
    }

    /** A file of our own: what must stand first, which the lines follow. */
    static String made(String first, String lines) {
        return add(first, MADE + lines);
    }

    /** Whether a text has lines of ours. */
    static boolean isIn(String text) {
        return BEGIN.matcher(text).find();
    }

    /**
     * A text as it was without our lines; empty if there was no file before.
     *
     * @param file for the message
     * @throws ConfigException if only one of the two comments is left, or there is more of them
     */
    static Optional<String> remove(String text, Object file) {
        Matcher begin = BEGIN.matcher(text);
        Matcher end = END.matcher(text);
        if (!begin.find()) {
            if (end.find()) {
                throw damaged(file);
            }
            return Optional.of(text);
        }
        int from = begin.start();
        if (begin.find() || !end.find() || end.start() < from) {
            throw damaged(file);
        }
        String block = text.substring(from, end.start());
        String rest = text.substring(end.end());
        if (end.find()) {
            throw damaged(file);
        }
        String before = from == 0 ? "" : text.substring(0, from - 1);
        // What somebody wrote behind it does not move into a line that had no end.
        boolean open = !before.isEmpty() && !before.endsWith("\n") && !rest.isEmpty();
        String without = before + (open ? "\n" : "") + rest;
        boolean gone = block.contains(MADE) && BARE.matcher(without).matches();
        return gone ? Optional.empty() : Optional.of(without);
    }

    private static ConfigException damaged(Object file) {
        return new ConfigException("the lines \"# skiff: begin\" and \"# skiff: end\" of " + file
                + " are not one pair; take what is skiff's out of it by hand");
    }
}
