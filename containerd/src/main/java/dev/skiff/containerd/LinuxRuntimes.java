package dev.skiff.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The runtimes of a pod's Linux containers, processes of containerd's own runtime. From version 2 on containerd leaves it to whoever stands for the pod to
 * end them.
 */
final class LinuxRuntimes {
    private static final Duration BETWEEN = Duration.ofMillis(500);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
    private static final int MAX_ATTEMPTS = 20;

    private LinuxRuntimes() {}

    /**
     * Asks them to end, until they have; those that have containers do not. Returns at once.
     *
     * @param file what they answered to {@code start}, a line each; it may be missing
     */
    static void end(TaskName pod, Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            for (String answer : Files.readAllLines(file).stream().distinct().toList()) {
                Thread.ofVirtual().name("end of a runtime").start(() -> end(pod, answer));
            }
        } catch (IOException e) {
            Log.warn("the pod's runtimes are not known: " + e.getMessage(), pod.fields());
        }
    }

    private static void end(TaskName pod, String answer) {
        try {
            for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
                if (!isAsked(pod, answer)) {
                    return;
                }
                Thread.sleep(BETWEEN);
            }
            Log.warn("the runtime at " + answer + " does not end", pod.fields());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Asks those to end that the pods of a daemon left that died, until they have. Does not return before it is interrupted.
     *
     * @param folder with a folder for each namespace, where a file is named after each pod; it may be missing
     */
    static void endLeft(Path folder) {
        try {
            while (true) {
                askLeft(folder);
                Thread.sleep(BETWEEN_LOOKS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void askLeft(Path folder) {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                TaskKey key = new TaskKey(
                        file.getParent().getFileName().toString(),
                        file.getFileName().toString());
                TaskName pod = TaskName.of(key, Map.of());
                // All of them, and not until the first that is there.
                long there = Files.readAllLines(file).stream()
                        .distinct()
                        .filter(answer -> isAsked(pod, answer))
                        .count();
                if (there == 0) {
                    Files.delete(file);
                }
            }
        } catch (NoSuchFileException e) {
            Log.debug("no pod left runtimes in " + folder);
        } catch (IOException e) {
            Log.warn("the runtimes that are left in " + folder + " are not known: " + e);
        }
    }

    /** Where a runtime listens, and with which version of the service. */
    private record Server(String address, long version) {
        static Server parse(String answer) {
            if (!answer.startsWith("{")) {
                return new Server(answer, 2);
            }
            return Json.read(
                    answer.getBytes(StandardCharsets.UTF_8),
                    json -> new Server(
                            Json.text(json, "address").orElse(answer),
                            Json.number(json, "version").orElse(2L)));
        }
    }

    /** Whether it was there to be asked. */
    private static boolean isAsked(TaskName pod, String answer) {
        try {
            Server server = Server.parse(answer);
            String address = server.address();
            if (!address.startsWith("unix://")) {
                Log.warn("the pod has a runtime at no socket: " + address, pod.fields());
                return false;
            }
            return isAsked(
                    pod,
                    Path.of(address.substring("unix://".length())),
                    "containerd.task.v" + server.version() + ".Task");
        } catch (IllegalArgumentException e) {
            Log.warn("the pod has a runtime that cannot be found: " + e.getMessage(), pod.fields());
            return false;
        }
    }

    private static boolean isAsked(TaskName pod, Path socket, String service) {
        try (TtrpcClient runtime = TtrpcClient.connect(socket)) {
            runtime.call(
                    service,
                    "Shutdown",
                    pod.key().namespace(),
                    new ProtoWriter().text(1, pod.key().id()));
            return true;
        } catch (IOException e) {
            Log.debug("the runtime at " + socket + " is gone: " + e.getMessage(), pod.fields());
            return false;
        }
    }
}
