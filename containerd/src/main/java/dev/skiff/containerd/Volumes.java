package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Mounts folders and files of this machine, and file systems in memory, beneath the root of a container, as its configuration says. The
 * image's symbolic links lead nowhere else. What is mounted goes with the root.
 */
final class Volumes implements AutoCloseable {
    /** What the kernel shows there is of no use to a guest, and none of its business. */
    private static final Set<String> KERNELS = Set.of("/proc", "/sys", "/dev");

    private static final int FOLDER_MODE = 0755;
    private static final int FILE_MODE = 0644;

    private final RootFolder root;

    private Volumes(Path root) {
        this.root = new RootFolder(root);
    }

    /**
     * Mounts them one after the other.
     *
     * @throws RpcException if one is refused, with which and why; some may be mounted then
     */
    static void mount(Path root, List<Spec.Mount> mounts) {
        try (Volumes volumes = new Volumes(root)) {
            wanted(mounts).forEach(volumes::mount);
        } catch (LinuxException e) {
            throw new RpcException(Code.UNKNOWN, "the container's root cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Those that mean something here. */
    static List<Spec.Mount> wanted(List<Spec.Mount> mounts) {
        return mounts.stream().filter(Volumes::isWanted).toList();
    }

    private static boolean isWanted(Spec.Mount mount) {
        boolean kernels = KERNELS.stream()
                .anyMatch(top ->
                        mount.destination().equals(top) || mount.destination().startsWith(top + "/"));
        // Kubernetes puts the file for the reason of an end there.
        return !kernels || isBind(mount) && Files.isRegularFile(Path.of(mount.source()));
    }

    private static boolean isBind(Spec.Mount mount) {
        return mount.type().equals("bind") || mount.options().isBind();
    }

    private void mount(Spec.Mount mount) {
        boolean bind = isBind(mount);
        if (!bind && !mount.type().equals("tmpfs")) {
            throw refused(mount, "Wasm tasks have no file systems of the type " + mount.type());
        }
        if (bind && !mount.options().data().isEmpty()) {
            throw refused(mount, "the option " + mount.options().data().getFirst() + " is not known");
        }
        Path destination = Path.of(mount.destination()).normalize();
        if (!destination.isAbsolute() || destination.getNameCount() == 0) {
            throw refused(mount, "it is no absolute path beneath the root");
        }
        boolean folder = !bind || Files.isDirectory(Path.of(mount.source()));
        try {
            int place = placeFor(destination, folder);
            try {
                mount.options().mount(mount.source(), RootFolder.path(place), bind ? "" : mount.type());
            } finally {
                Descriptors.close(place);
            }
            // The place is beneath what was mounted now.
            int mounted = open(destination);
            try {
                mount.options().adjust(RootFolder.path(mounted));
            } finally {
                Descriptors.close(mounted);
            }
        } catch (LinuxException e) {
            throw refused(mount, e.getMessage());
        }
    }

    private int open(Path path) {
        return root.open(path.toString(), OpenFlags.PATH);
    }

    /** Opens the folder or file to mount at, which is made if it is not there. */
    private int placeFor(Path path, boolean folder) {
        try {
            return open(path);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        int parent = path.getNameCount() == 1 ? Descriptors.duplicate(root.fd()) : placeFor(path.getParent(), true);
        try {
            make(parent, bytes(path.getFileName()), folder);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        } finally {
            Descriptors.close(parent);
        }
        return open(path);
    }

    private static void make(int parent, byte[] name, boolean folder) {
        if (folder) {
            Paths.OWN.makeDirectory(parent, name, FOLDER_MODE);
        } else {
            int flags = OpenFlags.WRITE_ONLY | OpenFlags.CREATE | OpenFlags.EXCLUSIVE | OpenFlags.CLOSE_ON_EXEC;
            Descriptors.close(Paths.OWN.open(parent, name, flags, FILE_MODE));
        }
    }

    private static byte[] bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static RpcException refused(Spec.Mount mount, String why) {
        return new RpcException(
                Code.INVALID_ARGUMENT,
                "cannot mount " + mount.source() + " at " + mount.destination() + " in the container: " + why);
    }

    @Override
    public void close() {
        root.close();
    }
}
