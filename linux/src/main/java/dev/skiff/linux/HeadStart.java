package dev.skiff.linux;

/**
 * Prepares the JVM for system calls, which takes it some ten milliseconds, while the program does something else.
 *
 * <p>Not needed: whoever makes the first call without it, or before it is done, waits until calls can be made.
 */
public final class HeadStart {
    private HeadStart() {}

    /** Begins, on a thread of its own; to be called once, early. */
    public static void begin() {
        Thread.ofPlatform().daemon().name("skiff-head-start").start(Kernel::prepare);
    }
}
