package dev.skiff.wasi;

import dev.skiff.linux.Polling;
import dev.skiff.wasm.Memory;

/**
 * One {@code poll_oneoff}: waits in the kernel until the first of its subscriptions comes true, then tells of all that
 * have. A subscription that cannot be waited for is an event with its error, and ends the wait.
 */
final class Poll {
    /** Bytes of the type {@code event} in the guest's memory. */
    static final int EVENT_SIZE = 32;

    private static final int HANGUP = 1;
    /** How long to sleep for a time of day at most, since that clock may be set meanwhile. */
    private static final long RECHECK = 1_000_000_000L;

    private final Wasi wasi;
    private final Subscription[] wanted;
    private final Outcome[] outcomes;

    /** What became of a subscription: an error code, bytes that are available, and the flags of the event. */
    private record Outcome(int errno, long bytes, int flags) {
        static final Outcome TRUE = new Outcome(0, 0, 0);
    }

    Poll(Wasi wasi, Subscription[] wanted) {
        this.wasi = wasi;
        this.wanted = wanted;
        outcomes = new Outcome[wanted.length];
    }

    /** Waits. */
    void run() {
        long[] deadlines = new long[wanted.length];
        boolean decided = prepare(deadlines);
        while (true) {
            long left = decided ? 0 : timeLeft(deadlines);
            int ready = wasi.waiter().waitFor(wanted.length, left);
            if (ready > 0) {
                takeReady();
            }
            if (decided | ready > 0 | takeTimes(deadlines)) {
                return;
            }
        }
    }

    /** Sets up the wait; answers whether something is true already. */
    private boolean prepare(long[] deadlines) {
        wasi.waiter().reserve(wanted.length);
        boolean decided = false;
        for (int i = 0; i < wanted.length; i++) {
            int fd = -1;
            int events = 0;
            try {
                switch (wanted[i]) {
                    case Subscription.Clock clock -> deadlines[i] = deadline(clock);
                    case Subscription.Fd on -> {
                        fd = pollDescriptor(i, on);
                        events = on.reads() ? Polling.IN : Polling.OUT;
                    }
                }
            } catch (Failure e) {
                outcomes[i] = new Outcome(e.errno().code(), 0, 0);
            }
            wasi.waiter().put(i, fd, events);
            decided |= outcomes[i] != null;
        }
        return decided;
    }

    private int pollDescriptor(int index, Subscription.Fd on) {
        Descriptor descriptor = wasi.fds().get(on.fd());
        if (!descriptor.has(Rights.POLL_FD_READWRITE)
                && !descriptor.has(on.reads() ? Rights.FD_READ : Rights.FD_WRITE)) {
            throw Errno.ENOTCAPABLE.failure();
        }
        int fd = descriptor.handle().pollDescriptor();
        if (fd == Handle.ALWAYS_READY) {
            outcomes[index] = new Outcome(0, on.reads() ? descriptor.handle().available() : 0, 0);
        }
        return fd;
    }

    /**
     * When a subscription comes true, as {@link System#nanoTime}; absolute times of day are looked at again and again.
     */
    private long deadline(Subscription.Clock clock) {
        long left = clock.absolute() ? wasi.clocks().until(clock.clock(), clock.timeout()) : relative(clock);
        return System.nanoTime() + Math.min(left, Long.MAX_VALUE / 2);
    }

    private long relative(Subscription.Clock clock) {
        // Asks only whether one can wait for the clock.
        wasi.clocks().until(clock.clock(), 0);
        return clock.timeout() < 0 ? Long.MAX_VALUE : clock.timeout();
    }

    private boolean isTimeOfDay(Subscription subscription) {
        return subscription instanceof Subscription.Clock clock
                && clock.absolute()
                && clock.clock() == GuestClocks.REALTIME;
    }

    private long timeLeft(long[] deadlines) {
        long left = Long.MAX_VALUE;
        long now = System.nanoTime();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] instanceof Subscription.Clock && outcomes[i] == null) {
                long until = Math.max(0, deadlines[i] - now);
                left = Math.min(left, isTimeOfDay(wanted[i]) ? Math.min(until, RECHECK) : until);
            }
        }
        return left == Long.MAX_VALUE ? Polling.FOREVER : left;
    }

    private boolean takeTimes(long[] deadlines) {
        boolean any = false;
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] instanceof Subscription.Clock clock && outcomes[i] == null) {
                if (isTimeOfDay(clock)) {
                    deadlines[i] = deadline(clock);
                }
                if (deadlines[i] - System.nanoTime() <= 0) {
                    outcomes[i] = Outcome.TRUE;
                    any = true;
                }
            }
        }
        return any;
    }

    private void takeReady() {
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] instanceof Subscription.Fd on && outcomes[i] == null) {
                int seen = wasi.waiter().seen(i);
                if (seen != 0) {
                    outcomes[i] = outcome(on, seen);
                }
            }
        }
    }

    private Outcome outcome(Subscription.Fd on, int seen) {
        if ((seen & Polling.INVALID) != 0) {
            return new Outcome(Errno.EBADF.code(), 0, 0);
        }
        long bytes = on.reads() ? wasi.fds().get(on.fd()).handle().available() : 0;
        return new Outcome(0, bytes, (seen & (Polling.HANGUP | Polling.ERROR)) != 0 ? HANGUP : 0);
    }

    /** Writes the events of what came true; answers how many. */
    int writeEvents(Memory memory, long pointer) {
        int count = 0;
        for (int i = 0; i < wanted.length; i++) {
            Outcome outcome = outcomes[i];
            if (outcome != null) {
                long at = pointer + (long) count++ * EVENT_SIZE;
                memory.putLong(at, wanted[i].userdata());
                memory.putLong(at + 8, outcome.errno() | (long) wanted[i].type() << 16);
                memory.putLong(at + 16, outcome.bytes());
                memory.putLong(at + 24, outcome.flags());
            }
        }
        return count;
    }
}
