package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Errno;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Mounts;
import dev.skiff.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The files of an image, mounted where the container has its root, as containerd's snapshotter says. Not thread-safe. */
final class RootMount {
    private final Path root;
    private int mounted;

    private RootMount(Path root) {
        this.root = root;
    }

    /**
     * Mounts one upon the other; without any the root is what is there.
     *
     * @param mounts {@code containerd.types.Mount}: type 1, source 2, target 3 (a folder beneath the root), options 4
     * @throws RpcException if one is refused; then nothing stays mounted
     */
    static RootMount mount(List<ProtoMessage> mounts, Path root) {
        RootMount made = new RootMount(root);
        made.make(() -> mounts.forEach(made::add));
        return made;
    }

    /**
     * Mounts a folder that is there already at another place, so that what is mounted in it is mounted there alone.
     *
     * @throws RpcException if that is refused; then nothing stays mounted
     */
    static RootMount ofFolder(Path folder, Path place) {
        RootMount made = new RootMount(place);
        made.make(() -> made.add(folder.toString(), "", MountOptions.parse(List.of("rbind"))));
        return made;
    }

    private void make(Runnable mounts) {
        try {
            Files.createDirectories(root);
            mounts.run();
        } catch (LinuxException | IOException e) {
            unmount();
            throw new RpcException(Code.UNKNOWN, "the image's files cannot be mounted: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            unmount();
            throw e;
        }
    }

    /**
     * Lets nobody change anything in it, but for what is mounted beneath it.
     *
     * @throws RpcException if that is refused
     */
    void protect() {
        try {
            MountOptions.parse(List.of("bind", "ro")).adjust(root.toString());
        } catch (LinuxException e) {
            throw new RpcException(Code.UNKNOWN, "the image's files cannot be made read-only: " + e.getMessage(), e);
        }
    }

    private void add(ProtoMessage mount) {
        MountOptions options = MountOptions.parse(mount.texts(4));
        Path target = target(mount.text(3));
        if (target.getNameCount() == 0) {
            add(mount.text(2), mount.text(1), options);
        } else {
            beneath(target.toString(), place -> options.mount(mount.text(2), place, mount.text(1)));
            // The place is beneath what was mounted now.
            beneath(target.toString(), options::adjust);
        }
    }

    private void add(String source, String type, MountOptions options) {
        options.mount(source, root.toString(), type);
        mounted++;
        options.adjust(root.toString());
    }

    private static Path target(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new RpcException(Code.INVALID_ARGUMENT, "no file of an image can be mounted at " + name);
        }
        return Path.of("/" + name).normalize();
    }

    private void beneath(String target, Consumer<String> what) {
        try (RootFolder folder = new RootFolder(root)) {
            int place = folder.open(target, OpenFlags.PATH);
            try {
                what.accept(RootFolder.path(place));
            } finally {
                Descriptors.close(place);
            }
        }
    }

    /** Where the files are. */
    Path root() {
        return root;
    }

    /** Unmounts what was mounted, with what is mounted in it; what was there before is left alone. */
    void unmount() {
        for (; mounted > 0 && isUnmounted(root); mounted--) {}
    }

    /** Unmounts all that is mounted at a place; what is no mount is left alone. */
    static void unmountAll(Path place) {
        while (isUnmounted(place)) {}
    }

    /** Whether there was something to unmount. */
    private static boolean isUnmounted(Path place) {
        try {
            Mounts.unmount(place.toString(), Mounts.DETACH | Mounts.NO_FOLLOW);
            return true;
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOENT) {
                Log.warn("the files of a container stay mounted: " + e.getMessage());
            }
            return false;
        }
    }
}
