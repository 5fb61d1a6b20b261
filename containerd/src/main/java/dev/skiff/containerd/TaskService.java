package dev.skiff.containerd;

import dev.skiff.containerd.Metrics.Kind;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.Usage;
import dev.skiff.wasi.Signals;
import dev.skiff.wasm.CpuThrottling;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The service {@code containerd.task.v2.Task} over one connection, which containerd makes for each task. Version 3 has the same
 * messages. Thread-safe.
 */
final class TaskService implements TtrpcServer.Service {
    static final String V2 = "containerd.task.v2.Task";
    static final String V3 = "containerd.task.v3.Task";
    private static final String NAMESPACE = "containerd-namespace-ttrpc";

    private final Tasks tasks;
    private final Tracing tracing;
    /** Older clients do not say it with each call. */
    private volatile Optional<String> namespace = Optional.empty();

    TaskService(Tasks tasks, Tracing tracing) {
        this.tasks = tasks;
        this.tracing = tracing;
    }

    @Override
    public Optional<ProtoWriter> call(String method, ProtoMessage request, Map<String, String> metadata) {
        if (metadata.containsKey(NAMESPACE)) {
            namespace = Optional.of(metadata.get(NAMESPACE));
        }
        return switch (method) {
            case "Create" -> Optional.of(tracing.trace("skiff.task.create", metadata, () -> create(request)));
            case "Start" -> Optional.of(tracing.trace("skiff.task.start", metadata, () -> start(request)));
            case "Exec" -> Optional.of(exec(request));
            case "State" -> Optional.of(state(request));
            case "Wait" -> Optional.of(exit(1, process(request).await()));
            case "Kill" -> Optional.of(kill(request));
            case "Delete" -> Optional.of(delete(request));
            case "Pids" -> Optional.of(pids(request));
            case "Connect" -> Optional.of(connect(request));
            case "Stats" -> Optional.of(stats(task(request)));
            case "ResizePty" -> Optional.of(resize(request));
            case "Pause" -> Optional.of(pause(request));
            case "Resume" -> Optional.of(resume(request));
            case "Update" -> Optional.of(update(request));
            case "CloseIO" -> Optional.of(closeInput(request));
            // The daemon is there for other tasks, and for those to come.
            case "Shutdown" -> Optional.of(new ProtoWriter());
            default -> Optional.empty();
        };
    }

    private Task task(ProtoMessage request) {
        return tasks.find(namespace, request.text(1));
    }

    /** The process that a request is about: that of the task itself, unless another is named. */
    private TaskProcess process(ProtoMessage request) {
        return task(request).process(request.text(2));
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }

    private ProtoWriter create(ProtoMessage request) {
        long start = System.nanoTime();
        CallTrace.current().attribute("container.id", request.text(1));
        Task task = tasks.create(request);
        task.name().attributes().forEach(CallTrace.current()::attribute);
        namespace = Optional.of(task.key().namespace());
        tasks.metrics().created(task.kind(), since(start));
        return new ProtoWriter().number(1, Task.PID);
    }

    private ProtoWriter start(ProtoMessage request) {
        long start = System.nanoTime();
        Task task = task(request);
        task.name().attributes().forEach(CallTrace.current()::attribute);
        task.start(request.text(2));
        tasks.metrics().started(request.text(2).isEmpty() ? task.kind() : Kind.EXEC, since(start));
        return new ProtoWriter().number(1, Task.PID);
    }

    /** {@code ExecProcessRequest}: id 1, exec_id 2, terminal 3, stdin 4, stdout 5, stderr 6, spec 7. */
    private ProtoWriter exec(ProtoMessage request) {
        long start = System.nanoTime();
        Streams streams = new Streams(request.text(4), request.text(5), request.text(6), request.bool(3));
        task(request).add(request.text(2), ProcessSpec.read(request.message(7)), streams);
        tasks.metrics().created(Kind.EXEC, since(start));
        return new ProtoWriter();
    }

