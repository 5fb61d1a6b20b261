package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Descriptors.Pipe;
import dev.skiff.linux.OpenFlags;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A program that takes the output of a task, started as containerd starts them: it reads descriptors 3 and 4 to their ends, and says on 5, by
 * a byte or by closing it, that it is ready. It has the task's name in its environment, and nothing else of the daemon. Thread-safe.
 */
final class BinaryLogger {
    /** How long one may take to be ready. */
    static final Duration READY = Duration.ofSeconds(10);

    /** How long after the end of the streams one is asked to end, and as long after that it is ended. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** What ends without a word closes its descriptors a moment before it is seen to have ended. */
    private static final Duration MOMENT = Duration.ofMillis(200);

    /** Java gives a process three descriptors; what is its standard output at first says that it is ready. */
    private static final String LAUNCHER = "exec 3<\"$1\" 4<\"$2\" 5>&1 >/dev/null && shift 2 && exec \"$@\"";

    private final Process process;
    private final int out;
    private final int err;

    private BinaryLogger(Process process, int out, int err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts one and waits until it is ready, for a time.
     *
     * @throws RpcException if it cannot be started, ends, or is not ready in time; then nothing of it stays
     * @throws dev.skiff.linux.LinuxException if there are no pipes for it
     */
    static BinaryLogger start(TaskKey task, StreamTarget.Logger logger, Duration patience) {
        if (!Files.isExecutable(Path.of(logger.program()))) {
            throw new RpcException(
                    Code.NOT_FOUND, "the logger " + logger.program() + " is no program that can be executed");
        }
        Pipe out = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
        try {
            Pipe err = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
            try {
                return new BinaryLogger(process(task, logger, patience, out, err), out.writer(), err.writer());
            } catch (RuntimeException e) {
                Descriptors.close(err.writer());
                throw e;
            } finally {
                Descriptors.close(err.reader());
            }
        } catch (RuntimeException e) {
            Descriptors.close(out.writer());
            throw e;
        } finally {
            Descriptors.close(out.reader());
        }
    }

    private static Process process(TaskKey task, StreamTarget.Logger logger, Duration patience, Pipe out, Pipe err) {
        List<String> launcher = List.of("/bin/sh", "-c", LAUNCHER, "sh", shared(out), shared(err), logger.program());
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(launcher.stream(), logger.arguments().stream())
                        .toList())
                .directory(new File("/"))
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectError(Redirect.DISCARD);
        builder.environment().clear();
        try {
            builder.environment().putAll(logger.environment());
            builder.environment().put("CONTAINER_ID", task.id());
            builder.environment().put("CONTAINER_NAMESPACE", task.namespace());
            Process process = builder.start();
            awaitReady(process, logger.program(), patience);
            return process;
        } catch (IOException | IllegalArgumentException e) {
            throw new RpcException(
                    Code.UNKNOWN, "the logger " + logger.program() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** The end of a pipe that is to be read, as another process can open it. */
    private static String shared(Pipe pipe) {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + pipe.reader();
    }

    private static void awaitReady(Process process, String program, Duration patience) {
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("start of a logger").start(() -> ready.complete(saysReady(process)));
        try {
            if (!ready.get(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RpcException(
                        Code.UNKNOWN,
                        "the logger " + program + " ended with status " + process.waitFor() + " before it was ready");
            }
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new RpcException(
                    Code.UNKNOWN, "the logger " + program + " was not ready after " + patience.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new RpcException(Code.UNAVAILABLE, "nobody waits for the logger " + program + " any more", e);
        } catch (ExecutionException e) {
            throw new AssertionError("the wait for a logger does not fail", e);
        }
    }

    /** Waits for its word on the thread that it holds up; false if it ended. */
    private static boolean saysReady(Process process) {
        try {
            return process.getInputStream().read() >= 0 || !process.waitFor(MOMENT);
        } catch (IOException e) {
            return process.isAlive();
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Where standard output goes, a descriptor that the caller closes. */
    int out() {
        return out;
    }

    /** Where standard error goes, a descriptor that the caller closes. */
    int err() {
        return err;
    }

    /** Gives it time to write what it has read, now that the streams are closed; after that it is ended. Returns at once. */
    void end() {
        process.onExit()
                .completeOnTimeout(process, GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .thenAccept(Process::destroy);
        process.onExit()
                .completeOnTimeout(process, 2 * GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .thenAccept(Process::destroyForcibly);
    }
}
