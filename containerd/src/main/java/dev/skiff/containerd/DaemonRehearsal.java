package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * Has a daemon run a task from its beginning to its end without a containerd, and isolates it, so that the JVM's ahead-of-time cache, made from a run
 * of this, knows what daemons load.
 */
public final class DaemonRehearsal {
    private static final String ID = "rehearsal";
    /** Copies its input, of which there is none, to its output. */
    private static final byte[] GUEST = HexFormat.of()
            .parseHex(
                    "0061736d0100000001140360047f7f7f7f017f60047f7f7f7f017f60000002440216776173695f736e617073686f745f70"
                            + "726576696577310766645f72656164000016776173695f736e617073686f745f70726576696577310866645f77726974650001"
                            + "030201020503010001071302066d656d6f72790200065f737461727400020a4401420002400340410041103602004104418008"
                            + "360200410041004101410810000d014108280200450d0141044108280200360200410141004101410810011a0c000b0b0b");

    private DaemonRehearsal() {}

    /**
     * Runs it.
     *
     * @param folder an empty one, with a path that leaves room for sockets
     * @throws IOException if the task did not end as it should
     */
    public static void run(Path folder) throws IOException {
        Path bundle = bundle(folder);
        ImageStore images = new ImageStore(folder.resolve("containerd"));
        // Nobody takes them; they go with the process.
        try (Events events = new Events(folder.resolve("events"));
                TtrpcServer server = Daemon.serve(folder.resolve("task"), Daemon.tasks(images, events), Tracing.NONE);
                TtrpcClient containerd = TtrpcClient.connect(folder.resolve("task"))) {
            call(containerd, "Create", new ProtoWriter().text(1, ID).text(2, bundle.toString()));
            for (String method : List.of("State", "Connect", "Start", "Wait", "Stats", "Pids", "Delete", "Shutdown")) {
                call(containerd, method, new ProtoWriter().text(1, ID));
            }
        }
        // What comes before an isolated container has the same cache.
        Isolation.create(bundle, new IsolatedBundle(folder, new JavaCommand(List.of("/jdk/bin/java"))));
    }

    private static Path bundle(Path folder) throws IOException {
        Path bundle = Files.createDirectories(folder.resolve("default").resolve(ID));
        Files.write(Files.createDirectories(bundle.resolve("rootfs")).resolve("guest.wasm"), GUEST);
        Files.writeString(bundle.resolve("config.json"), """
                {"ociVersion":"1.0.2","process":{"user":{"uid":0,"gid":0},"args":["/guest.wasm"],"env":["A=B"],"cwd":"/"},
                "root":{"path":"rootfs"},"mounts":[{"destination":"/proc","type":"proc","source":"proc"}],
                "linux":{"resources":{"memory":{"limit":67108864}}}}
                """);
        return bundle;
    }

    private static void call(TtrpcClient containerd, String method, ProtoWriter request) throws IOException {
        ProtoMessage status = containerd.call(TaskService.V2, method, "default", request);
        if (status.number(1) != 0) {
            throw new IOException(method + " failed: " + status.text(2));
        }
    }
}
