package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The JVM's ahead-of-time cache (JEP 514) of a daemon: with it one starts faster. A JVM passes over one that does not fit. */
final class StartCache {
    private static final long PATIENCE_SECONDS = 120;

    private StartCache() {}

    /**
     * Makes one by a run of the program.
     *
     * @param java how to start a JVM, with the flags that the daemon will have
     * @param jar the program, at the place where the daemon will find it
     * @param rehearsal the class of the program that does what daemons do, and ends
     * @param file where the cache is to be; if there is none, {@link #log} has what the run printed
     * @return whether there is one; there is none by then that was made for something else
     */
    static boolean make(List<String> java, Path jar, String rehearsal, Path file) throws IOException {
        Files.deleteIfExists(file);
        Path log = log(file);
        Path part = file.resolveSibling(file.getFileName() + ".part");
        List<String> command = new ArrayList<>(java);
        // Without profiles, as a start would compile all that they name.
        command.addAll(List.of(
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-AOTRecordTraining",
                "-XX:AOTCacheOutput=" + part,
                "-cp",
                jar.toString(),
                rehearsal));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        try {
            Process process = builder.start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            if (process.exitValue() != 0 || !Files.exists(part)) {
                return false;
            }
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(log);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            remove(part);
        }
    }

    /** Where to read why there is no cache. */
    static Path log(Path file) {
        return file.resolveSibling(file.getFileName() + ".log");
    }

    /** The JVM writes more than one file on the way. */
    private static void remove(Path part) throws IOException {
        try (Stream<Path> files = Files.list(part.getParent())) {
            for (Path each : files.toList()) {
                if (each.getFileName().toString().startsWith(part.getFileName().toString())) {
                    Files.delete(each);
                }
            }
        }
    }
}
