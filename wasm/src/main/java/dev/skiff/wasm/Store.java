package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.Control;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import dev.skiff.wasm.internal.runtime.Transfer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * What the guests of one workload share: the limits, what is left of them, and the data of host functions. Closing it
 * frees the memories of all its instances at once. Belongs to one thread at a time: a call from a second one throws.
 * What says so is for any thread: {@link #interrupt}, {@link #pause}, {@link #changeMaxMemoryBytes}, {@link #close} and others.
 */
public final class Store implements AutoCloseable {
    private final Engine engine;
    private final Control control;
    private final Transfer transfer = new Transfer();
    private final Map<Class<?>, Object> data = new LinkedHashMap<>(2);
    // The data asked for last, because host functions ask for the same again and again.
    private Class<?> lastType;
    private Object lastData;
    private volatile boolean closed;

    /**
     * Creates an empty store.
     *
     * @param engine the engine of all modules to come
     * @param limits what its guests may use
     */
    public Store(Engine engine, Limits limits) {
        this.engine = engine;
        control = new Control(limits);
    }

    /** The engine. */
    public Engine engine() {
        return engine;
    }

    /** What its guests may use, with the changes up to now. Any thread may ask. */
    public Limits limits() {
        return control.limits();
    }

    /**
     * Changes {@link Limits#maxMemoryBytes}: memories and tables grow up to the new limit from now on. Where that is less than they
     * have already, they keep it and cannot grow. Any thread may call this.
     *
     * @throws IllegalArgumentException if it is negative, or over what {@link Limits#mostMemoryBytes} was at first
     */
    public void changeMaxMemoryBytes(long bytes) {
        control.changeMaxMemoryBytes(bytes);
    }

    /**
     * Changes {@link Limits#cpuQuota}, or lifts it: guests are held to the new share within 10 ms, and what they used before
     * does not count against it. Any thread may call this.
     *
     * @throws IllegalArgumentException if it is not over 0 and up to 1
     */
    public void changeCpuQuota(OptionalDouble share) {
        control.changeCpuQuota(share);
    }

    /**
     * Changes {@link Limits#cpuShares} of its guests on threads of {@link #runOnGuestThread}, from now on. Any thread may call this.
     *
     * @throws IllegalArgumentException if they are out of range
     */
    public void changeCpuShares(int shares) {
        control.changeCpuShares(shares);
    }

    /** How its guests were held back by their share of a processor. Any thread may ask. */
    public CpuThrottling cpuThrottling() {
        return control.cpuThrottling();
    }

    /**
     * Lets whatever runs in the store wait, and later calls too, until {@link #resume}, without using the processor. A guest
     * waits within 10 ms; one that is in a host function does that to its end first, and waits before it does much else.
     * {@link #interrupt}, {@link #close} and its deadline end a guest that waits: the time of a pause counts for a deadline,
     * but not for a CPU quota. Idempotent. Any thread may call this.
     */
    public void pause() {
        control.pause();
    }

    /** Lets the guests go on after {@link #pause}. Idempotent; does nothing before it. Any thread may call this. */
    public void resume() {
        control.resume();
    }

    /** Whether {@link #pause} was called, and {@link #resume} not since. Any thread may ask. */
    public boolean paused() {
        return control.paused();
    }

    /**
     * Ends whatever runs in the store with {@link TrapCode#INTERRUPTED}, within 10 ms; later calls end the same way. Any
     * thread may call this, more than once.
     */
    public void interrupt() {
        control.interrupt();
    }

    /** Whether {@link #interrupt} was called. Any thread may ask. */
    public boolean interrupted() {
        return control.interrupted();
    }

    /**
     * Registers an action that ends a host function's blocking wait: {@link #interrupt} runs it, on the interrupting
     * thread, or at once if the store is interrupted already. Any number of actions may be registered, by any thread. An
     * action must neither block nor throw, and may run more than once.
     *
     * @return unregisters the action; it stays registered as long as the store lives if that is never closed
     */
    public Registration onInterrupt(Runnable action) {
        return control.onInterrupt(action);
    }

    /** What was registered with a store. */
    public interface Registration extends AutoCloseable {
        /**
         * Unregisters it. Idempotent, from any thread. Does not wait for an action that another thread runs at the moment.
         */
        @Override
        void close();
    }

    /**
     * For host functions: ends the guest if the store is interrupted or its deadline has passed.
     *
     * @throws Trap with the code that says which
     */
    public void checkpoint() {
        control.checkpoint();
    }

    /** Time until the deadline, if there is one; negative when it has passed. Host functions that wait cap their waits. */
    public Optional<Duration> timeLeft() {
        long nanos = control.nanosLeft();
        return nanos == Long.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
    }

    /** Sets a new deadline, counted from now, in place of the one before. */
    public void setTimeout(Duration fromNow) {
        control.setTimeout(fromNow);
    }

    /** What is left of the fuel, if it is limited. */
    public OptionalLong fuelLeft() {
        if (!control.metered()) {
            return OptionalLong.empty();
        }
        long left = control.fuel();
        for (GuestInstance instance : control.instances()) {
            left += instance.fuel;
        }
        return OptionalLong.of(Math.max(left, 0));
    }

    /** Adds fuel to a store whose fuel is limited; does nothing to another. */
    public void addFuel(long units) {
        if (units < 0) {
            throw new IllegalArgumentException("fuel to add must not be negative: " + units);
        }
        control.addFuel(units);
    }

    /** Bytes that the store's memories and tables have now, by the sizes that guests see; 8 for each element of a table. */
    public long memoryBytes() {
        return control.memoryBytes();
    }

    /**
     * How often a memory or table of the store could not grow because of {@link Limits#maxMemoryBytes}, whoever asked. A guest
     * that traps after that has probably run out of memory. What may not grow by its own type does not count.
     */
    public long refusedGrows() {
        return control.refusedGrows();
    }

    /**
     * Data of a host module, found by its class: one value for each class. Meant for the hot path of host functions.
     *
     * @throws IllegalStateException if there is none
     */
    public <T> T data(Class<T> type) {
        if (lastType == type) {
            return type.cast(lastData);
        }
        Object found = data.get(type);
        if (found == null) {
            throw new IllegalStateException("the store has no data of " + type);
        }
        lastType = type;
        lastData = found;
        return type.cast(found);
    }

    /** Sets the data of a host module. A value that is {@link AutoCloseable} is closed with the store. */
    public <T> void setData(Class<T> type, T value) {
        data.put(type, type.cast(value));
        lastType = null;
    }

    /**
     * Runs an action that calls guests on a new platform thread whose stack has the size that the limits say, and waits
     * for it. What the action throws is thrown here. Interrupting the waiting thread interrupts the store.
     */
    public <T> T runOnGuestThread(Supplier<T> action) {
        AtomicReference<T> result = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        control.runWithShares(() -> result.set(action.get()));
                    } catch (Throwable thrown) {
                        failure.set(thrown);
                    }
                },
                "skiff-guest",
                limits().stackBytes());
        thread.setDaemon(true);
        thread.start();
        boolean interruptedHere = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interruptedHere = true;
                interrupt();
            }
        }
        if (interruptedHere) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw Traps.<RuntimeException>rethrow(failure.get());
        }
        return result.get();
    }

    /**
     * Frees the memories of all instances and closes the data; a closed store cannot run guests. Idempotent, from any
     * thread: guests that are running are interrupted, and the store is freed when they have ended.
     */
    @Override
    public void close() {
        if (!closed) {
            control.close(this::free);
        }
    }

    private void free() {
        if (closed) {
            return;
        }
        closed = true;
        for (GuestInstance instance : control.instances()) {
            instance.instance().release();
        }
        RuntimeException failed = null;
        for (Object value : data.values()) {
            if (value instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (Exception failure) {
                    RuntimeException wrapped = new IllegalStateException(
                            "closing " + value.getClass().getName() + " failed", failure);
                    if (failed == null) {
                        failed = wrapped;
                    } else {
                        failed.addSuppressed(wrapped);
                    }
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Runs an action while no guest runs. */
    void whileIdle(Runnable action) {
        if (control.isEntered()) {
            throw new IllegalStateException("guests of the store are running");
        }
        int before = control.enter();
        try {
            // The start function of a reset instance may run here.
            action.run();
        } finally {
            control.exit(before);
        }
    }

    Control control() {
        return control;
    }

    Transfer transfer() {
        return transfer;
    }
}
