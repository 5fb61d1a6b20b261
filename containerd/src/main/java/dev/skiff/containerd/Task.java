package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.ExitStatus;
import dev.skiff.host.Usage;
import dev.skiff.wasm.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A container as containerd sees it, from its creation until it is deleted, with the processes in it. Thread-safe. */
final class Task {
    /** All tasks are in one process, this one. */
    static final long PID = ProcessHandle.current().pid();

    /** How long a task's end waits for the ends of processes that were added to it. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final int MAX_PROCESSES = 1000;

    private final TaskName name;
    private final TaskKey key;
    private final Path bundle;
    private final Container container;
    private final TaskEvents events;
    private final TaskJournal journal;
    private final TaskProcess main;
    private final Map<String, TaskProcess> added = new ConcurrentHashMap<>();
    private Duration cpuOfDeleted = Duration.ZERO;
    private boolean ending;
    private boolean released;

    /** One whose program is ready; containerd is told that it is there. */
    Task(
            TaskName name,
            Path bundle,
            Container container,
            Streams streams,
            Program program,
            TaskIo io,
            Events events,
            Metrics metrics) {
        this.name = name;
        this.key = name.key();
        this.bundle = bundle;
        this.container = container;
        this.events = new TaskEvents(key, events);
        journal = new TaskJournal(name, kind(), metrics);
        main = new TaskProcess("the task " + key.id(), streams, program, io, new TaskProcess.Observer() {
            @Override
            public void started() {
                Task.this.events.started();
                journal.started();
            }

            @Override
            public void ended(Exit exit, ExitStatus how) {
                Task.this.ended(exit, how);
            }
        });
        this.events.created(bundle, streams);
    }

    TaskKey key() {
        return key;
    }

    /** It for people. */
    TaskName name() {
        return name;
    }

    /** What it was made for. */
    Metrics.Kind kind() {
        return container instanceof PodSandbox ? Metrics.Kind.POD : Metrics.Kind.CONTAINER;
    }

    Path bundle() {
        return bundle;
    }

    /** What its processes share. */
    Container container() {
        return container;
    }

    /** The process that it was made for. */
    TaskProcess main() {
        return main;
    }

    /**
     * A process of it.
     *
     * @param id that of one that was added, or nothing for the one it was made for
     * @throws RpcException if there is none
     */
    TaskProcess process(String id) {
        if (id.isEmpty()) {
            return main;
        }
        return Optional.ofNullable(added.get(id))
                .orElseThrow(() -> new RpcException(Code.NOT_FOUND, "the task " + key.id() + " has no process " + id));
    }

