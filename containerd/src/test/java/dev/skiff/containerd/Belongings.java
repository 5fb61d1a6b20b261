package dev.skiff.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process has of the machine.
 *
 * @param descriptors how many are open
 * @param pipes how many of them are pipes with names
 * @param threads of the system
 * @param mappings parts of its memory
 */
record Belongings(long descriptors, long pipes, long threads, long mappings) {
    private static final Path JCMD = Path.of(System.getProperty("java.home"), "bin/jcmd");

    static Belongings of(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try (Stream<String> maps = Files.lines(process.resolve("maps"));
                Stream<Path> fds = Files.list(process.resolve("fd"));
                Stream<Path> tasks = Files.list(process.resolve("task"))) {
            List<String> open = fds.map(Belongings::target).toList();
            return new Belongings(
                    open.size(), open.stream().filter(Belongings::isNamedPipe).count(), tasks.count(), maps.count());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            // It was closed.
            return "";
        }
    }

    private static boolean isNamedPipe(String target) {
        return target.contains("fifo");
    }

    /** Who a process is and what it may do, as the kernel tells: lines of users, groups and capabilities. */
    static List<String> rights(long pid) throws IOException {
        return rights(Path.of("/proc", Long.toString(pid)));
    }

    /** The same of each of its threads that has not ended. */
    static List<List<String>> rightsOfThreads(long pid) throws IOException {
        List<List<String>> rights = new ArrayList<>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                try {
                    rights.add(rights(thread));
                } catch (IOException e) {
                    // It has ended.
                }
            }
        }
        return rights;
    }

    private static List<String> rights(Path thread) throws IOException {
        return Files.readAllLines(thread.resolve("status")).stream()
                .filter(line -> line.matches("(Uid|Gid|Groups|Cap\\w+):.*"))
                .toList();
    }

    /** How many objects of a class a Java process has, after a collection. */
    static long instances(long pid, Class<?> type) {
        return histogram(pid)
                .filter(line -> line.strip().split("\\s+").length > 3
                        && line.strip().split("\\s+")[3].equals(type.getName()))
                .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
                .sum();
    }

    /** How many bytes all its objects have, after a collection. */
    static long heap(long pid) {
        return histogram(pid)
                .filter(line -> line.startsWith("Total"))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[2]))
                .sum();
    }

    private static Stream<String> histogram(long pid) {
        try {
            // Not to a pipe: where it is this process that is asked, nobody would read while it answers.
            Path answer = Files.createTempFile("histogram", "");
            try {
                new ProcessBuilder(JCMD.toString(), Long.toString(pid), "GC.class_histogram")
                        .redirectErrorStream(true)
                        .redirectOutput(answer.toFile())
                        .start()
                        .waitFor();
                return Files.readAllLines(answer).stream();
            } finally {
                Files.delete(answer);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
