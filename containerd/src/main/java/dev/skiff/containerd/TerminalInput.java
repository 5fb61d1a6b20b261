package dev.skiff.containerd;

import dev.skiff.containerd.CopyBuffer.Seen;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import dev.skiff.linux.Polling;
import dev.skiff.linux.Terminals;
import dev.skiff.linux.Terminals.Settings;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/** Types what comes from a pipe at a terminal. Owns both descriptors, which do not wait; belongs to one thread at a time. */
final class TerminalInput implements AutoCloseable {
    private final int source;
    private final int master;
    private final SignalKeys keys = new SignalKeys();

    TerminalInput(int source, int master) {
        this.source = source;
        this.master = master;
    }

    /**
     * Types until the pipe is at its end or the terminal's other end is closed. The pipe's end is the terminal's: the key for it is typed, once for
     * what is left of a line and once for the end.
     *
     * @param signals gets the number of a signal when its key is typed
     */
    void copy(IntConsumer signals) {
        try (CopyBuffer buffer = new CopyBuffer()) {
            while (buffer.awaitUnlessHungUp(source, Polling.IN, master) == Seen.READY) {
                int count = buffer.read(source);
                if (count == 0) {
                    typeEnd(buffer);
                    return;
                }
                if (count != CopyBuffer.LATER) {
                    type(buffer, count, signals);
                }
            }
        } catch (LinuxException e) {
            // The terminal is closed between a look and a use.
            Log.debug("no more is typed at a terminal: " + e.getMessage());
        }
    }

    private void type(CopyBuffer buffer, int count, IntConsumer signals) {
        Settings settings = Terminals.settings(master);
        int from = 0;
        for (int i = 0; i < count; i++) {
            OptionalInt signal = keys.signal(NativeMemory.getByte(buffer.address() + i), settings);
            if (signal.isPresent()) {
                // The key is typed too: the kernel shows it, and drops what is waiting.
                write(buffer, from, i + 1);
                from = i + 1;
                deliver(signal.getAsInt(), signals);
            }
        }
        write(buffer, from, count);
    }

    private static void deliver(int signal, IntConsumer signals) {
        try {
            signals.accept(signal);
        } catch (RuntimeException e) {
            Log.debug("the signal " + signal + " of a terminal was not delivered: " + e.getMessage());
        }
    }

    private void typeEnd(CopyBuffer buffer) {
        int key = Terminals.settings(master).keys().get(Settings.END);
        NativeMemory.putByte(buffer.address(), key);
        NativeMemory.putByte(buffer.address() + 1, key);
        write(buffer, 0, 2);
    }

    private void write(CopyBuffer buffer, int from, int to) {
        int at = from;
        while (at < to) {
            try {
                at += (int) Descriptors.write(master, buffer.address() + at, to - at);
            } catch (LinuxException e) {
                if (e.errno() != Errno.EAGAIN || buffer.awaitUnlessHungUp(master, Polling.OUT, master) == Seen.HANGUP) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        Descriptors.close(source);
        Descriptors.close(master);
    }
}
