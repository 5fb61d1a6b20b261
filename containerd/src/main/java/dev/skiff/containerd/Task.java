package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.containerd.TaskStatus.Created;
import dev.skiff.containerd.TaskStatus.Running;
import dev.skiff.containerd.TaskStatus.Stopped;
import dev.skiff.host.Usage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** A container as containerd sees it, from its creation until it is deleted. Thread-safe. */
final class Task {
    /** All tasks are in one process, this one. */
    static final long PID = ProcessHandle.current().pid();

    /** Where containerd wants the standard streams. */
    record Streams(String in, String out, String err, boolean terminal) {}

    private final TaskKey key;
    private final Path bundle;
    private final Path root;
    private final Streams streams;
    private final Program program;
    private final TaskIo io;
    private final long memoryLimit;
    private final Events events;
    private final CompletableFuture<Exit> end = new CompletableFuture<>();
    private TaskStatus status = new Created();

    /** One that is mounted and linked; containerd is told that it is there. */
    Task(
            TaskKey key,
            Path bundle,
            Path root,
            Streams streams,
            Program program,
            TaskIo io,
            long memoryLimit,
            Events events) {
        this.key = key;
        this.bundle = bundle;
        this.root = root;
        this.streams = streams;
        this.program = program;
        this.io = io;
        this.memoryLimit = memoryLimit;
        this.events = events;
        ProtoWriter pipes = new ProtoWriter()
                .text(1, streams.in())
                .text(2, streams.out())
                .text(3, streams.err())
                .bool(4, streams.terminal());
        publish(
                "create",
                "TaskCreate",
                new ProtoWriter()
                        .text(1, key.id())
                        .text(2, bundle.toString())
                        .message(4, pipes)
                        .number(6, PID));
    }

    TaskKey key() {
        return key;
    }

    Path bundle() {
        return bundle;
    }

    Streams streams() {
        return streams;
    }

    synchronized TaskStatus status() {
        return status;
    }

    private void publish(String topic, String type, ProtoWriter body) {
        events.publish(key.namespace(), "/tasks/" + topic, type, body);
    }

    /**
     * Begins it.
     *
     * @throws RpcException if it has begun
     */
    synchronized void start() {
        if (!(status instanceof Created created)) {
            throw new RpcException(Code.FAILED_PRECONDITION, "the task " + key.id() + " was started before");
        }
        status = created.toRunning();
        // Before the end, which may be there as soon as it runs.
        publish("start", "TaskStart", new ProtoWriter().text(1, key.id()).number(2, PID));
        program.start(this::ended);
    }

    private synchronized void ended(Program.End how) {
        Exit exit = new Exit(how.status(), Instant.now());
        status = status.toStopped(exit);
        if (how.outOfMemory()) {
            publish("oom", "TaskOOM", new ProtoWriter().text(1, key.id()));
        }
        // Who reads the streams sees their end before that of the task.
        io.close();
        publish(
                "exit",
                "TaskExit",
                new ProtoWriter()
                        .text(1, key.id())
                        .text(2, key.id())
                        .number(3, PID)
                        .number(4, exit.status())
                        .time(5, exit.at()));
        end.complete(exit);
    }

    /**
     * Gives it a signal.
     *
     * @throws RpcException if it has ended
     */
    void signal(int signal) {
        synchronized (this) {
            if (status instanceof Stopped) {
                throw new RpcException(Code.NOT_FOUND, "the task " + key.id() + " has ended");
            }
            if (status instanceof Created) {
                if (Signals.ends(signal)) {
                    program.close();
                    ended(new Program.End(128 + signal, false));
                }
                return;
            }
        }
        program.signal(signal);
    }

    /** Waits for its end. */
    Exit await() {
        return end.join();
    }

    Usage usage() {
        return program.usage();
    }

    /** How much memory it can have at most, in bytes. */
    long memoryLimit() {
        return memoryLimit;
    }

    void closeInput() {
        io.closeInput();
    }

    /**
     * Gives back all that it has.
     *
     * @throws RpcException if it runs
     */
    Exit delete() {
        Exit exit;
        synchronized (this) {
            if (status instanceof Running) {
                throw new RpcException(Code.FAILED_PRECONDITION, "the task " + key.id() + " runs, and must end first");
            }
            exit = status.exit().orElseGet(() -> new Exit(0, Instant.now()));
        }
        release();
        publish(
                "delete",
                "TaskDelete",
                new ProtoWriter()
                        .text(1, key.id())
                        .number(2, PID)
                        .number(3, exit.status())
                        .time(4, exit.at()));
        return exit;
    }

    /** Gives back what is left of it when nobody asks for it any more. */
    void release() {
        program.close();
        io.close();
        RootMount.unmount(root);
    }
}
