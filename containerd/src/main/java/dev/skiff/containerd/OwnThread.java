package dev.skiff.containerd;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs what changes the thread that it runs on, as the kernel knows it: on one that nobody else will have. */
final class OwnThread {
    private OwnThread() {}

    /** Runs something to its end; what it throws is thrown here. */
    static void run(String name, Runnable action) {
        try {
            CompletableFuture.runAsync(
                            action,
                            each -> Thread.ofPlatform().daemon().name(name).start(each))
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
