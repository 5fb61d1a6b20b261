package dev.skiff.cli;

import java.util.function.IntConsumer;
import jdk.internal.misc.Signal;

/**
 * SIGHUP, SIGINT and SIGTERM of this process. The JVM's own handling, which ends the process with 128 plus the signal's
 * number, stays in force until an action is given, and where the JVM was started without access to its signals.
 */
final class ProcessSignals implements Signals {
    private static final String[] NAMES = {"HUP", "INT", "TERM"};

    @Override
    public void onStop(IntConsumer action) {
        try {
            for (String name : NAMES) {
                handle(name, action);
            }
        } catch (IllegalAccessError e) {
            // Started without the flag that opens jdk.internal.misc: signals still end the process, at once.
        }
    }

    private static void handle(String name, IntConsumer action) {
        try {
            Signal.handle(new Signal(name), signal -> action.accept(signal.getNumber()));
        } catch (IllegalArgumentException e) {
            // The platform does not have it, or the JVM was told to leave it alone (-Xrs).
        }
    }
}
