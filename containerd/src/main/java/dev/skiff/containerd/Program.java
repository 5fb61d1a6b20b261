package dev.skiff.containerd;

import dev.skiff.host.ExitStatus;
import dev.skiff.host.Usage;
import dev.skiff.wasm.Limits;
import java.util.function.Consumer;

/** What runs in a container. Thread-safe. */
interface Program extends AutoCloseable {
    /**
     * Begins.
     *
     * @param ended is told how it ended, on another thread; once
     */
    void start(Consumer<ExitStatus> ended);

    /** Gives it a signal, which may end it; before the start too. */
    void signal(int signal);

    /** Whether it decides itself what signals do, other than SIGKILL. */
    boolean knowsSignals();

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
