package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.ExitStatus;
import dev.skiff.host.ModuleSource;
import dev.skiff.host.Runner;
import dev.skiff.linux.HeadStart;
import dev.skiff.wasi.Signals;
import dev.skiff.wasm.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program in a container that is a JVM of its own; see {@link IsolatedBundle} for what it finds where. */
final class IsolatedProcess {
    private static final int NOT_FOUND = 127;
    private static final int NOT_RUNNABLE = 126;
    private static final int INTERNAL_ERROR = 70;
    private static final Duration GRACE = Duration.ofSeconds(1);

    private IsolatedProcess() {}

    /**
     * Runs it to its end.
     *
     * @return the status with which this process should end
     */
    static int run() {
        HeadStart.begin();
        ProgramIo io = new InheritedIo();
        Optional<Path> message = Optional.empty();
        try {
            Spec spec = Spec.read(Path.of("/"));
            Optional<String> added = Optional.ofNullable(System.getenv(IsolatedBundle.PROCESS));
            if (added.isEmpty()) {
                message = WasmContainer.terminationMessageWithin(spec);
            }
            WasmContainer container =
                    WasmContainer.within(new Runner(Engine.create()), spec, IsolatedProcess::moduleOfImage);
            return run(
                    added.isPresent()
                            ? container.further(process(added.get()), io, IsolatedProcess::table)
                            : container.main(io));
        } catch (RpcException e) {
            fail(io, message, e.getMessage());
            return e.code() == Code.NOT_FOUND ? NOT_FOUND : NOT_RUNNABLE;
        } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
            fail(io, message, "internal error: " + e);
            return INTERNAL_ERROR;
        }
    }

    private static void fail(ProgramIo io, Optional<Path> message, String reason) {
        io.complain("skiff: " + reason);
        message.ifPresent(file -> WasmProgram.note(file, reason));
    }

    private static ProcessSpec process(String description) {
        return Json.read(Base64.getDecoder().decode(description), ProcessSpec::parse);
    }

    private static Optional<ModuleSource> moduleOfImage(String name) {
        Path file = Path.of(IsolatedBundle.FILES, IsolatedBundle.MODULE);
        return Files.exists(file) ? Optional.of(new ModuleSource.OfFile(file)) : Optional.empty();
    }

    private static int run(Program program) {
        CompletableFuture<ExitStatus> end = new CompletableFuture<>();
        if (program.knowsSignals()) {
            OwnSignals.handle(_ -> true, program::signal);
        } else {
            OwnSignals.handle(Signals::ends, signal -> {
                program.signal(signal);
                // It may be in a system call that goes on.
                end.completeOnTimeout(new ExitStatus.Signalled(signal), GRACE.toMillis(), TimeUnit.MILLISECONDS);
            });
        }
        program.start(end::complete);
        return end.join().code();
    }

    /** The processes of the container, which are JVMs. */
    private static String table() {
        StringBuilder text = new StringBuilder(String.format("%8s %10s%n", "PID", "CPU"));
        ProcessHandle.allProcesses()
                .forEach(process -> text.append(String.format(
                        "%8d %9.2fs%n",
                        process.pid(),
                        process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0)));
        return text.toString();
    }
}
