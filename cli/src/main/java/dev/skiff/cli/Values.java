package dev.skiff.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads the values of options. Each method throws a {@link UsageException} that names the option and what it takes. */
final class Values {
    private Values() {}

    /** A size such as {@code 64MiB}, in bytes, up to 1 TiB. Units of 1024 are written KiB, Ki or K; KB is 1000. */
    static long bytes(Option option, String text) {
        int unitAt = endOfNumber(text);
        long factor = switch (text.substring(unitAt).strip().toLowerCase(Locale.ROOT)) {
            case "", "b" -> 1;
            case "k", "ki", "kib" -> 1L << 10;
            case "m", "mi", "mib" -> 1L << 20;
            case "g", "gi", "gib" -> 1L << 30;
            case "t", "ti", "tib" -> 1L << 40;
            case "kb" -> 1_000;
            case "mb" -> 1_000_000;
            case "gb" -> 1_000_000_000;
            default -> 0;
        };
        double number = number(text.substring(0, unitAt));
        double bytes = number * factor;
        if (factor == 0 || !(bytes >= 0 && bytes <= 1L << 40)) {
            throw wrong(option, text, "a size such as 64MiB or 1GiB, up to 1TiB");
        }
        return (long) bytes;
    }

    /** A time such as {@code 500ms}, {@code 5s}, {@code 1.5m} or {@code 2h}; more than zero. */
    static Duration duration(Option option, String text) {
        int unitAt = endOfNumber(text);
        long nanos = switch (text.substring(unitAt).strip()) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m", "min" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 0;
        };
        double total = number(text.substring(0, unitAt)) * nanos;
        if (nanos == 0 || !(total >= 1 && total < Long.MAX_VALUE)) {
            throw wrong(option, text, "a time such as 500ms, 5s or 2m");
        }
        return Duration.ofNanos((long) total);
    }

    /** A whole number, 0 or more. */
    static long count(Option option, String text) {
        try {
            long count = Long.parseLong(text.replace("_", ""));
            if (count >= 0) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Falls through to the sentence that helps.
        }
        throw wrong(option, text, "a whole number such as 1000000");
    }

    /** A number that was read, if it is over 0. */
    static long positive(Option option, String text, long number) {
        if (number == 0) {
            throw wrong(option, text, "more than nothing");
        }
        return number;
    }

    /** A share of one processor, over 0 and up to 1. */
    static double share(Option option, String text) {
        double share = endOfNumber(text) == text.length() ? number(text) : Double.NaN;
        if (!(share > 0 && share <= 1)) {
            throw wrong(option, text, "a share of one processor: more than 0 and at most 1, such as 0.5");
        }
        return share;
    }

    /** Pairs written {@code NAME=VALUE}, in their order; of two with one name the later counts. */
    static Map<String, String> pairs(Option option, List<String> texts) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw wrong(option, text, "NAME=VALUE");
            }
            pairs.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return pairs;
    }

    static UsageException wrong(Option option, String text, String expected) {
        return new UsageException(option.name() + " takes " + expected + ", not '" + text + "'");
    }

    private static int endOfNumber(String text) {
        int at = 0;
        while (at < text.length() && (text.charAt(at) >= '0' && text.charAt(at) <= '9' || text.charAt(at) == '.')) {
            at++;
        }
        return at;
    }

    /** The number, or NaN. */
    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
