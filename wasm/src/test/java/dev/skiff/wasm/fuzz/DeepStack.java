package dev.skiff.wasm.fuzz;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Runs what recurses deeply: interpreters of deep nests, and guests that call themselves. */
final class DeepStack {
    private static final long BYTES = 1L << 30;
    private static final long HOURS = 24;

    private DeepStack() {}

    /** Runs an action on a thread with a large stack and waits for it; what it throws is thrown here. */
    static <T> T run(Supplier<T> action) {
        return run(TimeUnit.HOURS.toSeconds(HOURS), action);
    }

    /** The same, but waits only so long. */
    static <T> T run(long seconds, Supplier<T> action) {
        var task = new FutureTask<>(action::get);
        Thread.ofPlatform().daemon().name("deep stack").stackSize(BYTES).start(task);
        try {
            return task.get(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (TimeoutException e) {
            // The thread cannot be stopped, and goes on until the JVM ends.
            throw new IllegalStateException("not done after " + seconds + " seconds", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError(e.getCause());
        }
    }
}
