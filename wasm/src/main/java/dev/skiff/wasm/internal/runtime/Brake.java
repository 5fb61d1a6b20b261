package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.CpuThrottling;
import java.util.OptionalDouble;

/**
 * Holds a store's guests back while they are paused, or over their share of a processor. For any thread, but {@link #hold}
 * for the guests'. Who changes something wakes the guests afterwards, so that they look again.
 */
final class Brake {
    private final CpuQuota quota;
    private volatile boolean paused;

    Brake(OptionalDouble cpuQuota) {
        quota = new CpuQuota(cpuQuota);
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
    }

    boolean isPaused() {
        return paused;
    }

    void changeQuota(OptionalDouble share) {
        quota.change(share);
    }

    boolean hasQuota() {
        return quota.isSet();
    }

    CpuThrottling throttling() {
        return quota.throttling();
    }

    /**
     * Waits while it has to, without using the processor.
     *
     * @throws dev.skiff.wasm.Trap if the guest has to end
     */
    void hold(Control control) {
        // An interrupted thread does not park: its mark is taken away for the time.
        boolean threadInterrupted = false;
        try {
            while (true) {
                if (paused) {
                    control.park(Long.MAX_VALUE);
                    quota.rested();
                } else {
                    long nanos = quota.charge();
                    if (nanos == 0) {
                        return;
                    }
                    control.park(nanos);
                    quota.held();
                }
                threadInterrupted |= Thread.interrupted();
                control.checkpoint();
            }
        } finally {
            if (threadInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
