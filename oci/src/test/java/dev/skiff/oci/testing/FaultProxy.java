package dev.skiff.oci.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Stands between clients and a server that speaks plain HTTP/1.1, and does to their connections what rules say: the first rule that
 * matches a request, and is not used up, applies to it. What no rule matches goes through unchanged. All requests are recorded.
 *
 * <p>The server sees the proxy's address in {@code Host}, so that what it builds from that, such as the {@code Location} of an upload,
 * comes through the proxy too; a {@code Location} with the server's own address is rewritten. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    private static final int BACKLOG = 100;

    private record Rule(String method, Pattern path, AtomicInteger left, Fault fault) {
        boolean takes(HttpHead request) {
            return (method.equals("*") || method.equals(request.startPart(0)))
                    && path.matcher(request.startPart(1)).find()
                    && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        }
    }

    private final URI target;
    private final ServerSocket server;
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<Recording> recordings = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    private FaultProxy(URI target) throws IOException {
        this.target = target;
        this.server = new ServerSocket();
        // What is not read soon stops its sender, and does not fill megabytes of the kernel's first.
        server.setReceiveBufferSize(BUFFER);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        Thread.ofVirtual().name("fault proxy").start(this::accept);
    }

    /** A proxy before a registry over plain HTTP. */
    public static FaultProxy before(TestRegistry registry) {
        return before(registry.uri());
    }

    /** A proxy before a server at an http URI with host and port. */
    public static FaultProxy before(URI server) {
        if (!server.getScheme().equals("http")) {
            throw new IllegalArgumentException("a fault proxy speaks plain HTTP, not to " + server);
        }
        try {
            return new FaultProxy(server);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a proxy before " + server, e);
        }
    }

    /**
     * Does something to all requests that match.
     *
     * @param method such as {@code GET}, or {@code *}
     * @param path a regular expression that is found in the path with the query
     */
    public FaultProxy always(String method, String path, Fault fault) {
        return first(Integer.MAX_VALUE, method, path, fault);
    }

    /** Does something to the next request that matches; see {@link #always}. */
    public FaultProxy once(String method, String path, Fault fault) {
        return first(1, method, path, fault);
    }

    /** Does something to the next so many requests that match; see {@link #always}. */
    public FaultProxy first(int times, String method, String path, Fault fault) {
        rules.add(new Rule(method, Pattern.compile(path), new AtomicInteger(times), fault));
        return this;
    }

    /** Forgets all rules: from now on everything goes through. */
    public void heal() {
        rules.clear();
    }

    /** Host and port as they stand in references, such as {@code 127.0.0.1:40125}. */
    public String address() {
        return server.getInetAddress().getHostAddress() + ":" + server.getLocalPort();
    }

    /** Where it is. */
    public URI uri() {
        return URI.create("http://" + address());
    }

    /** All requests until now, in the order in which they came. What a client has seen of a response is in it. */
    public List<Exchange> exchanges() {
        return recordings.stream().map(Recording::snapshot).toList();
    }

    /** The requests with a method, or {@code *}, in whose path a regular expression is found. */
    public List<Exchange> exchanges(String method, String path) {
        Pattern pattern = Pattern.compile(path);
        return exchanges().stream()
                .filter(exchange -> method.equals("*") || exchange.method().equals(method))
                .filter(exchange -> pattern.matcher(exchange.path()).find())
                .toList();
    }

    /** Ends all connections, and takes no more. */
    @Override
    public void close() {
        closed.countDown();
        close(server);
        List.copyOf(sockets).forEach(FaultProxy::close);
    }

    /** Waits until it is closed. */
    void awaitClose() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its target. */
    URI target() {
        return target;
    }

    /** The fault for a request, which uses up one time of its rule. */
    Optional<Fault> fault(HttpHead request) {
        return rules.stream()
                .filter(rule -> rule.takes(request))
                .map(Rule::fault)
                .findFirst();
    }

    Recording record(HttpHead request) {
        Recording recording = new Recording(request.startPart(0), request.startPart(1), request.fields());
        recordings.add(recording);
        return recording;
    }

    /** A connection to the target that ends with the proxy. */
    Socket connect() throws IOException {
        return track(new Socket(target.getHost(), target.getPort()));
    }

    /** Ends a connection. */
    void release(Socket socket) {
        sockets.remove(socket);
        close(socket);
    }

    private Socket track(Socket socket) throws IOException {
        sockets.add(socket);
        if (server.isClosed()) {
            release(socket);
            throw new IOException("the proxy is closed");
        }
        socket.setTcpNoDelay(true);
        return socket;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = track(server.accept());
                Thread.ofVirtual().name("fault proxy").start(() -> new FaultConnection(this, client).serve());
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException("a fault proxy cannot accept connections", e);
                }
            }
        }
    }

    private static void close(AutoCloseable closed) {
        try {
            closed.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot close a socket", e);
        }
    }
}
