package dev.skiff.wasm.internal.runtime;

import java.lang.ref.Cleaner;

/**
 * Threads that serve all stores. The first guest that needs one has it started, and threads are as nice as who starts them:
 * these become as nice as others.
 */
public final class Housekeeping {
    /** Frees what nobody has any more. */
    public static final Cleaner CLEANER = Cleaner.create(task -> thread("skiff-cleaner", task));

    private Housekeeping() {}

    /** A thread that does not keep the process alive, not started yet. */
    static Thread thread(String name, Runnable task) {
        return Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            CpuShares.none();
            task.run();
        });
    }
}
