package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.EntryPoint;
import dev.skiff.host.Execution;
import dev.skiff.host.ModuleSource;
import dev.skiff.host.NotFoundException;
import dev.skiff.host.Preparation;
import dev.skiff.host.Runner;
import dev.skiff.host.Stdio;
import dev.skiff.host.Workload;
import dev.skiff.host.WorkloadException;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.wasi.PreopenedDirectory;
import dev.skiff.wasi.StandardInput;
import dev.skiff.wasm.Limits;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A container of WebAssembly programs: the files of an image, and what is mounted there. */
final class WasmContainer implements Container {
    private final Runner runner;
    private final TaskName task;
    private final Spec spec;
    private final ContainerNetwork network;
    private final Supplier<Optional<WasmImage>> image;
    private final Settings settings;
    private volatile Limits limits;

    private WasmContainer(
            Runner runner, TaskName task, Spec spec, ContainerNetwork network, Supplier<Optional<WasmImage>> image) {
        this.runner = runner;
        this.task = task;
        this.spec = spec;
        this.network = network;
        this.image = image;
        settings = Settings.of(spec.annotations());
        limits = settings.applyTo(spec.resources().initial());
    }

    /**
     * Mounts the files.
     *
     * @param task what it is in the log
     * @param network where its sockets are
     * @param image that it was made from, if that is a module and nothing else
     * @param rootfs what to mount, see {@link RootMount#mount}
     * @throws RpcException if that fails; then nothing stays mounted
     */
    static WasmContainer open(
            Runner runner,
            TaskName task,
            Spec spec,
            ContainerNetwork network,
            Supplier<Optional<WasmImage>> image,
            List<ProtoMessage> rootfs) {
        WasmContainer container = new WasmContainer(runner, task, spec, network, image);
        long begin = System.nanoTime();
        RootMount.mount(rootfs, spec.root());
        try {
            Volumes.mount(spec.root(), spec.mounts());
            CallTrace.current().part("skiff.mount", begin, System.nanoTime(), Map.of());
        } catch (RuntimeException e) {
            container.release();
            throw e;
        }
        return container;
    }

    @Override
    public Program main(TaskIo io) {
        Workload.Builder workload = program(spec.process(), io).network(network);
        settings.listeners().forEach(workload::listener);
        return prepare(spec.process(), workload, io, terminationMessage());
    }

    @Override
    public Program further(ProcessSpec process, TaskIo io, Supplier<String> processes) {
        Optional<Tool> tool = Tool.of(process.program());
        if (tool.isEmpty()) {
            return prepare(process, program(process, io), io, Optional.empty());
        }
        Stdio stdio = io.stdio();
        if (tool.get() == Tool.PS) {
            byte[] table = processes.get().getBytes(StandardCharsets.UTF_8);
            stdio = new Stdio(new StandardInput.Stream(new ByteArrayInputStream(table)), stdio.out(), stdio.err());
        }
        return prepare(
                process,
                Workload.of(tool.get().module()).arguments(process.arguments()).stdio(stdio),
                io,
                Optional.empty());
    }

    /** What runs of the container's files, or of an image that has none. */
    private Workload.Builder program(ProcessSpec process, TaskIo io) {
        String program = process.program();
        int hash = program.lastIndexOf('#');
        String path = hash < 0 ? program : program.substring(0, hash);
        Workload.Builder workload = Workload.of(module(process, path)).stdio(io.stdio());
        if (hash < 0) {
            workload.arguments(process.arguments());
        } else {
            List<String> arguments =
                    process.arguments().subList(1, process.arguments().size());
            workload.entryPoint(new EntryPoint.Invoke(program.substring(hash + 1), arguments));
        }
        return workload;
    }

    private ModuleSource module(ProcessSpec process, String path) {
        NotFoundException missing;
        try {
            Descriptors.close(open(process, path));
            return new ModuleSource.OfReader(path, Optional.empty(), () -> read(process, path));
        } catch (NotFoundException e) {
            missing = e;
        }
        // Others than the main program would be the same once more.
        Optional<WasmImage> found = process.equals(spec.process()) ? image.get() : Optional.empty();
        return found.map(module -> new ModuleSource.OfReader(
                        path, Optional.of(module.module().digest()), module::read))
                .orElseThrow(() -> cannotRun(Code.NOT_FOUND, process, missing));
    }

    /** Links a program; nothing of it runs. */
    private Program prepare(ProcessSpec process, Workload.Builder workload, TaskIo io, Optional<Path> message) {
        try {
            Limits shared = limits;
            workload.limits(process.openFiles().map(shared::withMaxOpenFiles).orElse(shared));
            workload.directory(PreopenedDirectory.root(spec.root(), spec.readOnly()));
            workload.user(spec.users().onMachine(process.user()));
            process.environment().forEach(workload::environment);
            Execution execution = runner.prepare(workload.build());
            trace(execution.preparation());
            return new WasmProgram(task, execution, io, message);
        } catch (NotFoundException e) {
            throw cannotRun(Code.NOT_FOUND, process, e);
        } catch (WorkloadException | IllegalArgumentException e) {
            throw cannotRun(Code.INVALID_ARGUMENT, process, e);
        }
    }

    private static void trace(Preparation times) {
        Map<String, String> remembered = Map.of("skiff.module.remembered", Boolean.toString(times.remembered()));
        CallTrace.current().part("skiff.module.load", times.begun(), times.loaded(), remembered);
        CallTrace.current().part("skiff.module.link", times.loaded(), times.ready(), Map.of());
    }

    private static RpcException cannotRun(Code code, ProcessSpec process, RuntimeException why) {
        return new RpcException(code, "cannot run " + process.program() + ": " + why.getMessage(), why);
    }

    /** The file of Kubernetes for it, at its usual place. */
    private Optional<Path> terminationMessage() {
        return spec.mounts().stream()
                .filter(mount -> mount.destination().equals("/dev/termination-log")
                        && mount.type().equals("bind")
                        && !mount.readOnly())
                .map(mount -> Path.of(mount.source()))
                .findFirst();
    }

    private byte[] read(ProcessSpec process, String path) {
        int fd = open(process, path);
        try {
            return new ModuleSource.OfFile(Path.of("/proc/self/fd/" + fd)).read();
        } finally {
            Descriptors.close(fd);
        }
    }

    /** Opens a file of the container, whose symbolic links lead nowhere else. */
    private int open(ProcessSpec process, String path) {
        if (path.isEmpty() || path.equals("/")) {
            throw new NotFoundException(
                    "the container's image is no WebAssembly module, and it names none of its files");
        }
        String absolute = path.startsWith("/") ? path : process.directory() + "/" + path;
        try {
            int root = Paths.OWN.open(
                    spec.root().toString(), OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC, 0);
            try {
                return Paths.OWN.open2(
                        root,
                        absolute.getBytes(StandardCharsets.UTF_8),
                        OpenFlags.READ_ONLY | OpenFlags.NONBLOCK | OpenFlags.CLOSE_ON_EXEC,
                        0,
                        OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS);
            } finally {
                Descriptors.close(root);
            }
        } catch (LinuxException e) {
            throw new NotFoundException("the container's files have no " + absolute + " that can be read: "
                    + e.errno().text());
        }
    }

    @Override
    public ContainerNetwork network() {
        return network;
    }

    @Override
    public long memoryLimit() {
        return limits.maxMemoryBytes();
    }

    @Override
    public synchronized Limits update(Resources resources) {
        limits = resources.applyTo(limits);
        return limits;
    }

    @Override
    public void release() {
        RootMount.unmount(spec.root());
    }
}
