package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.EntryPoint;
import dev.skiff.host.Execution;
import dev.skiff.host.ExitStatus;
import dev.skiff.host.ModuleSource;
import dev.skiff.host.NotFoundException;
import dev.skiff.host.Runner;
import dev.skiff.host.Usage;
import dev.skiff.host.Workload;
import dev.skiff.host.WorkloadException;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.wasi.PreopenedDirectory;
import dev.skiff.wasm.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A WebAssembly program of a container's files. */
final class WasmProgram implements Program {
    /** What the kernel shows there is of no use to a guest, and none of its business. */
    private static final Set<String> KERNELS = Set.of("/proc", "/sys", "/dev");

    /** What some write for no limit is more than an engine can promise: 1 TiB. */
    private static final long MAX_MEMORY = 1L << 40;

    private final Execution execution;
    private final TaskIo io;
    private final Optional<Path> terminationMessage;

    private WasmProgram(Execution execution, TaskIo io, Optional<Path> terminationMessage) {
        this.execution = execution;
        this.io = io;
        this.terminationMessage = terminationMessage;
    }

    /**
     * Reads and links the program that a container names; nothing of it runs.
     *
     * @throws RpcException if it cannot be run, with the reason
     */
    static WasmProgram prepare(Runner runner, Spec spec, TaskIo io) {
        String program = spec.arguments().getFirst();
        int hash = program.lastIndexOf('#');
        String path = hash < 0 ? program : program.substring(0, hash);
        try {
            List<String> arguments =
                    spec.arguments().subList(1, spec.arguments().size());
            Workload.Builder workload = Workload.of(new ModuleSource.OfBytes(path, read(spec, path)))
                    .stdio(io.stdio())
                    .limits(limits(spec))
                    .directory(new PreopenedDirectory(spec.root(), "/", spec.readOnly()));
            if (hash < 0) {
                workload.arguments(spec.arguments());
            } else {
                workload.entryPoint(new EntryPoint.Invoke(program.substring(hash + 1), arguments));
            }
            spec.environment().forEach(workload::environment);
            for (Spec.Mount mount : spec.mounts()) {
                if (mount.type().equals("bind") && isFolder(mount)) {
                    workload.directory(
                            new PreopenedDirectory(Path.of(mount.source()), mount.destination(), mount.readOnly()));
                }
            }
            return new WasmProgram(runner.prepare(workload.build()), io, terminationMessage(spec));
        } catch (NotFoundException e) {
            throw new RpcException(Code.NOT_FOUND, "cannot run " + program + ": " + e.getMessage(), e);
        } catch (WorkloadException | IllegalArgumentException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, "cannot run " + program + ": " + e.getMessage(), e);
        }
    }

    /** The file of Kubernetes for it, at its usual place. */
    private static Optional<Path> terminationMessage(Spec spec) {
        return spec.mounts().stream()
                .filter(mount -> mount.destination().equals("/dev/termination-log")
                        && mount.type().equals("bind")
                        && !mount.readOnly())
                .map(mount -> Path.of(mount.source()))
                .findFirst();
    }

    private static boolean isFolder(Spec.Mount mount) {
        boolean kernels = KERNELS.stream()
                .anyMatch(top ->
                        mount.destination().equals(top) || mount.destination().startsWith(top + "/"));
        return !kernels && Files.isDirectory(Path.of(mount.source()));
    }

    static Limits limits(Spec spec) {
        Limits limits = Limits.DEFAULT;
        if (spec.memoryLimit().isPresent()) {
            limits = limits.withMaxMemoryBytes(Math.min(spec.memoryLimit().get(), MAX_MEMORY));
        }
        double cpus = spec.cpus().orElse(1.0);
        return cpus < 1 ? limits.withCpuQuota(cpus) : limits;
    }

    /** Reads a file of the container, whose symbolic links lead nowhere else. */
    private static byte[] read(Spec spec, String path) {
        String absolute = path.startsWith("/") ? path : spec.directory() + "/" + path;
        try {
            int root = Paths.open(
                    spec.root().toString(), OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC, 0);
            try {
                int fd = Paths.open2(
                        root,
                        absolute.getBytes(StandardCharsets.UTF_8),
                        OpenFlags.READ_ONLY | OpenFlags.NONBLOCK | OpenFlags.CLOSE_ON_EXEC,
                        0,
                        OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS);
                try {
                    return new ModuleSource.OfFile(Path.of("/proc/self/fd/" + fd)).read();
                } finally {
                    Descriptors.close(fd);
                }
            } finally {
                Descriptors.close(root);
            }
        } catch (LinuxException e) {
            throw new NotFoundException("the container's files have no " + absolute + " that can be read: "
                    + e.errno().text());
        }
    }

    @Override
    public void start(Consumer<End> ended) {
        execution.start();
        Thread.ofVirtual().name("end of a program").start(() -> {
            try {
                ExitStatus status = execution.await();
                complain(status);
                ended.accept(new End(status.code(), status instanceof ExitStatus.OutOfMemory));
            } catch (InterruptedException e) {
                Log.error("a program's end is not known", e);
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
            terminationMessage.ifPresent(file -> write(file, reason));
        });
    }

    /** Says for people who ask Kubernetes why it ended; what the program itself wrote there comes first. */
    private static void write(Path file, String reason) {
        try {
            Files.writeString(file, "skiff: " + reason + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            Log.warn("the reason of an end was not written to " + file + ": " + e.getMessage());
        }
    }

    @Override
    public void signal(int signal) {
        if (Signals.ends(signal)) {
            execution.stop(signal);
        }
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
