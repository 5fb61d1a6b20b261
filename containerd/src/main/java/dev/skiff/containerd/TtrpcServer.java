package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Answers calls of ttrpc at a socket of this machine, to processes of the same user only. Each call has a virtual thread of its own,
 * so that one that waits holds no other up. Thread-safe.
 */
final class TtrpcServer implements AutoCloseable {
    /** There is a connection for each task, and most calls are shorter. */
    private static final int BUFFER = 1 << 10;

    private static final Duration REST = Duration.ofMillis(100);

    /** What can be called under one name, over one connection. */
    @FunctionalInterface
    interface Service {
        /**
         * Answers a call.
         *
         * @param metadata what the caller says besides
         * @return the answer, or empty if there is no such method
         * @throws RpcException if it cannot be done
         */
        Optional<ProtoWriter> call(String method, ProtoMessage request, Map<String, String> metadata);

        /** Is told of each answer that was given, once it is on its way or cannot be. */
        default void answered(String method, ProtoMessage request) {
            // Most need not know.
        }
    }

    private final Map<String, Supplier<Service>> services;
    private final ServerSocketChannel server;
    private final Path path;
    private final CallCounts calls = new CallCounts();
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    private TtrpcServer(Map<String, Supplier<Service>> services, ServerSocketChannel server, Path path) {
        this.services = Map.copyOf(services);
        this.server = server;
        this.path = path;
    }

    /**
     * Begins to listen, see {@link LocalSocket#listen}.
     *
     * @param services make for each connection what can be called, by its full name
     */
    static TtrpcServer start(Path path, Map<String, Supplier<Service>> services) throws IOException {
        TtrpcServer server = new TtrpcServer(services, LocalSocket.listen(path), path);
        Thread.ofPlatform().name("ttrpc accept").start(server::accept);
        return server;
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel client = server.accept();
                Thread.ofVirtual().name("ttrpc connection").start(() -> serve(client));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                Log.warn("a connection was not accepted: " + e.getMessage());
                // Without a descriptor left for it the next one would fail as well, and at once.
                LockSupport.parkNanos(REST.toNanos());
            }
        }
    }

    private void serve(SocketChannel client) {
        connections.add(client);
        try (client) {
            checkPeer(client);
            OutputStream out = Channels.newOutputStream(client);
            DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(client), BUFFER));
            Map<String, Service> known = new HashMap<>();
            services.forEach((name, service) -> known.put(name, service.get()));
            for (Optional<Frame> frame = Frame.read(in); frame.isPresent(); frame = Frame.read(in)) {
                Frame request = frame.get();
                if (request.type() == Frame.REQUEST) {
                    Thread.ofVirtual().name("ttrpc call").start(() -> answer(request, known, out));
                }
            }
        } catch (IOException e) {
            if (server.isOpen()) {
                Log.warn("a connection of containerd ended: " + e.getMessage());
            }
        } finally {
            connections.remove(client);
        }
    }

    private static void checkPeer(SocketChannel client) throws IOException {
        UnixDomainPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED);
        String own = System.getProperty("user.name");
        if (!peer.user().getName().equals(own)) {
            throw new IOException("it is of the user " + peer.user().getName() + ", not of " + own);
        }
    }

    /** A request is {@code service = 1, method = 2, payload = 3, metadata = 5 (key = 1, value = 2)}. */
    private void answer(Frame frame, Map<String, Service> known, OutputStream out) {
        ProtoWriter response;
        long start = System.nanoTime();
        String call = "a call";
        String method = CallCounts.UNKNOWN;
        Optional<Code> error = Optional.empty();
        Runnable answered = () -> {};
        try {
            ProtoMessage request = ProtoMessage.parse(frame.payload());
            call = request.text(1) + "/" + request.text(2);
            Service service = known.getOrDefault(request.text(1), (name, body, metadata) -> Optional.empty());
            ProtoMessage body = ProtoMessage.parse(request.bytes(3));
            Map<String, String> metadata = metadata(request);
            method = request.text(2);
            Optional<ProtoWriter> answer = service.call(method, body, metadata);
            if (answer.isEmpty()) {
                method = CallCounts.UNKNOWN;
                throw new RpcException(Code.UNIMPLEMENTED, call + " is not implemented");
            }
            response = new ProtoWriter().bytes(2, answer.get().toBytes());
            String done = method;
            answered = () -> service.answered(done, body);
        } catch (RpcException e) {
            error = Optional.of(e.code());
            response = new ProtoWriter().message(1, status(e.code(), e.getMessage()));
        } catch (RuntimeException | Error e) {
            Log.error(call + " failed", e);
            error = Optional.of(Code.INTERNAL);
            response = new ProtoWriter().message(1, status(Code.INTERNAL, "internal error: " + e));
        }
        calls.count(method, error);
        Log.debug(call + " took " + (System.nanoTime() - start) / 1000 + " µs");
        try {
            byte[] payload = response.toBytes();
            synchronized (out) {
                new Frame(frame.stream(), Frame.RESPONSE, 0, payload).write(out);
            }
        } catch (IOException e) {
            Log.debug("an answer reached nobody: " + e.getMessage());
        } finally {
            answered.run();
        }
    }

    private static Map<String, String> metadata(ProtoMessage request) {
        Map<String, String> metadata = new HashMap<>();
        request.messages(5).forEach(pair -> metadata.put(pair.text(1), pair.text(2)));
        return metadata;
    }

    private static ProtoWriter status(Code code, String message) {
        return new ProtoWriter().number(1, code.number()).text(2, message);
    }

    /** How many calls were answered so far, and how. */
    Map<CallCounts.Answer, Long> calls() {
        return calls.counts();
    }

    /** How many are open. */
    int connections() {
        return connections.size();
    }

    /** Ends all connections. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
        server.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
    }
}
