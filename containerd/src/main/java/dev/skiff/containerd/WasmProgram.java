package dev.skiff.containerd;

import dev.skiff.host.Execution;
import dev.skiff.host.ExitStatus;
import dev.skiff.host.Usage;
import dev.skiff.oci.Digest;
import dev.skiff.wasm.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** A WebAssembly program in a container. */
final class WasmProgram implements Program {
    private final TaskName task;
    private final Execution execution;
    private final ProgramIo io;
    private final Optional<Path> terminationMessage;
    private final Function<Digest, Runnable> begun;

    /**
     * One that is ready.
     *
     * @param begun is told when it has begun, by the digest of its module, where that is known; what it returns is run when it has ended
     */
    WasmProgram(
            TaskName task,
            Execution execution,
            ProgramIo io,
            Optional<Path> terminationMessage,
            Function<Digest, Runnable> begun) {
        this.task = task;
        this.execution = execution;
        this.io = io;
        this.terminationMessage = terminationMessage;
        this.begun = begun;
    }

    @Override
    public void start(Consumer<ExitStatus> ended) {
        execution.start();
        Optional<Runnable> end = execution.preparation().module().map(begun);
        Thread.ofVirtual().name("end of a program").start(() -> {
            try {
                ExitStatus status = execution.await();
                end.ifPresent(Runnable::run);
                complain(status);
                ended.accept(status);
            } catch (InterruptedException e) {
                Log.error("a program's end is not known", e, task.fields());
            }
        });
    }

    private void complain(ExitStatus status) {
        status.reason().ifPresent(reason -> {
            StringBuilder text = new StringBuilder("skiff: ").append(reason);
            status.backtrace().stream()
                    .limit(50)
                    .forEach(frame -> text.append("\n    at ").append(frame));
            io.complain(text.toString());
            terminationMessage.ifPresent(file -> note(file, reason));
        });
    }

    /** Says for people who ask Kubernetes why it ended; what the program itself wrote there comes first. */
    static void note(Path file, String reason) {
        try {
            Files.writeString(file, "skiff: " + reason + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            Log.warn("the reason of an end was not written to " + file + ": " + e.getMessage());
        }
    }

    @Override
    public void signal(int signal) {
        execution.signal(signal);
    }

    @Override
    public boolean knowsSignals() {
        return execution.knowsSignals();
    }

    @Override
    public void pause() {
        execution.pause();
    }

    @Override
    public void resume() {
        execution.resume();
    }

    @Override
    public void change(Limits limits) {
        execution.changeMaxMemoryBytes(limits.maxMemoryBytes());
        execution.changeCpuQuota(limits.cpuQuota());
        execution.changeCpuShares(limits.cpuShares());
    }

    @Override
    public Usage usage() {
        return execution.usage();
    }

    @Override
    public void close() {
        execution.close();
    }
}
