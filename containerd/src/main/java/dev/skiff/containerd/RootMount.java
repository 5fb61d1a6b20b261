package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Mounts the files of an image where the container has its root, as containerd's snapshotter says. */
final class RootMount {
    private static final Map<String, Long> FLAGS = Map.ofEntries(
            Map.entry("ro", Mounts.READ_ONLY),
            Map.entry("rw", 0L),
            Map.entry("bind", Mounts.BIND),
            Map.entry("rbind", Mounts.BIND | Mounts.RECURSIVE),
            Map.entry("nosuid", Mounts.NO_SUID),
            Map.entry("nodev", Mounts.NO_DEVICES),
            Map.entry("noexec", Mounts.NO_EXEC),
            Map.entry("sync", Mounts.SYNCHRONOUS),
            Map.entry("dirsync", Mounts.DIRECTORY_SYNCHRONOUS),
            Map.entry("noatime", Mounts.NO_ACCESS_TIMES),
            Map.entry("nodiratime", Mounts.NO_DIRECTORY_ACCESS_TIMES),
            Map.entry("relatime", Mounts.RELATIVE_ACCESS_TIMES));

    private RootMount() {}

    /**
     * Mounts one upon the other; without any the root is what is there.
     *
     * @param mounts {@code containerd.types.Mount}: type 1, source 2, target 3, options 4
     * @throws RpcException if one is refused; then nothing stays mounted
     */
    static void mount(List<ProtoMessage> mounts, Path root) {
        try {
            Files.createDirectories(root);
            for (ProtoMessage mount : mounts) {
                mount(
                        mount,
                        mount.text(3).isEmpty()
                                ? root
                                : root.resolve(mount.text(3).replaceFirst("^/+", "")));
            }
        } catch (LinuxException | IOException e) {
            unmount(root);
            throw new RpcException(Code.UNKNOWN, "the image's files cannot be mounted: " + e.getMessage(), e);
        }
    }

    private static void mount(ProtoMessage mount, Path target) {
        long flags = 0;
        List<String> data = new ArrayList<>();
        for (String option : mount.texts(4)) {
            Long flag = FLAGS.get(option);
            if (flag == null) {
                data.add(option);
            } else {
                flags |= flag;
            }
        }
        Mounts.mount(mount.text(2), target.toString(), mount.text(1), flags, String.join(",", data));
        boolean bind = (flags & Mounts.BIND) != 0;
        if (bind && (flags & ~(Mounts.BIND | Mounts.RECURSIVE)) != 0) {
            // A bind is as its source at first.
            Mounts.mount("", target.toString(), "", flags & ~Mounts.RECURSIVE | Mounts.REMOUNT, "");
        }
    }

    /** Unmounts all that is mounted there; what is no mount is left alone. */
    static void unmount(Path root) {
        try {
            while (true) {
                Mounts.unmount(root.toString(), Mounts.DETACH | Mounts.NO_FOLLOW);
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOENT) {
                Log.warn("the files of a container stay mounted: " + e.getMessage());
            }
        }
    }
}
