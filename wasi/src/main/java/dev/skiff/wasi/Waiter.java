package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import dev.skiff.linux.Polling;
import dev.skiff.wasm.Store;
import java.time.Duration;

/**
 * Waits in the kernel for descriptors and time, and no longer than the guest lives or until there is a signal for it: an
 * interruption of the guest and a signal make an event counter readable that is part of every wait. Belongs to the guest's
 * thread, except these two.
 */
final class Waiter implements AutoCloseable {
    /** The longest single wait; keeps the arithmetic in range. */
    private static final long LONGEST = Duration.ofDays(365).toNanos();

    private final Lifetime lifetime;
    private final GuestSignals signals;
    private Alarm alarm;
    private Store.Registration ringing;
    private long set;
    private int capacity;

    Waiter(Lifetime lifetime, GuestSignals signals) {
        this.lifetime = lifetime;
        this.signals = signals;
    }

    /**
     * Waits until a descriptor is ready.
     *
     * @param events {@link Polling} events; an error or a closed other end counts as ready
     * @throws Failure EINTR if there is a signal for the guest
     * @throws dev.skiff.wasm.Trap if the guest ends first
     */
    void await(int fd, int events) {
        reserve(1);
        put(0, fd, events);
        while (waitFor(1, Polling.FOREVER) == 0) {
            // Woken without an event, and the guest goes on.
        }
    }

    /** Makes room for so many descriptors in {@link #put}. */
    void reserve(int count) {
        if (count + 1 > capacity) {
            NativeMemory.free(set);
            capacity = Math.max(8, count + 1);
            set = NativeMemory.allocate((long) capacity * Polling.SIZE);
        }
    }

    /** Sets what to wait for at an index, from 0; a negative descriptor is never ready. */
    void put(int index, int fd, int events) {
        Polling.put(set, index, fd, events);
    }

    /** The events seen at an index. */
    int seen(int index) {
        return Polling.seen(set, index);
    }

    /**
     * Waits for the first descriptors that were put.
     *
     * @param count how many
     * @param nanos longest wait, 0 only to look, {@link Polling#FOREVER}
     * @return how many are ready; 0 after the time, or before it when something else ended the wait
     * @throws Failure EINTR if it had to wait and there is a signal for the guest, which is still to be delivered
     * @throws dev.skiff.wasm.Trap if the guest ends first
     */
    int waitFor(int count, long nanos) {
        if (nanos == 0) {
            return poll(count, 0);
        }
        arm();
        lifetime.checkpoint();
        if (signals.forbidWaiting()) {
            return orInterrupted(poll(count, 0));
        }
        int ready = pollWithAlarm(count, nanos);
        lifetime.checkpoint();
        return orInterrupted(ready);
    }

    /**
     * Waits for a time, whatever signals there are.
     *
     * @param nanos how long; 0 or less for not at all
     * @throws dev.skiff.wasm.Trap if the guest ends first
     */
    void rest(long nanos) {
        long start = System.nanoTime();
        for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
            arm();
            reserve(0);
            lifetime.checkpoint();
            pollWithAlarm(0, left);
            lifetime.checkpoint();
        }
    }

    private void arm() {
        if (alarm == null) {
            alarm = new Alarm();
            Runnable ring = alarm::ring;
            ringing = lifetime.onInterrupt(ring);
            signals.onRaise(ring);
        }
    }

    private int pollWithAlarm(int count, long nanos) {
        Polling.put(set, count, alarm.counter, Polling.IN);
        int ready = poll(count + 1, cap(nanos));
        if (Polling.seen(set, count) != 0) {
            ready--;
            // Before the look at what it rang for: what comes after that rings again.
            alarm.silence();
        }
        return ready;
    }

    private int orInterrupted(int ready) {
        if (ready == 0 && signals.forbidWaiting()) {
            throw Errno.EINTR.failure();
        }
        return ready;
    }

    /**
     * After a failed attempt with a descriptor: returns if there should be another, when the descriptor may be ready or
     * because a signal ended the first; throws the failure otherwise.
     */
    void recover(LinuxException failure, int fd, int events, boolean nonblocking) {
        switch (failure.errno()) {
            case EINTR -> {}
            case EAGAIN -> {
                if (nonblocking) {
                    throw failure;
                }
                await(fd, events);
            }
            default -> throw failure;
        }
    }

    private int poll(int count, long nanos) {
        try {
            return Polling.poll(set, count, nanos);
        } catch (LinuxException e) {
            if (e.errno() == dev.skiff.linux.Errno.EINTR) {
                clearSeen(count);
                return 0;
            }
            throw e;
        }
    }

    private void clearSeen(int count) {
        for (int i = 0; i < count; i++) {
            NativeMemory.putShort(set + (long) i * Polling.SIZE + 6, 0);
        }
    }

    private long cap(long nanos) {
        long wanted = nanos < 0 ? LONGEST : Math.min(nanos, LONGEST);
        Duration left = lifetime.timeLeft().orElse(null);
        if (left == null || left.compareTo(Duration.ofNanos(LONGEST)) > 0) {
            return wanted;
        }
        return Math.max(0, Math.min(wanted, left.toNanos()));
    }

    @Override
    public void close() {
        if (alarm != null) {
            signals.close();
            ringing.close();
            alarm.close();
        }
        NativeMemory.free(set);
        set = 0;
        capacity = 0;
    }

    /** The counter, which another thread may ring while the guest's thread closes it. */
    private static final class Alarm {
        final int counter = Descriptors.eventCounter(Descriptors.EFD_CLOEXEC | Descriptors.EFD_NONBLOCK);
        private boolean closed;

        synchronized void ring() {
            if (!closed) {
                Descriptors.addEvent(counter);
            }
        }

        void silence() {
            Descriptors.takeEvents(counter);
        }

        synchronized void close() {
            if (!closed) {
                closed = true;
                Descriptors.close(counter);
            }
        }
    }
}
