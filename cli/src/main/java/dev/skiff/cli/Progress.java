package dev.skiff.cli;

import java.io.PrintStream;
import java.util.function.BooleanSupplier;

/** Shows on a terminal that something is under way, and for how long; says nothing elsewhere. */
final class Progress {
    private static final long FIRST_AFTER_MILLIS = 200;
    private static final long THEN_EVERY_MILLIS = 100;
    private static final String ERASE_LINE = "\r\u001b[K";

    private Progress() {}

    /** Does something; what takes less than a fifth of a second shows nothing. */
    static boolean during(BooleanSupplier work, String what, Console console) {
        if (!console.animated()) {
            return work.getAsBoolean();
        }
        Thread ticker = Thread.ofVirtual().name("progress").start(() -> tick(console.stderr(), what));
        try {
            return work.getAsBoolean();
        } finally {
            wipe(ticker);
        }
    }

    private static void tick(PrintStream out, String what) {
        long start = System.nanoTime();
        try {
            Thread.sleep(FIRST_AFTER_MILLIS);
            while (true) {
                out.print(ERASE_LINE + what + " " + Humane.time(System.nanoTime() - start));
                out.flush();
                Thread.sleep(THEN_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            out.print(ERASE_LINE);
            out.flush();
        }
    }

    private static void wipe(Thread ticker) {
        ticker.interrupt();
        try {
            ticker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
