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
import dev.skiff.linux.FileUser;
import dev.skiff.oci.Digest;
import dev.skiff.wasi.PreopenedDirectory;
import dev.skiff.wasi.StandardInput;
import dev.skiff.wasm.Limits;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** A container of WebAssembly programs: the files of an image, and what is mounted there. */
final class WasmContainer implements Container {
    /**
     * What is different where the daemon has a container and where it is a process of its own.
     *
     * @param root where its files are
     * @param network where its sockets are
     * @param image what it was made from
     * @param message where to say why it ended
     * @param users who a process is to the kernel
     * @param release gives the files back
     */
    private record Surroundings(
            Path root,
            ContainerNetwork network,
            ContainerImage image,
            Optional<Path> message,
            Function<ProcessSpec, FileUser> users,
            Runnable release) {}

    private final Runner runner;
    private final TaskName task;
    private final Spec spec;
    private final Settings settings;
    private final Surroundings surroundings;
    private volatile Limits limits;
    /** Negative without a limit. */
    private volatile long processes;

    private WasmContainer(
            Runner runner, TaskName task, Spec spec, Settings settings, Limits limits, Surroundings surroundings) {
        this.runner = runner;
        this.task = task;
        this.spec = spec;
        this.settings = settings;
        this.limits = limits;
        processes = spec.resources().processes().orElse(-1);
        this.surroundings = surroundings;
    }

    /**
     * Mounts the files.
     *
     * @param task what it is in the log
     * @param network where its sockets are
     * @param image what it was made from
     * @param rootfs what to mount, see {@link RootMount#mount}
     * @throws RpcException if that fails; then nothing stays mounted
     */
    static WasmContainer open(
            Runner runner,
            TaskName task,
            Path bundle,
            Spec spec,
            ContainerNetwork network,
            ContainerImage image,
            List<ProtoMessage> rootfs) {
        Settings settings = Settings.of(spec.annotations());
        Limits limits = limits(spec, settings);
        long begin = System.nanoTime();
        RootMount root = mount(bundle, spec, rootfs);
        CallTrace.current().part("skiff.mount", begin, System.nanoTime(), Map.of());
        return new WasmContainer(
                runner,
                task,
                spec,
                settings,
                limits,
                new Surroundings(
                        root.root(),
                        network,
                        image,
                        spec.terminationMessage().map(mount -> Path.of(mount.source())),
                        process -> spec.users().onMachine(process.user()),
                        root::unmount));
    }

    private static Limits limits(Spec spec, Settings settings) {
        try {
            return settings.applyTo(spec.resources().initial());
        } catch (IllegalArgumentException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, "no container can have such limits: " + e.getMessage(), e);
        }
    }

    private static RootMount mount(Path bundle, Spec spec, List<ProtoMessage> rootfs) {
        List<Spec.Mount> volumes = Volumes.wanted(spec.mounts());
        boolean isFolder = rootfs.isEmpty() && (!volumes.isEmpty() || spec.readOnly());
        // What the launcher unmounts for a daemon that died is beneath this.
        RootMount root = isFolder
                ? RootMount.ofFolder(spec.root(), bundle.resolve("rootfs"))
                : RootMount.mount(rootfs, spec.root());
        try {
            if (!volumes.isEmpty()) {
                Volumes.mount(root.root(), volumes);
            }
            if (spec.readOnly()) {
                root.protect();
            }
            return root;
        } catch (RuntimeException e) {
            root.unmount();
            throw e;
        }
    }

    /**
     * One whose files are mounted, in the namespaces of this process. The kernel has it keep to its part of the processors.
     *
     * @param image as for {@link #open}
     */
    static WasmContainer within(Runner runner, Spec spec, ContainerImage image) {
        Settings settings = Settings.of(spec.annotations());
        return new WasmContainer(
                runner,
                TaskName.of(new TaskKey("", ""), spec.annotations()),
                spec,
                settings,
                limits(spec, settings).withCpuQuota(OptionalDouble.empty()).withCpuShares(Limits.DEFAULT.cpuShares()),
                new Surroundings(
                        spec.root(),
                        new ContainerNetwork.OfHost(),
                        image,
                        terminationMessageWithin(spec),
                        // This process is the user's already.
                        _ -> FileUser.ROOT,
                        () -> {}));
    }

    /** Where the reason of an end is written in a container whose files are mounted. */
    static Optional<Path> terminationMessageWithin(Spec spec) {
        return spec.terminationMessage().map(_ -> Path.of(spec.root() + Spec.TERMINATION_MESSAGE));
    }

    @Override
    public Program main(ProgramIo io) {
        Workload.Builder workload = program(spec.process(), io).network(surroundings.network());
        settings.listeners().forEach(workload::listener);
        return prepare(spec.process(), workload, io, surroundings.message(), surroundings.image()::begin);
    }

    @Override
    public Program further(ProcessSpec process, ProgramIo io, Supplier<String> processes) {
        Optional<Tool> tool = Tool.of(process.program());
        if (tool.isEmpty()) {
            return prepare(process, program(process, io), io, Optional.empty(), surroundings.image()::begin);
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
                Optional.empty(),
                // It is of no image.
                _ -> () -> {});
    }

    /** What runs of the container's files, or of an image that has none. */
    private Workload.Builder program(ProcessSpec process, ProgramIo io) {
        ProgramFile file = new ProgramFile(surroundings.root(), process);
        Workload.Builder workload = Workload.of(module(process, file)).stdio(io.stdio());
        Optional<String> export = file.export();
        if (export.isEmpty()) {
            workload.arguments(process.arguments());
        } else {
            List<String> arguments =
                    process.arguments().subList(1, process.arguments().size());
            workload.entryPoint(new EntryPoint.Invoke(export.get(), arguments));
        }
        return workload;
    }

    private ModuleSource module(ProcessSpec process, ProgramFile file) {
        NotFoundException missing;
        try {
            file.check();
            return new ModuleSource.OfReader(file.path(), Optional.empty(), file::read);
        } catch (NotFoundException e) {
            missing = e;
        }
        // Others than the main program would be the same once more.
        Optional<ModuleSource> found =
                process.equals(spec.process()) ? surroundings.image().module(file.path()) : Optional.empty();
        return found.orElseThrow(() -> cannotRun(Code.NOT_FOUND, process, missing));
    }

    /** Links a program; nothing of it runs. */
    private Program prepare(
            ProcessSpec process,
            Workload.Builder workload,
            ProgramIo io,
            Optional<Path> message,
            Function<Digest, Runnable> begun) {
        try {
            Limits shared = limits;
            workload.limits(process.openFiles().map(shared::withMaxOpenFiles).orElse(shared));
            workload.directory(PreopenedDirectory.root(surroundings.root(), false));
            workload.user(surroundings.users().apply(process));
            process.environment().forEach(workload::environment);
            Execution execution = runner.prepare(workload.build());
            trace(execution.preparation());
            return new WasmProgram(task, execution, io, message, begun);
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

    @Override
    public ContainerNetwork network() {
        return surroundings.network();
    }

    @Override
    public long memoryLimit() {
        return limits.maxMemoryBytes();
    }

    @Override
    public OptionalLong processLimit() {
        long most = processes;
        return most < 0 ? OptionalLong.empty() : OptionalLong.of(most);
    }

    @Override
    public synchronized Limits update(Resources resources) {
        limits = resources.applyTo(limits);
        processes = resources.processes().orElse(processes);
        return limits;
    }

    @Override
    public void release() {
        surroundings.release().run();
    }
}
