package dev.skiff.containerd;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Terminals;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/**
 * A terminal between a program and the pipes of who sits there. Two platform threads copy. Thread-safe.
 *
 * <p>The program's end belongs to who opened it; that it is closed ends the copying.
 */
final class Terminal {
    /** Output ends by itself before that, unless a disk hangs. */
    private static final Duration PATIENCE = TerminalOutput.REST.plusSeconds(2);

    private final int slave;
    private final Optional<TerminalInput> input;
    private final TerminalOutput output;
    private Optional<Thread> copier = Optional.empty();
    private boolean over;

    private Terminal(int slave, Optional<TerminalInput> input, TerminalOutput output) {
        this.slave = slave;
        this.input = input;
        this.output = output;
    }

    /**
     * Makes one, which copies nothing yet.
     *
     * @param source what is typed, a descriptor that does not wait
     * @param sink where it is shown
     * @throws LinuxException if that fails; otherwise source and sink belong to the terminal
     */
    static Terminal open(OptionalInt source, OptionalInt sink) {
        Terminals.Pair ends = Terminals.open();
        try {
            TerminalOutput output = new TerminalOutput(ends.master(), sink);
            Optional<TerminalInput> input = source.isPresent()
                    ? Optional.of(new TerminalInput(source.getAsInt(), Descriptors.duplicate(ends.master())))
                    : Optional.empty();
            return new Terminal(ends.slave(), input, output);
        } catch (LinuxException e) {
            Descriptors.close(ends.slave());
            Descriptors.close(ends.master());
            throw e;
        }
    }

    /** The program's end, a descriptor that does not wait and that the caller closes. */
    int slave() {
        return slave;
    }

    /**
     * Begins to copy, once.
     *
     * @param signals gets the number of a signal when its key is typed, and may take its time, in which no more is typed
     */
    synchronized void start(IntConsumer signals) {
        if (over || copier.isPresent()) {
            return;
        }
        input.ifPresent(from -> Thread.ofPlatform()
                .daemon()
                .name("terminal input")
                .start(() -> {
                    try (from) {
                        from.copy(signals);
                    }
                }));
        copier =
                Optional.of(Thread.ofPlatform().daemon().name("terminal output").start(() -> {
                    try (output) {
                        output.copy();
                    }
                }));
    }

    /** Waits until all is shown, after the program's end was closed; for seconds only if it is not read. */
    void finish() {
        Optional<Thread> running;
        synchronized (this) {
            running = copier;
            if (running.isEmpty() && !over) {
                input.ifPresent(TerminalInput::close);
                output.close();
            }
            over = true;
        }
        try {
            if (running.isPresent() && !running.get().join(PATIENCE)) {
                Log.warn("output of a terminal hangs, and is not waited for");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
