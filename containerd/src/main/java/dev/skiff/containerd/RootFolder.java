package dev.skiff.containerd;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The folder of a container's files, as the container sees it: symbolic links of its image and {@code ..} lead to nothing else of this machine. */
final class RootFolder implements AutoCloseable {
    private final int root;

    /**
     * Opens it.
     *
     * @throws dev.skiff.linux.LinuxException if it is not there
     */
    RootFolder(Path root) {
        this.root = Paths.OWN.open(root.toString(), OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC, 0);
    }

    /** Its descriptor, which is closed with this. */
    int fd() {
        return root;
    }

    /**
     * Opens what is beneath it.
     *
     * @param flags {@link OpenFlags}
     * @return a descriptor that the caller closes
     * @throws dev.skiff.linux.LinuxException if the kernel refuses
     */
    int open(String path, int flags) {
        return Paths.OWN.open2(
                root,
                path.getBytes(StandardCharsets.UTF_8),
                flags | OpenFlags.CLOSE_ON_EXEC,
                0,
                OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS);
    }

    /** The path by which the kernel finds what is open. */
    static String path(int fd) {
        return "/proc/self/fd/" + fd;
    }

    @Override
    public void close() {
        Descriptors.close(root);
    }
}
