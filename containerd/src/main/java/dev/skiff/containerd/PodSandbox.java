package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.NotRunnableException;
import dev.skiff.wasm.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The container that stands for a pod, in which nothing runs.
 *
 * <p>In its bundle is a folder {@code ns} for the pod's Linux containers, in which the launcher finds and puts the namespaces that they share: {@code net},
 * a link to the pod's network; {@code sysctl}, the kernel's settings that the other namespaces are to have; {@code ipc} and {@code uts}, mounted by the launcher;
 * {@code runtimes}, where the runtimes of these containers listen.
 */
final class PodSandbox implements Container {
    private static final Pattern SYSCTL = Pattern.compile("[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)+");
    private static final Pattern VALUE = Pattern.compile("[\\P{Cntrl}\\t]*");
    private static final List<String> MOUNTED = List.of("ipc", "uts");

    private final TaskName name;
    private final ContainerNetwork network;
    private final Path folder;

    private PodSandbox(TaskName name, ContainerNetwork network, Path folder) {
        this.name = name;
        this.network = network;
        this.folder = folder;
    }

    /**
     * Makes the network as it should be, and what its Linux containers need.
     *
     * @throws RpcException if that fails
     */
    static PodSandbox open(TaskName name, Path bundle, Spec spec) {
        Path folder = bundle.resolve("ns");
        Map<String, String> others = new TreeMap<>();
        Map<String, String> ofNetwork = new TreeMap<>();
        spec.sysctls().forEach((sysctl, value) -> {
            // The launcher reads a line for each, and would take what follows for the name of another file.
            if (!VALUE.matcher(value).matches()) {
                throw new RpcException(
                        Code.INVALID_ARGUMENT, "the sysctl " + sysctl + " must have a value of one line");
            }
            (sysctl.startsWith("net.") ? ofNetwork : others).put(sysctl, value);
        });
        try {
            Files.createDirectories(folder);
            if (spec.network() instanceof ContainerNetwork.Named named) {
                Files.deleteIfExists(folder.resolve("net"));
                Files.createSymbolicLink(folder.resolve("net"), named.path());
            }
            StringBuilder lines = new StringBuilder();
            others.forEach((sysctl, value) ->
                    lines.append(path(sysctl)).append(' ').append(value).append('\n'));
            if (!lines.isEmpty()) {
                Files.writeString(folder.resolve("sysctl"), lines);
            }
            if (!ofNetwork.isEmpty()) {
                set(spec.network(), ofNetwork);
            }
            return new PodSandbox(name, spec.network(), folder);
        } catch (RpcException e) {
            remove(folder);
            throw e;
        } catch (IOException e) {
            remove(folder);
            throw new RpcException(
                    Code.UNKNOWN, "the pod's folder " + folder + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** Beneath {@code /proc/sys}. */
    private static String path(String sysctl) {
        if (!SYSCTL.matcher(sysctl).matches()) {
            throw new RpcException(Code.INVALID_ARGUMENT, "there is no sysctl " + sysctl);
        }
        return sysctl.replace('.', '/');
    }

    private static void set(ContainerNetwork network, Map<String, String> sysctls) {
        if (network instanceof ContainerNetwork.OfHost) {
            throw new RpcException(
                    Code.INVALID_ARGUMENT,
                    "a pod with the machine's network cannot change it: "
                            + sysctls.keySet().iterator().next());
        }
        try {
            network.run(() -> sysctls.forEach((name, value) -> {
                try {
                    Files.writeString(Path.of("/proc/sys", path(name)), value);
                } catch (IOException e) {
                    throw new UncheckedIOException("the sysctl " + name + " cannot be set to " + value, e);
                }
            }));
        } catch (NotRunnableException | UncheckedIOException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, e.getMessage(), e);
        }
    }

    @Override
    public Program main(ProgramIo io) {
        return new PauseProgram();
    }

    @Override
    public Program further(ProcessSpec process, ProgramIo io, Supplier<String> processes) {
        throw new RpcException(
                Code.FAILED_PRECONDITION, "nothing runs in the container that stands for a pod; name one of the pod's");
    }

    @Override
    public ContainerNetwork network() {
        return network;
    }

    @Override
    public long memoryLimit() {
        return 0;
    }

    @Override
    public OptionalLong processLimit() {
        return OptionalLong.empty();
    }

    @Override
    public Limits update(Resources resources) {
        // The kubelet asks for it; the pod's limits are those of its containers.
        return Limits.DEFAULT;
    }

    @Override
    public void release() {
        LinuxRuntimes.end(name, folder.resolve("runtimes"));
        MOUNTED.stream().map(folder::resolve).filter(Files::exists).forEach(RootMount::unmountAll);
        remove(folder);
    }

    /** A launcher that comes now finds no pod, and not the rest of one. */
    private static void remove(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (NoSuchFileException e) {
            Log.debug("the pod's folder " + folder + " is gone already");
        } catch (IOException e) {
            Log.warn("the pod's folder " + folder + " stays: " + e);
        }
    }
}
