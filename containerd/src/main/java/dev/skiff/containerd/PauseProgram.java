package dev.skiff.containerd;

import dev.skiff.host.ExitStatus;
import dev.skiff.host.Usage;
import dev.skiff.wasi.Signals;
import dev.skiff.wasm.Limits;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What stands for a pod: nothing, until it is killed. */
final class PauseProgram implements Program {
    private final CompletableFuture<ExitStatus> end = new CompletableFuture<>();

    @Override
    public void start(Consumer<ExitStatus> ended) {
        end.thenAcceptAsync(ended);
    }

    @Override
    public void signal(int signal) {
        if (Signals.ends(signal)) {
            // The pause program of a pod answers to SIGTERM and SIGINT by ending well.
            end.complete(signal == Signals.KILL ? new ExitStatus.Signalled(signal) : ExitStatus.Exited.SUCCESS);
        }
    }

    @Override
    public boolean knowsSignals() {
        return false;
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
