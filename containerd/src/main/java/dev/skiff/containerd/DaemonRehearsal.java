package dev.skiff.containerd;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

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

    /** An answer of gRPC: settings, and headers at the end of the first stream with the status 200 and {@code grpc-status: 5}. */
    private static final byte[] NOT_FOUND = HexFormat.of()
            .parseHex("000000040000000000" + "000010010500000001" + "88" + "000b677270632d737461747573" + "0135");

    private DaemonRehearsal() {}

    /**
     * Runs it.
     *
     * @param folder an empty one, with a path that leaves room for sockets
     * @throws IOException if the task did not end as it should
     */
    public static void run(Path folder) throws IOException {
        Path bundle = bundle(folder);
        try (ServerSocketChannel containerd = LocalSocket.listen(folder.resolve("containerd"))) {
            Thread.ofPlatform().daemon().name("containerd").start(() -> answer(containerd));
            // The second finds on disk what the first translated.
            for (int daemon = 1; daemon <= 2; daemon++) {
                runTask(folder, bundle);
            }
        }
        // What comes before an isolated container has the same cache.
        Isolation.create(bundle, new IsolatedBundle(folder, new JavaCommand(List.of("/jdk/bin/java"))));
    }

    private static void runTask(Path folder, Path bundle) throws IOException {
        ImageStore images = new ImageStore(folder.resolve("containerd"));
        Modules modules = Modules.open(Optional.of(folder.resolve("code")), images);
        // Nobody takes them; they go with the process.
        try (Events events = new Events(folder.resolve("events"));
                TtrpcServer server = Daemon.serve(folder.resolve("task"), new Tasks(modules, events), Tracing.NONE);
                TtrpcClient containerd = TtrpcClient.connect(folder.resolve("task"))) {
            call(containerd, "Create", new ProtoWriter().text(1, ID).text(2, bundle.toString()));
            for (String method : List.of("State", "Connect", "Start", "Wait", "Stats", "Pids", "Delete", "Shutdown")) {
                call(containerd, method, new ProtoWriter().text(1, ID));
            }
            images.imageOf("default", ID);
            throw new IOException("there is an image");
        } catch (RpcException e) {
            if (e.code() != RpcException.Code.NOT_FOUND) {
                throw new IOException(e);
            }
        }
        modules.maintain();
    }

    /** Says to each call that there is no such thing. */
    private static void answer(ServerSocketChannel containerd) {
        while (containerd.isOpen()) {
            try (SocketChannel caller = containerd.accept()) {
                caller.write(ByteBuffer.wrap(NOT_FOUND));
                Channels.newInputStream(caller).transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // The caller has gone, or the rehearsal is over.
                Log.debug(e.toString());
            }
        }
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