    private ProtoWriter state(ProtoMessage request) {
        Task task = task(request);
        TaskProcess process = process(request);
        TaskStatus status = process.status();
        Streams streams = process.streams();
        ProtoWriter answer = new ProtoWriter()
                .text(1, task.key().id())
                .text(2, task.bundle().toString())
                .number(3, Task.PID)
                .number(4, status.number())
                .text(5, streams.in())
                .text(6, streams.out())
                .text(7, streams.err())
                .bool(8, streams.terminal())
                .text(11, request.text(2));
        status.exit().ifPresent(exit -> answer.number(9, exit.status()).time(10, exit.at()));
        return answer;
    }

    /** Status and time, in a field and the next. */
    private static ProtoWriter exit(int field, Exit exit) {
        return new ProtoWriter().number(field, exit.status()).time(field + 1, exit.at());
    }

    private ProtoWriter kill(ProtoMessage request) {
        long signal = request.number(3);
        if (!Signals.isSignal(signal)) {
            throw new RpcException(Code.INVALID_ARGUMENT, "there is no signal " + signal);
        }
        TaskProcess process = process(request);
        process.hold();
        try {
            process.signal((int) signal);
        } catch (RpcException e) {
            process.letGo();
            throw e;
        }
        return new ProtoWriter();
    }

    /** With the end of a pod containerd hangs up, and to one whose answer was not there yet the kill has failed. */
    @Override
    public void answered(String method, ProtoMessage request) {
        if (method.equals("Kill")) {
            try {
                process(request).letGo();
            } catch (RpcException e) {
                Log.debug("nobody waits for the answer to a kill any more: " + e.getMessage());
            }
        }
    }

    private ProtoWriter delete(ProtoMessage request) {
        Task task = task(request);
        Exit exit = request.text(2).isEmpty() ? tasks.delete(task) : task.deleteProcess(request.text(2));
        return new ProtoWriter().number(1, Task.PID).number(2, exit.status()).time(3, exit.at());
    }

    private ProtoWriter pids(ProtoMessage request) {
        task(request);
        // Of one that has ended too: a containerd that is started again would take a task without processes for a
        // remnant, and forget how it ended.
        return new ProtoWriter().message(1, new ProtoWriter().number(1, Task.PID));
    }

    private ProtoWriter connect(ProtoMessage request) {
        task(request);
        return new ProtoWriter().number(1, Task.PID).number(2, Task.PID).text(3, "2");
    }

    /** {@code ResizePtyRequest}: id 1, exec_id 2, width 3, height 4. */
    private ProtoWriter resize(ProtoMessage request) {
        process(request).resize(request.number(3), request.number(4));
        return new ProtoWriter();
    }

    private ProtoWriter pause(ProtoMessage request) {
        task(request).pause();
        return new ProtoWriter();
    }

    private ProtoWriter resume(ProtoMessage request) {
        task(request).resume();
        return new ProtoWriter();
    }

    /** {@code UpdateTaskRequest}: id 1, resources 2. */
    private ProtoWriter update(ProtoMessage request) {
        task(request).update(Resources.read(request.message(2)));
        return new ProtoWriter();
    }

    /** As the kernel counts for a group (version 2) of processes: {@code io.containerd.cgroups.v2.Metrics}, which any host may answer with. */
    private static ProtoWriter stats(Task task) {
        Usage usage = task.usage();
        long micros = usage.cpu().toNanos() / 1000;
        CpuThrottling throttling = usage.throttling();
        ProtoWriter metrics = new ProtoWriter()
                .message(
                        1,
                        new ProtoWriter()
                                .number(1, task.processes())
                                .number(2, task.container().processLimit().orElse(0)))
                .message(
                        2,
                        new ProtoWriter()
                                .number(1, micros)
                                .number(2, micros)
                                .number(4, throttling.periods())
                                .number(5, throttling.throttledPeriods())
                                .number(6, throttling.throttled().toNanos() / 1000))
                .message(
                        4,
                        new ProtoWriter()
                                .number(32, usage.memoryBytes())
                                .number(33, task.container().memoryLimit()));
        return new ProtoWriter().any(1, "io.containerd.cgroups.v2.Metrics", metrics);
    }

    private ProtoWriter closeInput(ProtoMessage request) {
        TaskProcess process = process(request);
        if (request.bool(3)) {
            process.closeInput();
        }
        return new ProtoWriter();
    }
}
