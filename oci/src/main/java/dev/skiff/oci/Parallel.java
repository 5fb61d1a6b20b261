package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Does the same with many things, some at once; the first failure ends it all. */
final class Parallel {
    private Parallel() {}

    static <T> void forEach(Collection<T> items, int atOnce, Consumer<T> action) {
        if (items.size() == 1 || atOnce == 1) {
            items.forEach(action);
            return;
        }
        ExecutorService executor =
                Executors.newFixedThreadPool(atOnce, Thread.ofVirtual().factory());
        try {
            ExecutorCompletionService<T> done = new ExecutorCompletionService<>(executor);
            items.forEach(item -> done.submit(() -> action.accept(item), item));
            for (int i = 0; i < items.size(); i++) {
                Future<T> next = done.take();
                next.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new OciException(Problem.STORAGE, "a transfer failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            throw Transport.interrupted(e);
        } finally {
            executor.shutdownNow();
            executor.close();
        }
    }
}
