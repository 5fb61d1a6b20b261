package dev.skiff.containerd;

import dev.skiff.host.Usage;
import dev.skiff.wasm.Limits;
import java.util.function.Consumer;

/** What runs in a container. Thread-safe. */
interface Program extends AutoCloseable {
    /**
     * How it ended.
     *
     * @param status 0 to 255
     * @param outOfMemory whether it needed more memory than there was for it
     */
    record End(int status, boolean outOfMemory) {}

    /**
     * Begins.
     *
     * @param ended is told at the end, on another thread; once
     */
    void start(Consumer<End> ended);

    /** Gives it a signal, which may end it; before the start too, which then ends it at once. */
    void signal(int signal);

    /** Lets it wait. */
    void pause();

    /** Lets it go on. */
    void resume();

    /** Gives it other limits of memory and processor time. */
    void change(Limits limits);

    /** What it uses of the machine. */
    Usage usage();

    /** Gives back what it holds if it never started. */
    @Override
    void close();
}
