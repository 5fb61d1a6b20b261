package dev.skiff.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What isolated containers need besides the program: a {@code runc} that comes before the real one, and the root that they share. Immutable.
 *
 * @param folder where it is, absolute
 */
record IsolatedFiles(Path folder) {
    /** A flag that tells the JVMs of isolated containers from others. */
    static final String MARK = "-Dskiff.isolated=true";

    private Path root() {
        return folder.resolve("root");
    }

    private Path runc() {
        return folder.resolve("runc");
    }

    /**
     * Puts it there, in place of what was.
     *
     * @param java starts the program {@link Isolation}, up to its arguments; words without blanks and quotes
     * @return the files that were written for themselves
     * @throws IOException if that fails, or the JDK is of a kind that cannot be isolated
     */
    List<Path> install(List<String> java) throws IOException {
        IsolatedRoot.make(root(), new JavaCommand(java).home());
        String conf = "java='" + String.join(" ", java) + "'\nroot='" + root() + "'\n";
        WholeFile.write(folder.resolve("runc.conf"), conf.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
        WholeFile.write(runc(), Installation.text("runc.sh").getBytes(StandardCharsets.UTF_8), "rwxr-xr-x");
        return List.of(runc());
    }

    /**
     * Takes it away. Nothing may run there, as the kernel unmounts in containers what is deleted here.
     *
     * @return the files that are gone, of those that {@link #install} names
     */
    List<Path> uninstall() throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        return List.of(runc());
    }

    /** Whether a container runs with a program. */
    static boolean isUsed(Path program) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::info)
                .flatMap(info -> info.commandLine().stream())
                .anyMatch(line -> line.contains(program.toString()) && line.contains(MARK));
    }
}
