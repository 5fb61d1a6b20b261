package dev.skiff.cli;

import java.util.Locale;

/** Numbers for people. */
final class Humane {
    private Humane() {}

    /** A size such as {@code 1.5 MiB}. */
    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double size = bytes;
        int unit = -1;
        while (size >= 1024 && unit < 3) {
            size /= 1024;
            unit++;
        }
        return (size < 10 ? tenths(size) : String.valueOf(Math.round(size))) + " " + "KMGT".charAt(unit) + "iB";
    }

    // A formatter takes longer to load than many a command takes.
    private static String tenths(double number) {
        long tenths = Math.round(10 * number);
        return tenths / 10 + "." + tenths % 10;
    }

    /** A number with its thousands apart, such as {@code 12,034}. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** A number with a noun, such as {@code 1 function} or {@code 12,034 functions}. */
    static String count(long count, String noun) {
        return count(count) + " " + noun + (count == 1 ? "" : "s");
    }

    /** A time such as {@code 8 ms} or {@code 1.2 s}. */
    static String time(long nanos) {
        return nanos < 1_000_000_000L ? nanos / 1_000_000 + " ms" : tenths(nanos / 1e9) + " s";
    }
}
