package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.CpuThrottling;
import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.LimitException.Limit;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * What stops and limits the guests of a store. Functions when they start, and loops in each round, look at {@link
 * GuestInstance#stop}, which {@link #interrupt}, {@link #pause} and the {@link Ticker} set, and then call {@link #poll}:
 * there interruption, the deadline, pauses, the CPU quota and the time slice are looked at. Where fuel is limited, the code
 * counts it instead, in loops and functions alike, and calls {@link #refuel}. One thread at a time, but for what says so.
 */
public final class Control {
    /** Units of fuel, an instruction each, that are handed out at once: 10 to 100 microseconds, compiled. */
    private static final int CHUNK = 100_000;

    /** What a reference takes at most. */
    private static final long ELEMENT_BYTES = 8;

    private static final long NONE = Long.MAX_VALUE;
    private static final long SLICE_NANOS = 5_000_000;

    private volatile Limits limits;
    private final boolean metered;
    private final Brake brake;
    private final CpuShares shares;

    private volatile boolean interrupted;
    private final List<OnInterrupt> onInterrupt = new CopyOnWriteArrayList<>();
    private volatile long deadline = NONE;
    private long fuel;
    private long sliceEnd;
    private long memoryBytes;
    private long refusedGrows;
    private long tableElements;
    private volatile GuestInstance[] instances = {};
    private final AtomicBoolean ticking = new AtomicBoolean();
    private Windows windows;

    private static final Thread CLOSED = Thread.ofPlatform().unstarted(() -> {});
    private static final VarHandle USER;

    static {
        try {
            USER = MethodHandles.lookup().findVarHandle(Control.class, "user", Thread.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** The thread that runs guests of the store now. */
    private volatile Thread user;

    private int depth;
    private volatile Runnable closing;

    public Control(Limits limits) {
        this.limits = limits;
        metered = limits.fuel().isPresent();
        fuel = limits.fuel().orElse(0);
        brake = new Brake(limits.cpuQuota());
        shares = new CpuShares(limits.cpuShares());
        limits.timeout().ifPresent(this::setTimeout);
    }

    /**
     * Takes the store for the current thread, which may have it already.
     *
     * @return what {@link #exit} wants
     * @throws IllegalStateException if another thread has it, or it is closed
     */
    public int enter() {
        Thread current = Thread.currentThread();
        if (user == current) {
            return depth++;
        }
        if (!USER.compareAndSet(this, null, current)) {
            throw new IllegalStateException(
                    user == CLOSED ? "the store is closed" : "the store is in use by another thread");
        }
        depth = 1;
        tickFor(current);
        return 0;
    }

    private void tickFor(Thread guest) {
        if (deadline != NONE || brake.hasQuota() || guest.isVirtual()) {
            tick();
        }
    }

    private void tick() {
        if (!ticking.get() && ticking.compareAndSet(false, true)) {
            Ticker.add(this);
        }
    }

    /** The ticker leaves the store alone from now on, unless its guests just started to run. */
    void ticked() {
        ticking.set(false);
        if (isRunning()) {
            tick();
        }
    }

    /** Gives the store back to what it was before {@link #enter}. */
    public void exit(int before) {
        depth = before;
        if (before == 0) {
            user = null;
            if (closing != null) {
                tryClose();
            }
        }
    }

    /** Whether the store is closed. Any thread. */
    boolean isClosed() {
        return user == CLOSED;
    }

    /** Whether the current thread is inside a call of a guest. */
    public boolean isEntered() {
        return user == Thread.currentThread();
    }

    /** Closes the store now, or interrupts its guests and closes it when they have ended. */
    public void close(Runnable free) {
        closing = free;
        if (!tryClose()) {
            interrupt();
            tryClose();
        }
    }

    private boolean tryClose() {
        if (!USER.compareAndSet(this, null, CLOSED)) {
            return user == CLOSED;
        }
        closing.run();
        return true;
    }

    /** As they are now. Any thread. */
    public Limits limits() {
        return limits;
    }

    /** Growth is held to another limit from now on. Any thread. */
    public synchronized void changeMaxMemoryBytes(long bytes) {
        limits = limits.withMemoryCeilingBytes(limits.mostMemoryBytes()).withMaxMemoryBytes(bytes);
    }

    /** Guests are held to another share of a processor, or to none, from now on. Any thread. */
    public synchronized void changeCpuQuota(OptionalDouble share) {
        limits = limits.withCpuQuota(share);
        brake.changeQuota(share);
        requestPoll();
        wake();
    }

    /** The guests have another weight from now on. Any thread. */
    public synchronized void changeCpuShares(int to) {
        limits = limits.withCpuShares(to);
        shares.change(to);
    }

    /** Runs an action on the calling thread with the guests' weight. */
    public void runWithShares(Runnable action) {
        shares.begin();
        try {
            action.run();
        } finally {
            shares.end();
        }
    }

    /** Any thread. */
    public CpuThrottling cpuThrottling() {
        return brake.throttling();
    }

    /**
     * Hands out the next chunk.
     *
     * @param left what is left of the one before; negative by what was done ahead
     * @throws Trap if the guest has to end
     */
    public int refuel(int left) {
        poll();
        long available = fuel + left;
        if (available < 0) {
            fuel = available;
            throw new Trap(TrapCode.OUT_OF_FUEL);
        }
        int chunk = (int) Math.min(CHUNK, available);
        fuel = available - chunk;
        return chunk;
    }

    /**
     * Looks at everything but fuel; waits where the guest is paused or over its quota, yields where its slice is over.
     *
     * @throws Trap if the guest has to end
     */
    public void poll() {
        checkpoint();
        if (brake.isPaused() || brake.hasQuota()) {
            brake.hold(this);
        }
        if (Thread.currentThread().isVirtual()) {
            yieldAfterSlice();
        }
    }

    /** Makes the guests of the store poll soon. Any thread. */
    void requestPoll() {
        for (GuestInstance instance : instances) {
            instance.stop = 1;
        }
    }

    /** Whether guests run now and are not paused. Any thread. */
    boolean isRunning() {
        Thread now = user;
        return now != null && now != CLOSED && !brake.isPaused();
    }

    /** Guests wait at their next look until they are resumed, interrupted, or out of time. Any thread. */
    public void pause() {
        brake.pause();
        requestPoll();
    }

    /** Guests go on. Any thread. */
    public void resume() {
        brake.resume();
        wake();
    }

    /** Any thread. */
    public boolean paused() {
        return brake.isPaused();
    }

    /** A guest that {@link #park}s looks again why. The ticker may have left it meanwhile. */
    private void wake() {
        Thread guest = user;
        if (guest != null) {
            LockSupport.unpark(guest);
            tickFor(guest);
        }
    }

    private void yieldAfterSlice() {
        long now = System.nanoTime();
        if (now - sliceEnd > 0) {
            // A yield goes back to the carrier's own queue, where it may be taken again before any newcomer for ever.
            LockSupport.parkNanos(1_000);
            sliceEnd = System.nanoTime() + SLICE_NANOS;
        }
    }

    /** Throws the trap if the guest is to be stopped now. */
    public void checkpoint() {
        if (interrupted) {
            throw new Trap(TrapCode.INTERRUPTED);
        }
        if (deadline != NONE && System.nanoTime() - deadline >= 0) {
            throw new Trap(TrapCode.DEADLINE_EXCEEDED);
        }
    }

    /** How many calls of guests are under way. */
    public int depth() {
        return depth;
    }

    public void interrupt() {
        interrupted = true;
        requestPoll();
        wake();
        onInterrupt.forEach(OnInterrupt::run);
    }

    public boolean interrupted() {
        return interrupted;
    }

    /** Registers an action; the answer unregisters it. Any thread. */
    public Store.Registration onInterrupt(Runnable action) {
        OnInterrupt registered = new OnInterrupt(action);
        onInterrupt.add(registered);
        if (interrupted) {
            registered.run();
        }
        return registered;
    }

    /** An action in the list; each has an identity of its own, so that the same action can be there twice. */
    private final class OnInterrupt implements Store.Registration {
        private final Runnable action;

        OnInterrupt(Runnable action) {
            this.action = action;
        }

        void run() {
            action.run();
        }

        @Override
        public void close() {
            onInterrupt.remove(this);
        }
    }

    public void setTimeout(java.time.Duration fromNow) {
        long nanos;
        try {
            nanos = fromNow.toNanos();
        } catch (ArithmeticException tooLong) {
            nanos = NONE / 2;
        }
        deadline = System.nanoTime() + Math.min(nanos, NONE / 2);
        if (isEntered()) {
            tick();
        }
    }

    /** Nanoseconds until the deadline, or {@link Long#MAX_VALUE} without one. */
    public long nanosLeft() {
        return deadline == NONE ? NONE : deadline - System.nanoTime();
    }

    public boolean metered() {
        return metered;
    }

    /** Fuel that is not handed out. */
    public long fuel() {
        return fuel;
    }

    public void addFuel(long units) {
        if (metered) {
            fuel = fuel > Long.MAX_VALUE - units ? Long.MAX_VALUE : fuel + units;
        }
    }

    // What guests have in total. Sizes are those that guests see, not what the system has to give for them.

    public void add(GuestInstance instance) {
        GuestInstance[] before = instances;
        if (before.length >= limits.maxInstances()) {
            throw new LimitException(
                    Limit.INSTANCES,
                    "there are " + before.length + " instances already, and the limit is " + limits.maxInstances());
        }
        GuestInstance[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = instance;
        instances = after;
        if (interrupted || brake.isPaused()) {
            instance.stop = 1;
        }
    }

    public void remove(GuestInstance instance) {
        instances = Arrays.stream(instances).filter(i -> i != instance).toArray(GuestInstance[]::new);
    }

    /** The instances of the store. */
    public GuestInstance[] instances() {
        return instances;
    }

    public void reserveMemory(long bytes) {
        if (!tryReserveMemory(bytes)) {
            throw new LimitException(
                    Limit.MEMORY,
                    "a memory of " + bytes + " bytes is over the limit of " + limits.maxMemoryBytes() + " bytes"
                            + inUse(memoryBytes));
        }
    }

    public boolean tryReserveMemory(long bytes) {
        // The limit may have become less than what is in use; no more than that still fits.
        if (bytes > Math.max(0, limits.maxMemoryBytes() - memoryBytes)) {
            return false;
        }
        memoryBytes += bytes;
        return true;
    }

    public void releaseMemory(long bytes) {
        memoryBytes -= bytes;
    }

    public long memoryBytes() {
        return memoryBytes;
    }

    void countRefusedGrow() {
        refusedGrows++;
    }

    /** How often a memory could not grow because of the limits. */
    public long refusedGrows() {
        return refusedGrows;
    }

    public void reserveTable(long elements) {
        if (!hasRoomInTables(elements)) {
            throw new LimitException(
                    Limit.TABLE_ELEMENTS,
                    "a table of " + elements + " elements is over the limit of " + limits.maxTableElements()
                            + " elements" + inUse(tableElements));
        }
        if (!tryReserveTable(elements)) {
            throw new LimitException(
                    Limit.MEMORY,
                    "a table of " + elements + " elements, " + elements * ELEMENT_BYTES
                            + " bytes, is over the limit of " + limits.maxMemoryBytes() + " bytes"
                            + inUse(memoryBytes));
        }
    }

    private static String inUse(long amount) {
        return amount == 0 ? "" : ", of which " + amount + " are in use";
    }

    public boolean tryReserveTable(long elements) {
        if (!hasRoomInTables(elements)) {
            return false;
        }
        if (!tryReserveMemory(elements * ELEMENT_BYTES)) {
            countRefusedGrow();
            return false;
        }
        tableElements += elements;
        return true;
    }

    private boolean hasRoomInTables(long elements) {
        return elements <= limits.maxTableElements() - tableElements;
    }

    public void releaseTable(long elements) {
        tableElements -= elements;
        releaseMemory(elements * ELEMENT_BYTES);
    }

    /** The windows of the store's off-heap memories. */
    Windows windows() {
        if (windows == null) {
            windows = new Windows(this);
        }
        return windows;
    }

    /** Waits without using the processor until {@link #wake} or the deadline, but not for longer than a time. */
    void park(long nanos) {
        LockSupport.parkNanos(this, Math.min(nanos, nanosLeft()));
    }
}
