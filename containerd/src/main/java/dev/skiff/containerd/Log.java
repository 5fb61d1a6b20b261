package dev.skiff.containerd;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The daemon's log, on its standard error: a line for each event, with its time (UTC) and weight, as containerd's own has them. */
final class Log {
    private static final PrintStream OUT = System.err;
    private static final boolean DEBUG = "debug".equals(System.getProperty("skiff.log"));
    private static final int MAX_MESSAGE = 4000;
    private static final int MAX_STACK = 16_000;

    private Log() {}

    static void debug(String message) {
        debug(message, LogFields.NONE);
    }

    static void debug(String message, LogFields about) {
        if (DEBUG) {
            line("debug", message, about.text());
        }
    }

    static void info(String message) {
        info(message, LogFields.NONE);
    }

    static void info(String message, LogFields about) {
        line("info", message, about.text());
    }

    static void warn(String message) {
        warn(message, LogFields.NONE);
    }

    static void warn(String message, LogFields about) {
        line("warning", message, about.text());
    }

    /** Something that should not happen, with where it happened. */
    static void error(String message, Throwable cause) {
        error(message, cause, LogFields.NONE);
    }

    /** The same about something. */
    static void error(String message, Throwable cause, LogFields about) {
        StringWriter stack = new StringWriter();
        cause.printStackTrace(new PrintWriter(stack));
        line("error", message + ": " + cause, about.text() + " stack=" + LogFields.quoted(stack.toString(), MAX_STACK));
    }

    private static void line(String level, String message, String about) {
        OUT.println("time=\"" + Instant.now().truncatedTo(ChronoUnit.MILLIS) + "\" level=" + level + " msg="
                + LogFields.quoted(message, MAX_MESSAGE) + about);
    }
}
