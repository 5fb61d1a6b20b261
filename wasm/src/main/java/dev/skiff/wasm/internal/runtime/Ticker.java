package dev.skiff.wasm.internal.runtime;

import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes running guests that have a deadline, a quota or a time slice poll every few milliseconds. One thread for all
 * stores, asleep while there is none.
 */
final class Ticker {
    private static final long PERIOD_NANOS = 2_000_000;
    /** A store whose guests do not run for so long is not looked at any more until they do. */
    private static final int IDLE_TICKS = 50;

    private static final Queue<Entry> STORES = new ConcurrentLinkedQueue<>();
    private static final Thread THREAD = Housekeeping.thread("skiff-ticker", Ticker::run);

    static {
        THREAD.start();
    }

    private Ticker() {}

    /**
     * A store of the queue.
     *
     * @param control weak, so that a store that nobody closed can go
     * @param idle how many ticks in a row found no guest running
     */
    private record Entry(WeakReference<Control> control, int idle) {}

    /** Ticks for a store until its guests have not run for a while; {@link Control#ticked} says when. */
    static void add(Control control) {
        STORES.add(new Entry(new WeakReference<>(control), 0));
        LockSupport.unpark(THREAD);
    }

    private static void run() {
        while (true) {
            if (STORES.isEmpty()) {
                LockSupport.park();
            } else {
                LockSupport.parkNanos(PERIOD_NANOS);
            }
            for (int left = STORES.size(); left > 0; left--) {
                Entry entry = STORES.poll();
                Control control = entry.control.get();
                if (control != null && !control.isClosed()) {
                    tick(control, entry);
                }
            }
        }
    }

    private static void tick(Control control, Entry entry) {
        if (control.isRunning()) {
            control.requestPoll();
            STORES.add(entry.idle == 0 ? entry : new Entry(entry.control, 0));
        } else if (entry.idle < IDLE_TICKS) {
            STORES.add(new Entry(entry.control, entry.idle + 1));
        } else {
            control.ticked();
        }
    }
}
