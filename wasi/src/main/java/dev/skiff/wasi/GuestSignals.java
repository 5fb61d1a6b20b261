package dev.skiff.wasi;

import dev.skiff.wasm.ExportType;
import dev.skiff.wasm.Func;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.NumType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Signals for a guest that knows them: whose module exports {@link #HANDLER} as a function of type {@code (i32) -> ()}, as toolchains for WASIX make
 * it. The guest's own thread calls it with the number of each signal, the lowest first: at the beginning of a call of WASI, or when a signal ends a
 * call that waits, which then answers EINTR. A call that begins with a handler does not wait either, so that a guest that looks whether there was a signal
 * right before it waits misses none. While a handler runs, other signals wait; the same signal waits only once.
 *
 * <p>Signals can be raised by any thread, before the guest is there too. The rest belongs to the guest's thread.
 */
public final class GuestSignals {
    /** The name of the function that is called. */
    public static final String HANDLER = "__wasm_signal";

    private static final FuncType TYPE = new FuncType(List.of(NumType.I32), List.of());

    /** Signals that wait, each the bit of its number less 1. */
    private final AtomicLong raised = new AtomicLong();

    private volatile Optional<Runnable> alarm = Optional.empty();
    private Optional<Func> handler = Optional.empty();
    private boolean handling;
    private boolean handled;

    /** Without a handler yet; see {@link #deliverTo}. */
    public GuestSignals() {}

    /** Whether the guests of a module know signals. */
    public static boolean areKnownTo(Module module) {
        for (ExportType export : module.exports()) {
            if (export.name().equals(HANDLER)) {
                return TYPE.equals(export.type());
            }
        }
        return false;
    }

    /**
     * Has the guest's handler called from its next call of WASI on.
     *
     * @throws IllegalArgumentException if its module has none
     */
    public void deliverTo(Instance instance) {
        if (!areKnownTo(instance.module())) {
            throw new IllegalArgumentException("the module does not export " + HANDLER + " as " + TYPE);
        }
        handler = instance.func(HANDLER);
    }

    /**
     * Lets a signal wait for the guest, whose wait in a call ends. Any thread.
     *
     * @throws IllegalArgumentException if there is no such signal, or no guest can know it
     */
    public void raise(int signal) {
        if (!Signals.isSignal(signal) || !Signals.canBeHandled(signal)) {
            throw new IllegalArgumentException("a signal that can be handled is 1 to 64 but 9 and 19, not " + signal);
        }
        raised.getAndUpdate(set -> set | 1L << signal - 1);
        alarm.ifPresent(Runnable::run);
    }

    /** Sets what ends a wait of the guest's thread; any thread may run it. */
    void onRaise(Runnable action) {
        alarm = Optional.of(action);
    }

    /** Nothing ends a wait any more. */
    void close() {
        alarm = Optional.empty();
    }

    /** Whether there is a handler. */
    boolean areKnown() {
        return handler.isPresent();
    }

    /** At the beginning of a call: calls the handler for all signals that wait. */
    void begin() {
        handled = false;
        if (due()) {
            deliver();
            handled = true;
        }
    }

    /** Whether a call must not wait, because the handler was called at its beginning or has to be called now. */
    boolean forbidWaiting() {
        return handled || due();
    }

    private boolean due() {
        return raised.get() != 0 && handler.isPresent() && !handling;
    }

    /**
     * Calls the handler for all signals that wait, unless it runs already. Nothing that the call in which this happens knows of the guest's memory or
     * descriptors is true afterwards.
     *
     * @throws HandlerFailure with what the handler threw
     */
    void deliver() {
        while (due()) {
            long lowest = Long.lowestOneBit(raised.get());
            raised.getAndUpdate(set -> set & ~lowest);
            handling = true;
            try {
                handler.orElseThrow().call(Long.numberOfTrailingZeros(lowest) + 1);
            } catch (RuntimeException e) {
                throw new HandlerFailure(e);
            } finally {
                handling = false;
            }
        }
    }
}
