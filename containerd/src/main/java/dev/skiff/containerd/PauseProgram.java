package dev.skiff.containerd;

import dev.skiff.host.Usage;
import dev.skiff.wasm.Limits;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What stands for a pod: nothing, until it is killed. */
final class PauseProgram implements Program {
    private final CompletableFuture<End> end = new CompletableFuture<>();

    @Override
    public void start(Consumer<End> ended) {
        end.thenAcceptAsync(ended);
    }

    @Override
    public void signal(int signal) {
        if (Signals.ends(signal)) {
            // The pause program of a pod answers to SIGTERM and SIGINT by ending well.
            end.complete(new End(signal == Signals.KILL ? 128 + signal : 0, false));
        }
    }

    @Override
    public void pause() {
        // It does nothing else.
    }

    @Override
    public void resume() {
        // It does nothing else.
    }

    @Override
    public void change(Limits limits) {
        // It needs nothing.
    }

    @Override
    public Usage usage() {
        return new Usage(0, Duration.ZERO);
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
