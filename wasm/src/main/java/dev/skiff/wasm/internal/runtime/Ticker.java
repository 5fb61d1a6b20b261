package dev.skiff.wasm.internal.runtime;

import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes guests that have a deadline, a quota or a time slice poll every few milliseconds, also where they do nothing but
 * call functions. One thread for all stores, asleep while there is none.
 */
final class Ticker {
    private static final long PERIOD_NANOS = 2_000_000;
    private static final Queue<WeakReference<Control>> STORES = new ConcurrentLinkedQueue<>();
    private static final Thread THREAD =
            Thread.ofPlatform().daemon().name("skiff-ticker").start(Ticker::run);

    private Ticker() {}

    /** Ticks for a store until it is unreachable. */
    static void add(Control control) {
        STORES.add(new WeakReference<>(control));
        LockSupport.unpark(THREAD);
    }

    private static void run() {
        while (true) {
            if (STORES.isEmpty()) {
                LockSupport.park();
            } else {
                LockSupport.parkNanos(PERIOD_NANOS);
            }
            tick();
        }
    }

    private static void tick() {
        for (Iterator<WeakReference<Control>> stores = STORES.iterator(); stores.hasNext(); ) {
            Control control = stores.next().get();
            if (control == null || control.isClosed()) {
                stores.remove();
            } else if (control.isBusy()) {
                control.requestPoll();
            }
        }
    }
}
