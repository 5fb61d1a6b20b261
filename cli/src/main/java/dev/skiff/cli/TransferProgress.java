package dev.skiff.cli;

import dev.skiff.oci.Descriptor;
import dev.skiff.oci.Digest;
import dev.skiff.oci.PlainText;
import dev.skiff.oci.TransferListener;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Shows how transfers go on: on a terminal a line with a bar, the bytes and the rate; elsewhere a line for each blob. Small content is
 * not worth a line. Thread-safe.
 */
final class TransferProgress implements TransferListener, AutoCloseable {
    private static final int BAR = 24;
    private static final long SMALL = 64 << 10;
    private static final long EVERY_MILLIS = 100;
    private static final String ERASE_LINE = "\r\u001b[K";

    /** How much is shown. */
    private enum Form {
        NOTHING,
        LINES,
        BAR
    }

    private final PrintStream out;
    private final String what;
    private final Form form;
    private final boolean notes;
    private final Set<Digest> transferred = ConcurrentHashMap.newKeySet();
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final long begun = System.nanoTime();
    private final Thread ticker;

    /**
     * Shows the progress of one command.
     *
     * @param what what is under way: "pulling app:v1"
     */
    TransferProgress(String what, Arguments arguments, Console console) {
        this.what = what;
        out = console.stderr();
        boolean quiet = arguments.has(RegistryArguments.QUIET);
        form = quiet ? Form.NOTHING : console.animated() ? Form.BAR : Form.LINES;
        notes = !quiet || arguments.has(Option.VERBOSE);
        ticker = Thread.ofVirtual().name("progress").unstarted(this::tick);
        if (form == Form.BAR) {
            ticker.start();
        }
    }

    @Override
    public void started(Descriptor descriptor, State state) {
        if (state == State.TRANSFERRED) {
            transferred.add(descriptor.digest());
            total.addAndGet(descriptor.size());
        } else if (form == Form.LINES && descriptor.size() >= SMALL) {
            line(descriptor, state == State.MOUNTED ? "taken over from another repository" : "there already");
        }
    }

    @Override
    public void advanced(Descriptor descriptor, long bytes) {
        done.addAndGet(bytes);
    }

    @Override
    public void finished(Descriptor descriptor) {
        // What was there already is finished too, and has had its line.
        if (transferred.remove(descriptor.digest()) && form == Form.LINES && descriptor.size() >= SMALL) {
            line(descriptor, "done");
        }
    }

    private void line(Descriptor descriptor, String state) {
        out.println(
                what + ": " + descriptor.digest().abbreviated() + " " + Humane.bytes(descriptor.size()) + ", " + state);
    }

    @Override
    public void note(String text) {
        if (notes) {
            out.println((form == Form.BAR ? ERASE_LINE : "") + "skiff: " + PlainText.lines(text));
        }
    }

    private void tick() {
        try {
            while (true) {
                Thread.sleep(EVERY_MILLIS);
                out.print(ERASE_LINE + bar(done.get(), total.get(), System.nanoTime() - begun));
                out.flush();
            }
        } catch (InterruptedException e) {
            out.print(ERASE_LINE);
            out.flush();
        }
    }

    private String bar(long bytes, long of, long nanos) {
        if (of == 0) {
            return what;
        }
        int filled = Math.clamp(BAR * bytes / of, 0, BAR);
        double rate = bytes / Math.max(nanos / 1e9, 0.001);
        return String.format(
                Locale.ROOT,
                "%s [%s%s] %s of %s, %s/s",
                what,
                "=".repeat(filled),
                " ".repeat(BAR - filled),
                Humane.bytes(bytes),
                Humane.bytes(of),
                Humane.bytes((long) rate));
    }

    @Override
    public void close() {
        if (form == Form.BAR) {
            ticker.interrupt();
            try {
                ticker.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