    /**
     * Makes another process ready to start in it.
     *
     * @throws RpcException if it cannot be run; then nothing of it stays
     */
    void add(String id, ProcessSpec process, Streams streams) {
        Ids.check(id);
        if (added.size() >= MAX_PROCESSES) {
            throw new RpcException(
                    Code.FAILED_PRECONDITION, "the task " + key.id() + " has " + MAX_PROCESSES + " processes already");
        }
        if (!main.runs()) {
            throw notRunning();
        }
        TaskIo io = TaskIo.open(new TaskKey(key.namespace(), id), streams);
        try {
            process.window().ifPresent(window -> io.resize(window.columns(), window.rows()));
            Program program = container.further(process, io, this::table);
            TaskProcess.Observer observer = new TaskProcess.Observer() {
                @Override
                public void started() {
                    events.processStarted(id);
                    journal.processStarted(id);
                }

                @Override
                public void ended(Exit exit, ExitStatus how) {
                    events.exited(id, exit);
                    journal.processEnded(id, how);
                }
            };
            try {
                put(id, new TaskProcess("the process " + id, streams, program, io, observer));
            } catch (RpcException e) {
                program.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            io.close();
            throw e;
        }
    }

    private void put(String id, TaskProcess process) {
        synchronized (added) {
            // It may have ended meanwhile, and nobody would give this back.
            if (ending || released) {
                throw notRunning();
            }
            if (added.putIfAbsent(id, process) != null) {
                throw new RpcException(
                        Code.ALREADY_EXISTS, "the task " + key.id() + " has a process " + id + " already");
            }
            events.processAdded(id);
        }
    }

    /** What runs, a line for each process. */
    private String table() {
        StringBuilder text =
                new StringBuilder(String.format("%-10s %-8s %8s %10s%n", "PROCESS", "STATUS", "CPU", "MEMORY"));
        line(text, "main", main);
        added.forEach((id, process) -> line(text, id, process));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, TaskProcess process) {
        Usage usage = process.usage();
        String id = name.length() > 10 ? name.substring(0, 10) : name;
        text.append(String.format(
                "%-10s %-8s %7.2fs %6d KiB%n",
                id, process.status().word(), usage.cpu().toMillis() / 1000.0, usage.memoryBytes() >> 10));
    }

    private RpcException notRunning() {
        return new RpcException(Code.FAILED_PRECONDITION, "the task " + key.id() + " does not run");
    }

    /**
     * Begins a process.
     *
     * @throws RpcException if there is none, or it has begun, or the one that the task was made for does not run, or as many
     *     run as may
     */
    void start(String id) {
        TaskProcess process = process(id);
        synchronized (added) {
            if (process != main && (ending || !main.runs())) {
                throw notRunning();
            }
            requireRoom();
            process.start();
        }
    }

    private void requireRoom() {
        OptionalLong most = container.processLimit();
        if (most.isPresent() && processes() >= most.getAsLong()) {
            throw new RpcException(
                    Code.RESOURCE_EXHAUSTED,
                    "the task " + key.id() + " can have " + most.getAsLong()
                            + " processes (pids limit), and so many run already");
        }
    }

    private void ended(Exit exit, ExitStatus how) {
        // As when the first process of a namespace ends.
        synchronized (added) {
            ending = true;
            added.values().forEach(TaskProcess::kill);
        }
        added.values().forEach(process -> process.await(GRACE));
        if (how instanceof ExitStatus.OutOfMemory) {
            events.outOfMemory();
        }
        events.exited(key.id(), exit);
        journal.ended(how);
    }

    /**
     * Lets all its processes wait.
     *
     * @throws RpcException unless it runs
     */
    void pause() {
        synchronized (added) {
            main.pause();
            events.paused();
            forThoseWhoCan(TaskProcess::pause);
        }
    }

    /**
     * Lets them go on.
     *
     * @throws RpcException unless it is paused
     */
    void resume() {
        synchronized (added) {
            main.resume();
            events.resumed();
            forThoseWhoCan(TaskProcess::resume);
        }
    }

    /** Any of them may end at this moment, or may not have begun. */
    private void forThoseWhoCan(Consumer<TaskProcess> change) {
        for (TaskProcess process : added.values()) {
            try {
                change.accept(process);
            } catch (RpcException e) {
                Log.debug(e.getMessage());
            }
        }
    }

    /**
     * Changes its limits, for all its processes.
     *
     * @throws RpcException if they cannot be so
     */
    void update(Resources resources) {
        try {
            Limits limits = container.update(resources);
            main.change(limits);
            added.values().forEach(process -> process.change(limits));
        } catch (IllegalArgumentException e) {
            throw new RpcException(
                    Code.INVALID_ARGUMENT, "the task " + key.id() + " cannot have such limits: " + e.getMessage(), e);
        }
    }

    /**
     * What all its processes use, without waiting for any of them, and, of the processor, have used; how the one was held back that it was
     * made for.
     */
    synchronized Usage usage() {
        Usage ofMain = main.usage();
        long memory = ofMain.memoryBytes();
        Duration cpu = ofMain.cpu().plus(cpuOfDeleted);
        for (TaskProcess process : added.values()) {
            Usage usage = process.usage();
            memory += usage.memoryBytes();
            cpu = cpu.plus(usage.cpu());
        }
        return new Usage(memory, cpu, ofMain.throttling());
    }

    /** How many of its processes run, or are paused. */
    long processes() {
        return added.values().stream().filter(TaskProcess::lives).count() + (main.lives() ? 1 : 0);
    }

    /**
     * Gives back what a process has that was added.
     *
     * @throws RpcException if it runs, or there is none
     */
    Exit deleteProcess(String id) {
        TaskProcess process = process(id);
        Exit exit = process.conclude();
        synchronized (this) {
            if (!added.remove(id, process)) {
                throw new RpcException(Code.NOT_FOUND, "the process " + id + " is deleted already");
            }
            cpuOfDeleted = cpuOfDeleted.plus(process.usage().cpu());
        }
        process.release();
        return exit;
    }

    /**
     * Gives back all that it has.
     *
     * @throws RpcException if it runs, or somebody else has deleted it
     */
    Exit delete() {
        Exit exit = main.conclude();
        if (!release()) {
            throw new RpcException(Code.NOT_FOUND, "the task " + key.id() + " is deleted already");
        }
        forget();
        events.deleted(exit);
        return exit;
    }

    /** Tells the launcher that there is nothing left for it to do. */
    private void forget() {
        try {
            Files.deleteIfExists(bundle.resolve("address"));
        } catch (IOException e) {
            Log.debug("the launcher will look again at the task " + key().id() + ": " + e.getMessage());
        }
    }

    /** Ends it, and gives back what it has, as nobody asks for it any more. */
    void abandon() {
        main.kill();
        // What it has open would be somebody else's soon.
        main.await(GRACE);
        release();
    }

    /** Once only, as then another may be made of the same bundle; false if it was done. */
    private boolean release() {
        synchronized (added) {
            if (released) {
                return false;
            }
            released = true;
        }
        added.values().forEach(TaskProcess::release);
        main.release();
        container.release();
        return true;
    }
}
