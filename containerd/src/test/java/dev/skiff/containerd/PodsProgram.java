package dev.skiff.containerd;

import dev.skiff.containerd.Cri.Pod;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes pods that answer HTTP, and takes them away again, for {@code bench/containerd.sh}. */
final class PodsProgram {
    private static final String IMAGE = "localhost/bench:v1";
    private static final int PORT = 8080;
    private static final int AT_ONCE = 4;
    private static final int WARM_UPS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * Pods of one kind.
     *
     * @param handler the name of a runtime in containerd's configuration
     * @param program what their containers run
     */
    private record Kind(String handler, String program) {
        static Kind of(String text) {
            String[] parts = text.split("=", 2);
            return new Kind(parts[0], parts[1]);
        }
    }

    private final Cri cri;
    private final Path logs;

    private PodsProgram(Path socket, Path logs) {
        this.cri = new Cri(socket);
        this.logs = logs;
    }

    /**
     * Does one of these, with a containerd's socket and a folder for logs as the first arguments and HANDLER=PROGRAM for KIND:
     *
     * <ul>
     *   <li>{@code answer COUNT KIND...}: makes as many pods of each kind, one after the other and in turns, each gone before the next; prints the
     *       handler and the nanoseconds from the first call to the first answer of each
     *   <li>{@code run COUNT KIND}: makes as many, 4 at a time, and leaves them; prints the handler and the nanoseconds until all have answered
     *   <li>{@code remove}: removes all there are, 4 at a time; prints the nanoseconds that took
     * </ul>
     */
    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        List<String> words = Arrays.asList(arguments);
        PodsProgram pods = new PodsProgram(Path.of(words.get(0)), Files.createDirectories(Path.of(words.get(1))));
        switch (words.get(2)) {
            case "answer" ->
                pods.answer(
                        Integer.parseInt(words.get(3)),
                        words.subList(4, words.size()).stream().map(Kind::of).toList());
            case "run" -> pods.run(Integer.parseInt(words.get(3)), Kind.of(words.get(4)));
            case "remove" -> pods.remove();
            default -> throw new IllegalArgumentException("there is no " + words.get(2));
        }
    }

    private void answer(int count, List<Kind> kinds) throws InterruptedException {
        for (int i = -WARM_UPS; i < count; i++) {
            for (Kind kind : kinds) {
                long start = System.nanoTime();
                Pod pod = start(kind);
                long nanos = System.nanoTime() - start;
                remove(pod);
                if (i >= 0) {
                    System.out.println(kind.handler() + " " + nanos);
                }
            }
        }
    }

    private void run(int count, Kind kind) throws InterruptedException, ExecutionException {
        List<Callable<Pod>> pods = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pods.add(() -> start(kind));
        }
        System.out.println(kind.handler() + " " + inAll(pods));
    }

    private void remove() throws InterruptedException, ExecutionException {
        List<Callable<Pod>> removals = new ArrayList<>();
        for (Pod pod : cri.pods()) {
            removals.add(() -> {
                remove(pod);
                return pod;
            });
        }
        System.out.println(inAll(removals));
    }

    /** Stops again what could not be stopped, as the kubelet does. */
    private void remove(Pod pod) {
        try {
            cri.stop(pod);
        } catch (RpcException e) {
            System.err.println(e.getMessage());
            cri.stop(pod);
        }
        cri.remove(pod);
    }

    /** The nanoseconds until all have ended. */
    private static long inAll(List<Callable<Pod>> works) throws InterruptedException, ExecutionException {
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<Pod> each : threads.invokeAll(works)) {
                each.get();
            }
        }
        return System.nanoTime() - start;
    }

    /** Makes a pod, and returns when it has answered. */
    private Pod start(Kind kind) throws InterruptedException {
        // A runtime of ours reads the annotation, the other one for Wasm the variable; programs of Linux listen without
        // being told.
        String name = "pod" + System.nanoTime();
        Pod pod = cri.run(PodSpec.of(name, kind.handler(), logs.resolve(name))
                .annotation("skiff.dev/listen", Integer.toString(PORT)));
        String container = cri.create(
                pod, ContainerSpec.of("web", IMAGE, kind.program()).environment("LISTEN", Integer.toString(PORT)));
        cri.start(container);
        get(cri.status(pod).address());
        return pod;
    }

    private static void get(String address) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket(address, PORT)) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                if (answer.startsWith("HTTP/1.1 200 ")) {
                    return;
                }
                throw new IllegalStateException(address + " answers " + answer);
            } catch (ConnectException e) {
                Thread.sleep(1); // It does not listen yet.
            } catch (IOException e) {
                throw new IllegalStateException(address + " does not answer", e);
            }
        }
        throw new IllegalStateException(address + " does not listen");
    }
}
