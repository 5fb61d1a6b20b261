package dev.skiff.host;

import dev.skiff.host.ExecutionState.Ended;
import dev.skiff.host.ExecutionState.Paused;
import dev.skiff.host.ExecutionState.Prepared;
import dev.skiff.host.ExecutionState.Running;
import dev.skiff.host.ExecutionState.Started;
import dev.skiff.host.ExecutionState.Stopping;
import dev.skiff.linux.Clocks;
import dev.skiff.wasi.GuestSignals;
import dev.skiff.wasi.Signals;
import dev.skiff.wasi.Wasi;
import dev.skiff.wasi.WasiConfig;
import dev.skiff.wasm.CpuThrottling;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.InstanceTemplate;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.Store;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One run of a workload, from its beginning to its end. Thread-safe. It runs once: either with {@link #run} on the
 * caller's time, or with {@link #start} and {@link #await}.
 */
public final class Execution implements AutoCloseable {
    private final Engine engine;
    private final Workload workload;
    private final InstanceTemplate template;
    private final EntryCall entry;
    private final OpenListeners listeners;
    private final Preparation preparation;
    private final GuestSignals signals = new GuestSignals();
    private final boolean knowsSignals;
    private final CountDownLatch ended = new CountDownLatch(1);
    private ExecutionState state = new Prepared(false);
    private Limits limits;
    private volatile List<String> results = List.of();
    private volatile Optional<Thread> guest = Optional.empty();
    private volatile CpuThrottling throttling = CpuThrottling.NONE;
    private final AtomicLong cpuNanos = new AtomicLong();

    Execution(
            Engine engine,
            Workload workload,
            InstanceTemplate template,
            EntryCall entry,
            OpenListeners listeners,
            Preparation preparation) {
        this.engine = engine;
        this.workload = workload;
        limits = workload.limits();
        this.template = template;
        this.entry = entry;
        this.listeners = listeners;
        this.preparation = preparation;
        knowsSignals = GuestSignals.areKnownTo(template.module());
    }

    /** What runs. */
    public Workload workload() {
        return workload;
    }

    /** The module that runs. */
    public Module module() {
        return template.module();
    }

    /** When it was made ready. */
    public Preparation preparation() {
        return preparation;
    }

    /** Where it is in its life. */
    public synchronized ExecutionState state() {
        return state;
    }

    /** How it ended, if it has. */
    public Optional<ExitStatus> status() {
        return state() instanceof Ended end ? Optional.of(end.status()) : Optional.empty();
    }

    /** Where its sockets listen, with the ports that the system chose. */
    public List<Listener> listening() {
        return listeners.listening();
    }

    /** What the function that was invoked returned, as text; empty before the end and for commands. */
    public List<String> results() {
        return results;
    }

    /**
     * Runs the guest to its end, on a thread with the stack that its limits say, while the caller waits.
     *
     * @return how it ended; no failure of the guest is thrown
     * @throws IllegalStateException if it runs already
     */
    public ExitStatus run() {
        Optional<Store> store = begin();
        if (store.isPresent()) {
            end(runIn(store.get()));
        }
        return status().orElseThrow();
    }

    /**
     * Starts the guest and returns.
     *
     * @throws IllegalStateException if it runs already
     */
    public void start() {
        begin().ifPresent(store -> Thread.ofVirtual().name("execution").start(() -> end(runIn(store))));
    }

    /** Waits for the end. */
    public ExitStatus await() throws InterruptedException {
        ended.await();
        return status().orElseThrow();
    }

    /** Waits for the end, but not for longer than a time; empty if that was not enough. */
    public Optional<ExitStatus> await(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS) ? status() : Optional.empty();
    }

    /**
     * Ends the guest, as a signal does that nothing handles, whether it knows signals or not; it is over within milliseconds unless it is in a system call that cannot
     * be interrupted. Its status is 128 plus the signal. Does nothing if it has ended or is stopping already.
     *
     * @param signal the signal's number, 1 to 64
     */
    public void stop(int signal) {
        ExecutionState now;
        synchronized (this) {
            become(state.stopped(signal));
            now = state;
        }
        if (now instanceof Stopping stopping) {
            stopping.store().interrupt();
        }
    }

    /** Whether the guest knows signals, and decides itself what becomes of it; see {@link GuestSignals}. */
    public boolean knowsSignals() {
        return knowsSignals;
    }

    /**
     * Gives the guest a signal, as kill(2). One that knows signals gets all that a program can know: at its next call of
     * WASI, which may be long after if it computes, is paused or has not begun. Otherwise, and by SIGKILL, it is stopped as
     * {@link #stop} says if the signal is one that ends a process; the others do nothing. Does nothing after the end.
     *
     * @param signal the signal's number, 1 to 64
     * @throws IllegalArgumentException if there is no such signal
     */
    public void signal(int signal) {
        ExitStatus.Signalled.check(signal);
        if (knowsSignals && Signals.canBeHandled(signal)) {
            signals.raise(signal);
        } else if (Signals.ends(signal)) {
            stop(signal);
        }
    }

    /**
     * Lets the guest wait until {@link #resume}; see {@link Store#pause}. One that has not begun waits when it does. Does
     * nothing if it waits, is stopping or has ended already.
     */
    public synchronized void pause() {
        become(state.paused());
        if (state instanceof Paused paused) {
            paused.store().pause();
        }
    }

    /** Lets the guest go on after {@link #pause}; otherwise does nothing. */
    public synchronized void resume() {
        become(state.resumed());
        if (state instanceof Running running) {
            running.store().resume();
        }
    }

    /** What it may use, with the changes up to now. */
    public synchronized Limits limits() {
        return limits;
    }

    /**
     * Sets another limit of memory, for growth from now on; see {@link Store#changeMaxMemoryBytes}. Does nothing
     * after the end.
     *
     * @throws IllegalArgumentException if it is out of range, or over the limits' {@link Limits#memoryCeilingBytes}, which
     *     must be there for a limit that is raised once the guest runs
     */
    public void changeMaxMemoryBytes(long bytes) {
        change(before -> before.withMaxMemoryBytes(bytes), store -> store.changeMaxMemoryBytes(bytes));
    }

    /**
     * Sets another share of a processor, or none, from now on; see {@link Store#changeCpuQuota}. Does nothing after the end.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public void changeCpuQuota(OptionalDouble share) {
        change(before -> before.withCpuQuota(share), store -> store.changeCpuQuota(share));
    }

    /**
     * Sets another weight, from now on; see {@link Store#changeCpuShares}. Does nothing after the end.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public void changeCpuShares(int shares) {
        change(before -> before.withCpuShares(shares), store -> store.changeCpuShares(shares));
    }

    private synchronized void change(UnaryOperator<Limits> beforeTheStart, Consumer<Store> afterwards) {
        if (state instanceof Prepared) {
            limits = beforeTheStart.apply(limits);
        } else if (state instanceof Started started) {
            afterwards.accept(started.store());
            limits = started.store().limits();
        }
    }

    /** Empty if it is over, for example because it was stopped before it began. */
    private synchronized Optional<Store> begin() {
        if (state instanceof Started) {
            throw new IllegalStateException("this execution runs already");
        }
        if (state instanceof Prepared prepared) {
            Store store = new Store(engine, limits);
            become(prepared.toStarted(store));
            if (prepared.waits()) {
                store.pause();
            }
            return Optional.of(store);
        }
        return Optional.empty();
    }

    private ExitStatus runIn(Store store) {
        try (store;
                listeners) {
            return store.runOnGuestThread(() -> {
                guest = Optional.of(Thread.currentThread());
                Wasi.attach(store, wasiConfig(), signals);
                try {
                    Instance instance = template.instantiate(store);
                    if (knowsSignals) {
                        signals.deliverTo(instance);
                    }
                    results = entry.call(instance);
                    return ExitStatus.Exited.SUCCESS;
                } finally {
                    // Nobody can ask for that of a thread that is no more.
                    usedCpu(Clocks.time(Clocks.THREAD_CPU));
                }
            });
        } catch (RuntimeException | Error e) {
            return Endings.of(e, store.limits(), store.refusedGrows());
        } finally {
            throttling = store.cpuThrottling();
        }
    }

    /** What it uses. The first call for any execution takes some milliseconds. */
    public Usage usage() {
        guest.map(thread -> ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId()))
                // Of a thread that is no more it is -1.
                .filter(nanos -> nanos >= 0)
                .ifPresent(this::usedCpu);
        Duration cpu = Duration.ofNanos(cpuNanos.get());
        return state() instanceof Started started
                ? new Usage(started.store().memoryBytes(), cpu, started.store().cpuThrottling())
                : new Usage(0, cpu, throttling);
    }

    /** It never decreases, whoever of several comes last. */
    private void usedCpu(long nanos) {
        cpuNanos.accumulateAndGet(nanos, Math::max);
    }

    private WasiConfig wasiConfig() {
        WasiConfig.Builder config = WasiConfig.builder()
                .args(workload.arguments())
                .stdin(workload.stdio().in())
                .stdout(workload.stdio().out())
                .stderr(workload.stdio().err());
        workload.environment().forEach(config::env);
        workload.directories().forEach(config::directory);
        listeners.descriptors().forEach(config::listener);
        workload.user().ifPresent(config::user);
        return config.build();
    }

    private synchronized void end(ExitStatus status) {
        if (!(state instanceof Started started)) {
            throw new IllegalStateException("an execution cannot end unless it runs");
        }
        become(started.toEnded(status));
    }

    /** Gives back what was opened for a run that never began; one that runs gives it back at its end. */
    @Override
    public void close() {
        if (!(state() instanceof Started)) {
            listeners.close();
        }
    }

    private void become(ExecutionState next) {
        state = next;
        if (next instanceof Ended) {
            ended.countDown();
        }
    }
}
