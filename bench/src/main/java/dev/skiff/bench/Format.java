package dev.skiff.bench;

import java.util.Locale;

/** Figures as text, with three significant digits. */
final class Format {
    private Format() {}

    static String millis(double nanos) {
        return digits(nanos / 1e6);
    }

    static String micros(double nanos) {
        return digits(nanos / 1e3);
    }

    static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2fx", value);
    }

    static String digits(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
