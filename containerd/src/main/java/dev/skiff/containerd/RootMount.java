package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Mounts the files of an image where the container has its root, as containerd's snapshotter says. */
final class RootMount {
    private RootMount() {}

    /**
     * Mounts one upon the other; without any the root is what is there already.
     *
     * @param mounts {@code containerd.types.Mount}: type 1, source 2, target 3, options 4
     * @throws RpcException if one is refused; then nothing stays mounted
     */
    static void mount(List<ProtoMessage> mounts, Path root) {
        try {
            Files.createDirectories(root);
            if (mounts.isEmpty()) {
                // Then what is there becomes a mount, so that what is mounted beneath it goes with it.
                MountOptions.parse(List.of("rbind")).mount(root.toString(), root.toString(), "");
                MountOptions.parse(List.of()).adjust(root.toString());
            }
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

    /**
     * Lets nobody change anything in a root that is mounted, but for what is mounted beneath it.
     *
     * @throws RpcException if that is refused
     */
    static void protect(Path root) {
        try {
            MountOptions.parse(List.of("bind", "ro")).adjust(root.toString());
        } catch (LinuxException e) {
            throw new RpcException(Code.UNKNOWN, "the image's files cannot be made read-only: " + e.getMessage(), e);
        }
    }

    private static void mount(ProtoMessage mount, Path target) {
        MountOptions options = MountOptions.parse(mount.texts(4));
        options.mount(mount.text(2), target.toString(), mount.text(1));
        options.adjust(target.toString());
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
