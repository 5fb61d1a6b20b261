package dev.skiff.containerd;

import dev.skiff.host.ModuleSource;
import dev.skiff.host.NotFoundException;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The file that a process wants to run: {@code /app.wasm}, or {@code /app.wasm#export} for one function of it.
 *
 * @param root the folder of the container's files, out of which no symbolic link leads
 * @param process what wants it
 */
record ProgramFile(Path root, ProcessSpec process) {
    /** Its name in the container; empty or {@code /} if the image itself is meant. */
    String path() {
        int hash = process.program().lastIndexOf('#');
        return hash < 0 ? process.program() : process.program().substring(0, hash);
    }

    /** The function, if one is named. */
    Optional<String> export() {
        int hash = process.program().lastIndexOf('#');
        return hash < 0 ? Optional.empty() : Optional.of(process.program().substring(hash + 1));
    }

    /** Whether the name says that it is WebAssembly, or nothing else can have it. */
    boolean isWasm() {
        return path().endsWith(".wasm") || isImage();
    }

    private boolean isImage() {
        return path().isEmpty() || path().equals("/");
    }

    /**
     * Makes sure that there is one.
     *
     * @throws NotFoundException if not
     */
    void check() {
        open(OpenFlags.PATH, _ -> true);
    }

    /**
     * Its content.
     *
     * @throws NotFoundException if there is none
     */
    byte[] read() {
        return open(
                OpenFlags.READ_ONLY | OpenFlags.NONBLOCK,
                fd -> new ModuleSource.OfFile(Path.of("/proc/self/fd/" + fd)).read());
    }

    private <T> T open(int flags, IntFunction<T> use) {
        if (isImage()) {
            throw new NotFoundException(
                    "the container's image is no WebAssembly module, and it names none of its files");
        }
        String absolute = path().startsWith("/") ? path() : process.directory() + "/" + path();
        try {
            int folder =
                    Paths.OWN.open(root.toString(), OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC, 0);
            try {
                int fd = Paths.OWN.open2(
                        folder,
                        absolute.getBytes(StandardCharsets.UTF_8),
                        flags | OpenFlags.CLOSE_ON_EXEC,
                        0,
                        OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS);
                try {
                    return use.apply(fd);
                } finally {
                    Descriptors.close(fd);
                }
            } finally {
                Descriptors.close(folder);
            }
        } catch (LinuxException e) {
            throw new NotFoundException("the container's files have no " + absolute + " that can be read: "
                    + e.errno().text());
        }
    }
}
