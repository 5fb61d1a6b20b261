package dev.skiff.containerd;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The daemon's log, on its standard error: a line for each event, with its time (UTC) and weight, as containerd's own has them. */
final class Log {
    private static final PrintStream OUT = System.err;
    private static final boolean DEBUG = "debug".equals(System.getProperty("skiff.log"));

    private Log() {}

    static void debug(String message) {
        if (DEBUG) {
            line("debug", message);
        }
    }

    static void info(String message) {
        line("info", message);
    }

    static void warn(String message) {
        line("warning", message);
    }

    /** Something that should not happen, with where it happened. */
    static void error(String message, Throwable cause) {
        line("error", message + ": " + cause);
        cause.printStackTrace(OUT);
    }

    private static void line(String level, String message) {
        String quoted = message.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        OUT.println("time=\"" + Instant.now().truncatedTo(ChronoUnit.MILLIS) + "\" level=" + level + " msg=\"" + quoted
                + "\"");
    }
}
