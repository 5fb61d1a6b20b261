package dev.skiff.containerd;

import dev.skiff.host.Usage;
import java.util.function.Consumer;

/** What runs in a container. Thread-safe. */
interface Program extends AutoCloseable {
    /**
     * Begins.
     *
     * @param ended is told the status at the end, on another thread; once
     */
    void start(Consumer<Integer> ended);

    /** Gives it a signal, which may end it; before the start too, which then ends it at once. */
    void signal(int signal);

    /** What it uses of the machine. */
    Usage usage();

    /** Gives back what it holds if it never started. */
    @Override
    void close();
}
