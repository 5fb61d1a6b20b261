package dev.skiff.containerd;

import dev.skiff.host.Listener;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The one process of a containerd in which all its Wasm tasks run. The launcher starts it. */
public final class Daemon {
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(2);
    private static final Duration BETWEEN_MAINTENANCE = Duration.ofSeconds(30);

    private Daemon() {}

    /**
     * Runs until the process is killed or the thread is interrupted, or until another installation has the new tasks and this one has none left.
     *
     * @param socket where to listen for containerd's calls; a path of at most 106 bytes, in a folder named after the installation
     * @param containerd the socket at which containerd takes events
     * @param metrics where to answer with metrics, such as {@code 127.0.0.1:9464}, besides the socket {@code metrics.sock} that is beside
     *     the other; tasks run where that is not possible too
     * @param code the folder in which it keeps what programs are translated to, for itself and daemons to come; tasks run without it too
     */
    public static void run(Path socket, Path containerd, Optional<String> metrics, Optional<Path> code)
            throws IOException, InterruptedException {
        run(socket, containerd, metrics, code, BETWEEN_MAINTENANCE);
    }

    /**
     * The same.
     *
     * @param betweenMaintenance how long after one look for modules to forget or to keep the next is
     */
    static void run(
            Path socket, Path containerd, Optional<String> metrics, Optional<Path> code, Duration betweenMaintenance)
            throws IOException, InterruptedException {
        DaemonProcess process = new DaemonProcess(Instant.now());
        try (Events events = new Events(containerd)) {
            Modules modules = Modules.open(code, new ImageStore(grpc(containerd)));
            Tasks tasks = new Tasks(modules, events);
            // Not with the sweeps, which wait for nobody.
            Thread.ofPlatform().daemon().name("maintenance").start(() -> maintain(modules, betweenMaintenance));
            try (TtrpcServer server = serve(socket, tasks, tracing(process))) {
                Log.info("listening at " + socket + ", with the process " + Task.PID);
                MetricsPage page = new MetricsPage(tasks, events, server, process);
                Path beside = socket.resolveSibling("metrics.sock");
                answer(page, beside.toString(), () -> LocalSocket.listen(beside));
                Path left = socket.resolveSibling("left");
                Thread.ofPlatform().daemon().name("runtimes that are left").start(() -> LinuxRuntimes.endLeft(left));
                metrics.ifPresent(address -> answer(page, address, () -> listen(Listener.parse(address))));
                do {
                    Thread.sleep(BETWEEN_SWEEPS);
                    tasks.sweep();
                } while (!isSuperseded(socket) || !tasks.isEmpty() || server.connections() > 0);
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

    private static void maintain(Modules modules, Duration between) {
        try {
            while (true) {
                Thread.sleep(between);
                try {
                    modules.maintain();
                } catch (RuntimeException | OutOfMemoryError e) {
                    Log.error("modules could not be looked after", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins to answer calls for tasks. */
    static TtrpcServer serve(Path socket, Tasks tasks, Tracing tracing) throws IOException {
        return TtrpcServer.start(
                socket,
                Map.of(
                        TaskService.V2,
                        () -> new TaskService(tasks, tracing),
                        TaskService.V3,
                        () -> new TaskService(tasks, tracing)));
    }

    /** As containerd's environment says, which is this one's. */
    private static Tracing tracing(DaemonProcess process) {
        try {
            Optional<TraceSettings> settings = TraceSettings.of(System.getenv());
            settings.ifPresent(to -> Log.info("traces go to " + to.endpoint()));
            return settings.isPresent() ? SpanTracing.start(settings.get(), process.version()) : Tracing.NONE;
        } catch (IllegalArgumentException e) {
            Log.warn("there are no traces: " + e.getMessage());
            return Tracing.NONE;
        }
    }

    private static ServerSocketChannel listen(Listener listener) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            return channel.bind(listener.address());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private interface Opening {
        ServerSocketChannel open() throws IOException;
    }

    private static void answer(MetricsPage page, String where, Opening opening) {
        try {
            MetricsServer.start(opening.open(), page, MetricsServer.PATIENCE);
            Log.info("answering with metrics at " + where);
        } catch (IOException | IllegalArgumentException e) {
            Log.warn("there are no metrics at " + where + ": " + e.getMessage());
        }
    }

    /** containerd's other socket is called after the first. */
    static Path grpc(Path ttrpc) {
        return ttrpc.resolveSibling(ttrpc.getFileName().toString().replaceFirst("\\.ttrpc$", ""));
    }
}
