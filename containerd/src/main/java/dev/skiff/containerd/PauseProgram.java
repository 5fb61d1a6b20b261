package dev.skiff.containerd;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What stands for a pod: nothing, until it is killed. */
final class PauseProgram implements Program {
    private final CompletableFuture<Integer> end = new CompletableFuture<>();

    @Override
    public void start(Consumer<Integer> ended) {
        end.thenAcceptAsync(ended);
    }

    @Override
    public void signal(int signal) {
        if (Signals.ends(signal)) {
            // The pause program of a pod answers to SIGTERM and SIGINT by ending well.
            end.complete(signal == Signals.KILL ? 128 + signal : 0);
        }
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
