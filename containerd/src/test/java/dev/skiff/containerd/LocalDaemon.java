package dev.skiff.containerd;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;

/** A daemon in this process, for a containerd that only takes its events. */
final class LocalDaemon implements AutoCloseable {
    static final String NAMESPACE = "default";

    private final Path folder;
    private final Path source;
    private final List<Event> told = new CopyOnWriteArrayList<>();
    private final TtrpcServer containerd;
    private final Events events;
    private final Tasks tasks;
    private final TtrpcServer server;

    /** What containerd was told of: such as {@code /tasks/exit}, of a task. */
    record Event(String topic, String task) {}

    /**
     * An answer.
     *
     * @param code of gRPC, 0 for success
     */
    record Answer(int code, String message, ProtoMessage body) {
        /** What it says; it must be a success. */
        ProtoMessage success() {
            if (code != 0) {
                throw new AssertionError("code " + code + ": " + message);
            }
            return body;
        }
    }

    private LocalDaemon(Path folder) throws IOException {
        this.folder = folder;
        source = Files.createDirectories(folder.resolve("image"));
        containerd = TtrpcServer.start(
                folder.resolve("events"),
                Map.of("containerd.services.events.ttrpc.v1.Events", () -> (method, request, metadata) -> {
                    ProtoMessage envelope = request.message(1);
                    ProtoMessage event = ProtoMessage.parse(envelope.message(4).bytes(2));
                    told.add(new Event(envelope.text(3), event.text(1)));
                    return Optional.of(new ProtoWriter());
                }));
        events = new Events(folder.resolve("events"));
        Modules modules = Modules.open(Optional.empty(), new ImageStore(folder.resolve("containerd")));
        tasks = new Tasks(modules, events);
        server = Daemon.serve(folder.resolve("task"), tasks, Tracing.NONE);
    }

    static LocalDaemon start() throws IOException {
        // Sockets have short paths.
        return new LocalDaemon(Files.createTempDirectory(Path.of("/tmp"), "ldm"));
    }

    /** One whose image has files, by their names; where this process may not mount it the test is skipped. */
    static LocalDaemon startWith(Map<String, byte[]> files) throws IOException {
        Assumptions.assumeTrue(Containerd.canMount(), "only root can mount");
        LocalDaemon daemon = start();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(daemon.source.resolve(file.getKey()), file.getValue());
        }
        return daemon;
    }

    Path folder() {
        return folder;
    }

    Tasks tasks() {
        return tasks;
    }

    /** Where the files of the image are that all bundles have, mounted where this process can mount. */
    Path source() {
        return source;
    }

    List<Event> told() {
        return List.copyOf(told);
    }

    /** Where the bundle of a task is. */
    Path bundle(String id) {
        return folder.resolve("bundles").resolve(NAMESPACE).resolve(id);
    }

    /** Frees the memory that {@link #told} has. */
    void forgetTold() {
        told.clear();
    }

    /** A bundle for a task that runs a file of the image. */
    Path bundle(String id, String program) throws IOException {
        return bundle(id, program, "");
    }

    /**
     * The same.
     *
     * @param more members of the configuration, each with a comma before it
     */
    Path bundle(String id, String program, String more) throws IOException {
        Path bundle = bundle(id);
        Files.createDirectories(bundle.resolve("rootfs"));
        Files.writeString(bundle.resolve("config.json"), """
                {"process":{"args":["%s"],"cwd":"/"},"root":{"path":"rootfs"}%s}
                """.formatted(program, more));
        return bundle;
    }

    /** What makes a task of a bundle. */
    ProtoWriter create(String id, Path bundle) {
        return new ProtoWriter().text(1, id).text(2, bundle.toString()).message(3, mount());
    }

    private ProtoWriter mount() {
        return new ProtoWriter()
                .text(1, "bind")
                .text(2, source.toString())
                .text(4, "rbind")
                .text(4, "rw");
    }

    /** What is mounted beneath its folder, line by line. */
    List<String> mounts() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(folder.toString())).toList();
        }
    }

    /** One connection, for one call after the other. */
    final class Client implements AutoCloseable {
        private final SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("task")));
        private final DataInputStream in = new DataInputStream(Channels.newInputStream(channel));

        Client() throws IOException {}

        Answer call(String method, ProtoWriter body) throws IOException {
            byte[] request = new ProtoWriter()
                    .text(1, TaskService.V2)
                    .text(2, method)
                    .bytes(3, body.toBytes())
                    .message(
                            5,
                            new ProtoWriter()
                                    .text(1, "containerd-namespace-ttrpc")
                                    .text(2, NAMESPACE))
                    .toBytes();
            new Frame(1, Frame.REQUEST, 0, request).write(Channels.newOutputStream(channel));
            ProtoMessage answer =
                    ProtoMessage.parse(Frame.read(in).orElseThrow().payload());
            ProtoMessage status = answer.message(1);
            return new Answer((int) status.number(1), status.text(2), answer.message(2));
        }

        /** A call about a process of a task; an empty name is that of the task itself. */
        Answer call(String method, String id, String process) throws IOException {
            return call(method, new ProtoWriter().text(1, id).text(2, process));
        }

        Answer kill(String id, String process, int signal) throws IOException {
            return call("Kill", new ProtoWriter().text(1, id).text(2, process).number(3, signal));
        }

        Answer exec(String id, String process, String program) throws IOException {
            String json = "{\"args\":[\"" + program + "\"],\"cwd\":\"/\"}";
            return call(
                    "Exec",
                    new ProtoWriter()
                            .text(1, id)
                            .text(2, process)
                            .message(7, new ProtoWriter().text(1, "process").text(2, json)));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    Client connect() throws IOException {
        return new Client();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        server.close();
        events.close();
        containerd.close();
        new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString())
                .inheritIO()
                .start()
                .waitFor();
    }
}
