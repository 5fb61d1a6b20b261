package dev.skiff.containerd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Answers {@code GET /metrics} of HTTP/1.1, one request on each connection. Of the connections that come all at once, most wait; those that
 * take long are cut off. Thread-safe.
 */
final class MetricsServer implements AutoCloseable {
    /** How long a connection lasts at most. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    static final int MAX_HEAD = 8 << 10;
    /** What is still read of a request that was refused, so that who sends it sees why. */
    private static final int MAX_REST = 64 << 10;

    private static final int MAX_CONNECTIONS = 8;
    private static final String PATH = "/metrics";
    private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

    private final ServerSocketChannel server;
    private final Supplier<byte[]> page;
    private final Duration patience;
    private final Semaphore free = new Semaphore(MAX_CONNECTIONS);

    private MetricsServer(ServerSocketChannel server, Supplier<byte[]> page, Duration patience) {
        this.server = server;
        this.page = page;
        this.patience = patience;
    }

    /**
     * Begins to answer.
     *
     * @param server which listens; closed with this
     * @param page what is answered, in the text format of Prometheus; made for each request
     * @param patience how long a connection lasts at most
     */
    static MetricsServer start(ServerSocketChannel server, Supplier<byte[]> page, Duration patience) {
        MetricsServer metrics = new MetricsServer(server, page, patience);
        Thread.ofVirtual().name("metrics accept").start(metrics::accept);
        return metrics;
    }

    private void accept() {
        try {
            while (true) {
                free.acquire();
                Optional<SocketChannel> client = next();
                client.ifPresentOrElse(
                        open -> Thread.ofVirtual().name("metrics").start(() -> serve(open)), free::release);
                if (client.isEmpty()) {
                    // Too few descriptors, say: that does not get better at once.
                    Thread.sleep(Duration.ofMillis(100));
                }
            }
        } catch (ClosedChannelException e) {
            Log.debug("metrics are not served any more");
        } catch (InterruptedException e) {
            // It ends.
        }
    }

    private Optional<SocketChannel> next() throws ClosedChannelException {
        try {
            return Optional.of(server.accept());
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            Log.warn("a connection for metrics was not accepted: " + e.getMessage());
            return Optional.empty();
        }
    }

    private void serve(SocketChannel client) {
        Thread guard = Thread.ofVirtual().name("metrics guard").start(() -> cutOff(client));
        try (client) {
            HttpAnswer answer = answer(client);
            ByteBuffer bytes = ByteBuffer.wrap(answer.toBytes());
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
            client.shutdownOutput();
            if (answer.status() != 200) {
                drain(client);
            }
        } catch (IOException e) {
            Log.debug("a connection for metrics ended: " + e);
        } finally {
            guard.interrupt();
            free.release();
        }
    }

    private void cutOff(SocketChannel client) {
        try {
            Thread.sleep(patience);
            client.close();
        } catch (InterruptedException e) {
            // It was quick enough.
        } catch (IOException e) {
            Log.debug("a connection for metrics was not closed: " + e.getMessage());
        }
    }

    private HttpAnswer answer(SocketChannel client) throws IOException {
        Optional<byte[]> head = readHead(client);
        if (head.isEmpty()) {
            return HttpAnswer.refusal(431, "a request's head has at most " + MAX_HEAD + " bytes");
        }
        Optional<HttpRequest> request = HttpRequest.parse(head.get());
        if (request.isEmpty()) {
            return HttpAnswer.refusal(400, "this is no request of HTTP/1.1");
        }
        if (!request.get().path().equals(PATH)) {
            return HttpAnswer.refusal(404, "there is nothing but " + PATH);
        }
        return request.get().method().equals("GET")
                ? page()
                : HttpAnswer.refusal(405, PATH + " can only be read", "Allow: GET");
    }

    private HttpAnswer page() {
        try {
            return new HttpAnswer(200, List.of("Content-Type: " + MetricsPage.CONTENT_TYPE), page.get());
        } catch (RuntimeException | Error e) {
            Log.error("the metrics could not be put together", e);
            return HttpAnswer.refusal(500, "the metrics could not be put together; the daemon's log says why");
        }
    }

    /**
     * Reads up to the empty line.
     *
     * @return empty if there is none where it should be at the latest
     */
    private static Optional<byte[]> readHead(SocketChannel client) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(MAX_HEAD);
        while (head.hasRemaining()) {
            int from = Math.max(0, head.position() - END_OF_HEAD.length + 1);
            if (client.read(head) < 0) {
                throw new EOFException("it ended within a request");
            }
            for (int at = from; at + END_OF_HEAD.length <= head.position(); at++) {
                int end = at + END_OF_HEAD.length;
                if (Arrays.equals(head.array(), at, end, END_OF_HEAD, 0, END_OF_HEAD.length)) {
                    return Optional.of(Arrays.copyOf(head.array(), end));
                }
            }
        }
        return Optional.empty();
    }

    private static void drain(SocketChannel client) throws IOException {
        ByteBuffer some = ByteBuffer.allocate(MAX_HEAD);
        int all = 0;
        int read = 0;
        while (read >= 0 && all < MAX_REST) {
            read = client.read(some.clear());
            all += read;
        }
    }

    /** Listens no more; connections that are there come to their end. */
    @Override
    public void close() throws IOException {
        server.close();
    }
}
