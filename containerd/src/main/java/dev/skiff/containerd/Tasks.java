package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.ModuleUse;
import dev.skiff.host.Usage;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** All tasks of one containerd. Thread-safe. */
final class Tasks {
    private final Modules modules;
    private final Events events;
    private final Metrics metrics = new Metrics();
    private final Map<TaskKey, Task> tasks = new ConcurrentHashMap<>();
    /** Those that somebody makes at the moment. */
    private final Set<TaskKey> making = ConcurrentHashMap.newKeySet();

    private Duration cpuOfGone = Duration.ZERO;
    private Duration throttledOfGone = Duration.ZERO;

    Tasks(Modules modules, Events events) {
        this.modules = modules;
        this.events = events;
    }

    /**
     * Makes a task ready to start.
     *
     * @param request {@code CreateTaskRequest}: id 1, bundle 2, rootfs 3, terminal 4, stdin 5, stdout 6, stderr 7, checkpoint 8
     * @throws RpcException if it cannot be run; then nothing of it stays
     */
    Task create(ProtoMessage request) {
        String id = Ids.check(request.text(1));
        Path bundle = bundle(id, request.text(2));
        if (!request.text(8).isEmpty()) {
            throw new RpcException(Code.UNIMPLEMENTED, "Wasm tasks cannot be restored from checkpoints");
        }
        TaskKey key = new TaskKey(bundle.getParent().getFileName().toString(), id);
        // From here on nobody else makes it too, nor mounts files over these.
        if (!making.add(key)) {
            throw new RpcException(Code.ALREADY_EXISTS, "the task " + id + " is made already");
        }
        try {
            if (tasks.containsKey(key)) {
                throw new RpcException(Code.ALREADY_EXISTS, "there is a task " + id + " already");
            }
            Task task = create(key, bundle, request);
            tasks.put(key, task);
            return task;
        } finally {
            making.remove(key);
        }
    }

    private static Path bundle(String id, String name) {
        try {
            Path bundle = Path.of(name);
            if (bundle.isAbsolute()
                    && bundle.getNameCount() >= 2
                    && bundle.normalize().equals(bundle)) {
                return bundle;
            }
            throw new RpcException(
                    Code.INVALID_ARGUMENT, "the bundle of " + id + " is no absolute path without dots: " + bundle);
        } catch (InvalidPathException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, "the bundle of " + id + " is no path: " + e.getMessage(), e);
        }
    }

    private Task create(TaskKey key, Path bundle, ProtoMessage request) {
        Streams streams = new Streams(request.text(5), request.text(6), request.text(7), request.bool(4));
        Spec spec = Spec.read(bundle);
        TaskName name = TaskName.of(key, spec.annotations());
        Container container = spec.isSandbox()
                ? PodSandbox.open(name, bundle, spec)
                : WasmContainer.open(
                        modules.runner(),
                        name,
                        bundle,
                        spec,
                        network(key, spec),
                        modules.imageOf(key),
                        request.messages(3));
        try {
            return create(name, bundle, spec, container, streams);
        } catch (RuntimeException | Error e) {
            container.release();
            throw e;
        }
    }

    /**
     * Where a container's sockets are. In a pod that is where those of the container are that stands for it; the configuration names
     * the process of that one, which is this.
     */
    private ContainerNetwork network(TaskKey key, Spec spec) {
        Optional<Task> sandbox = spec.sandbox().map(id -> tasks.get(new TaskKey(key.namespace(), id)));
        if (sandbox.isPresent()) {
            return sandbox.get().container().network();
        }
        Path own = Path.of("/proc", Long.toString(Task.PID), "ns/net");
        return spec.network().equals(new ContainerNetwork.Named(own)) ? new ContainerNetwork.Nothing() : spec.network();
    }

    private Task create(TaskName name, Path bundle, Spec spec, Container container, Streams streams) {
        TaskIo io = TaskIo.open(name.key(), streams);
        try {
            spec.process().window().ifPresent(window -> io.resize(window.columns(), window.rows()));
            return new Task(name, bundle, container, streams, container.main(io), io, events, metrics);
        } catch (RuntimeException | Error e) {
            io.close();
            throw e;
        }
    }

    /**
     * Looks a task up.
     *
     * @param namespace containerd's; where it is not known, an ID that only one has will do
     * @throws RpcException if there is none
     */
    Task find(Optional<String> namespace, String id) {
        List<Task> found = tasks.values().stream()
                .filter(task -> task.key().id().equals(id))
                .filter(task ->
                        namespace.isEmpty() || namespace.get().equals(task.key().namespace()))
                .toList();
        if (found.size() != 1) {
            throw new RpcException(Code.NOT_FOUND, "there is no task " + id);
        }
        return found.getFirst();
    }

    /** Deletes a task that has ended, or never began. */
    Exit delete(Task task) {
        Exit exit = task.delete();
        remove(task);
        return exit;
    }

    /** Whether there are none. */
    boolean isEmpty() {
        return tasks.isEmpty();
    }

    private synchronized void remove(Task task) {
        if (tasks.remove(task.key(), task)) {
            Usage usage = task.usage();
            cpuOfGone = cpuOfGone.plus(usage.cpu());
            throttledOfGone = throttledOfGone.plus(usage.throttling().throttled());
        }
    }

    /** What there is at this moment. Waits for no task, as tasks would wait for it. */
    synchronized Census census() {
        Map<String, Long> instances = new TreeMap<>();
        Map<String, Long> pods = new TreeMap<>();
        long memory = 0;
        Duration cpu = cpuOfGone;
        Duration throttled = throttledOfGone;
        for (Task task : tasks.values()) {
            Usage usage = task.usage();
            memory += usage.memoryBytes();
            cpu = cpu.plus(usage.cpu());
            throttled = throttled.plus(usage.throttling().throttled());
            Map<String, Long> counts = task.kind() == Metrics.Kind.POD ? pods : instances;
            counts.merge(task.key().namespace(), task.processes(), Long::sum);
        }
        return new Census(instances, pods, memory, cpu, throttled);
    }

    /** What was counted of them so far. */
    Metrics metrics() {
        return metrics;
    }

    /** How the modules of their programs were used. */
    ModuleUse moduleUse() {
        return modules.runner().moduleUse();
    }

    /**
     * Ends tasks whose bundle is gone: containerd has forgotten them, and nobody would ever end them. The folder itself may be left, as what is
     * mounted in it keeps it.
     */
    void sweep() {
        for (Task task : tasks.values()) {
            if (!Files.exists(task.bundle().resolve(Spec.FILE))) {
                Log.warn(
                        "the task is ended, as containerd has forgotten it",
                        task.name().fields());
                task.abandon();
                remove(task);
            }
        }
    }
}
