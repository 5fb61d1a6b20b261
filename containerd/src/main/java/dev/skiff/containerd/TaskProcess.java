package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.containerd.TaskStatus.Created;
import dev.skiff.containerd.TaskStatus.Paused;
import dev.skiff.containerd.TaskStatus.Running;
import dev.skiff.containerd.TaskStatus.Stopped;
import dev.skiff.host.ExitStatus;
import dev.skiff.host.Usage;
import dev.skiff.wasi.Signals;
import dev.skiff.wasm.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process of a task, from when it is made ready until it is deleted. Thread-safe. */
final class TaskProcess {
    /** Who is told what becomes of it, in the order in which it happens. */
    interface Observer {
        void started();

        void ended(Exit exit, ExitStatus how);
    }

    private static final Duration HELD = Duration.ofSeconds(1);
    private static final Duration SETTLE = Duration.ofMillis(5);

    private final String name;
    private final Streams streams;
    private final Program program;
    private final TaskIo io;
    private final Observer observer;
    private final CompletableFuture<Exit> end = new CompletableFuture<>();
    private volatile TaskStatus status = new Created();
    private int holders;
    private volatile Optional<Long> answered = Optional.empty();

    /**
     * One that is ready.
     *
     * @param name what it is called in messages for people
     */
    TaskProcess(String name, Streams streams, Program program, TaskIo io, Observer observer) {
        this.name = name;
        this.streams = streams;
        this.program = program;
        this.io = io;
        this.observer = observer;
    }

    Streams streams() {
        return streams;
    }

    TaskStatus status() {
        return status;
    }

    /** Whether it runs, and is not paused. */
    boolean runs() {
        return status instanceof Running;
    }

    /** Whether it has begun and not ended. */
    boolean lives() {
        TaskStatus now = status;
        return now instanceof Running || now instanceof Paused;
    }

    /**
     * Begins it.
     *
     * @throws RpcException if it has begun
     */
    synchronized void start() {
        if (!(status instanceof Created created)) {
            throw new RpcException(Code.FAILED_PRECONDITION, name + " was started before");
        }
        // This may fail, and then nothing has begun.
        io.start(this::tell);
        status = created.toRunning();
        // Before the end, which may be there as soon as it runs.
        observer.started();
        program.start(this::ended);
    }

    private void ended(ExitStatus how) {
        Exit exit = new Exit(how.code(), Instant.now());
        // Who reads the streams sees their end before that of the process; a terminal waits a little for them.
        io.close();
        synchronized (this) {
            status = status.toStopped(exit);
        }
        tellOfEnd(exit, how);
    }

    private void tellOfEnd(Exit exit, ExitStatus how) {
        awaitHolders();
        // Who killed it reads the answer on another connection than the one that the end is told over.
        answered.ifPresent(at -> LockSupport.parkNanos(SETTLE.toNanos() - (System.nanoTime() - at)));
        observer.ended(exit, how);
        end.complete(exit);
    }

    /** Lets nobody be told of its end until {@link #letGo}, or for a second. */
    synchronized void hold() {
        holders++;
    }

    /** Ends one {@link #hold}. */
    synchronized void letGo() {
        holders--;
        answered = Optional.of(System.nanoTime());
        notifyAll();
    }

    private synchronized void awaitHolders() {
        long deadline = System.nanoTime() + HELD.toNanos();
        try {
            while (holders > 0 && System.nanoTime() - deadline < 0) {
                wait(HELD.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Gives it a signal.
     *
     * @throws RpcException if it has ended
     */
    void signal(int signal) {
        Exit exit = new Exit(128 + signal, Instant.now());
        boolean begun;
        synchronized (this) {
            if (status instanceof Stopped) {
                throw new RpcException(Code.NOT_FOUND, name + " has ended");
            }
            begun = !(status instanceof Created);
            if (!begun && Signals.ends(signal)) {
                status = status.toStopped(exit);
            } else if (!begun) {
                return;
            }
        }
        if (begun) {
            program.signal(signal);
            return;
        }
        // Not with the lock of this: who is told may want that of the task, whose owner may be about to start this.
        program.close();
        io.close();
        Thread.ofVirtual().name("end of a process").start(() -> tellOfEnd(exit, new ExitStatus.Signalled(signal)));
    }

    /** Gives it a signal, if it has not ended. */
    private void tell(int signal) {
        try {
            signal(signal);
        } catch (RpcException e) {
            Log.debug(e.getMessage());
        }
    }

    /** Kills it, if there is anything to kill. */
    void kill() {
        tell(Signals.KILL);
    }

    /**
     * Lets it wait.
     *
     * @throws RpcException unless it runs
     */
    synchronized void pause() {
        if (!(status instanceof Running running)) {
            throw new RpcException(Code.FAILED_PRECONDITION, name + " does not run");
        }
        status = running.toPaused();
        program.pause();
    }

    /**
     * Lets it go on.
     *
     * @throws RpcException unless it is paused
     */
    synchronized void resume() {
        if (!(status instanceof Paused paused)) {
            throw new RpcException(Code.FAILED_PRECONDITION, name + " is not paused");
        }
        status = paused.toRunning();
        program.resume();
    }

    void change(Limits limits) {
        program.change(limits);
    }

    /** Waits for its end. */
    Exit await() {
        return end.join();
    }

    /** Waits for its end, but not for long. */
    void await(Duration atMost) {
        end.copy()
                .completeOnTimeout(null, atMost.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    Usage usage() {
        return program.usage();
    }

    /**
     * Says how large the window of its terminal is; another size is a signal.
     *
     * @throws RpcException if no window can have that size
     */
    void resize(long columns, long rows) {
        if (io.resize(columns, rows)) {
            tell(Signals.WINDOW);
        }
    }

    void closeInput() {
        io.closeInput();
    }

    /**
     * How it ended, for who deletes it; all are told of it by then. One that never began has ended by this.
     *
     * @throws RpcException if it runs
     */
    Exit conclude() {
        synchronized (this) {
            if (lives()) {
                throw new RpcException(Code.FAILED_PRECONDITION, name + " runs, and must end first");
            }
            if (status instanceof Created created) {
                Exit never = new Exit(0, Instant.now());
                status = created.toStopped(never);
                end.complete(never);
            }
        }
        return end.join();
    }

    /** Gives back all that it has; what still runs does so when it ends, for until then its streams are in use. */
    void release() {
        synchronized (this) {
            if (lives()) {
                return;
            }
        }
        program.close();
        io.close();
    }
}
