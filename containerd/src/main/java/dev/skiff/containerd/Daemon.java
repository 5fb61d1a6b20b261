package dev.skiff.containerd;

import dev.skiff.host.Runner;
import dev.skiff.wasm.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The one process of a containerd in which all its Wasm tasks run. The launcher starts it. */
public final class Daemon {
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(2);

    /** A module with its code is as large as some of its class files: a few megabytes at most. */
    private static final int REMEMBERED = 64;

    private Daemon() {}

    /**
     * Runs until the process is killed or the thread is interrupted, or until another installation has the new tasks and this one has none left.
     *
     * @param socket where to listen for containerd's calls; a path of at most 106 bytes, in a folder named after the installation
     * @param containerd the socket at which containerd takes events
     */
    public static void run(Path socket, Path containerd) throws IOException, InterruptedException {
        try (Events events = new Events(containerd)) {
            Tasks tasks = tasks(new ImageStore(grpc(containerd)), events);
            try (TtrpcServer server = serve(socket, tasks)) {
                Log.info("listening at " + socket + ", with the process " + Task.PID);
                do {
                    Thread.sleep(BETWEEN_SWEEPS);
                    tasks.sweep();
                } while (!isSuperseded(socket) || !tasks.isEmpty() || server.isConnected());
            }
            events.await();
            Log.info("another installation has the tasks now");
        }
    }

    /** Whether the launcher has started the daemon of another installation since. */
    private static boolean isSuperseded(Path socket) {
        Path own = socket.getParent();
        try {
            String current = Files.readString(own.resolveSibling("current")).strip();
            return !current.isEmpty() && !own.endsWith(current);
        } catch (IOException e) {
            // Nobody has said so.
            return false;
        }
    }

    /** No tasks yet. */
    static Tasks tasks(ImageStore images, Events events) {
        return new Tasks(new Runner(Engine.create(), REMEMBERED), images, events);
    }

    /** Begins to answer calls for tasks. */
    static TtrpcServer serve(Path socket, Tasks tasks) throws IOException {
        return TtrpcServer.start(
                socket,
                Map.of(TaskService.V2, () -> new TaskService(tasks), TaskService.V3, () -> new TaskService(tasks)));
    }

    /** containerd's other socket is called after the first. */
    private static Path grpc(Path ttrpc) {
        return ttrpc.resolveSibling(ttrpc.getFileName().toString().replaceFirst("\\.ttrpc$", ""));
    }
}
