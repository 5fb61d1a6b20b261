package dev.skiff.containerd;

import dev.skiff.host.ModuleSource;
import dev.skiff.host.NotFoundException;
import dev.skiff.host.NotRunnableException;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import java.nio.file.Files;
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
        return open(OpenFlags.READ_ONLY | OpenFlags.NONBLOCK, fd -> {
            Path file = Path.of(RootFolder.path(fd));
            // To open a pipe once more would be to wait for who writes to it.
            if (!Files.isRegularFile(file)) {
                throw new NotRunnableException("it is no file");
            }
            return new ModuleSource.OfFile(file).read();
        });
    }

    private <T> T open(int flags, IntFunction<T> use) {
        if (isImage()) {
            throw new NotFoundException(
                    "the container's image is no WebAssembly module, and it names none of its files");
        }
        String absolute = path().startsWith("/") ? path() : process.directory() + "/" + path();
        try (RootFolder folder = new RootFolder(root)) {
            int fd = folder.open(absolute, flags);
            try {
                return use.apply(fd);
            } finally {
                Descriptors.close(fd);
            }
        } catch (LinuxException e) {
            throw new NotFoundException("the container's files have no " + absolute + " that can be read: "
                    + e.errno().text());
        }
    }
}
