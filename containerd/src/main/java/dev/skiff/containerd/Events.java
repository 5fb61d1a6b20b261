package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tells containerd what happens to tasks, in order; it is what its clients and the kubelet go by. While containerd is away, events wait
 * for it, up to a number. Thread-safe.
 */
final class Events implements AutoCloseable {
    private static final String SERVICE = "containerd.services.events.ttrpc.v1.Events";
    private static final int MAX_WAITING = 100_000;
    private static final Duration RETRY = Duration.ofMillis(200);
    /** For an event at which containerd hangs up each time, and which is not to be in the way of the others for ever. */
    private static final int MAX_ATTEMPTS = 150;

    private record Event(String namespace, String topic, String type, ProtoWriter body, Instant at) {}

    private final Path address;
    private final LinkedBlockingQueue<Event> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    private final AtomicInteger unsent = new AtomicInteger();
    private final LongAdder lost = new LongAdder();
    private final Duration rest;
    private final Thread sender;
    private Optional<TtrpcClient> connection = Optional.empty();

    /** Starts with nothing to tell. */
    Events(Path address) {
        this(address, RETRY);
    }

    /** The same, with a time to wait after each failure. */
    Events(Path address, Duration rest) {
        this.address = address;
        this.rest = rest;
        sender = Thread.ofPlatform().daemon().name("events").start(this::send);
    }

    /**
     * Tells of something.
     *
     * @param topic such as {@code /tasks/exit}
     * @param type such as {@code TaskExit}
     */
    void publish(String namespace, String topic, String type, ProtoWriter body) {
        unsent.incrementAndGet();
        if (!waiting.offer(new Event(namespace, topic, "containerd.events." + type, body, Instant.now()))) {
            unsent.decrementAndGet();
            lost.increment();
            Log.warn(
                    "containerd has taken no event for so long that " + topic + " is lost",
                    LogFields.NONE.with("namespace", namespace));
        }
    }

    /** How many containerd has not taken yet, without one that is on its way. */
    int waiting() {
        return waiting.size();
    }

    /** How many it never took, so far. */
    long lost() {
        return lost.sum();
    }

    private void send() {
        try {
            while (true) {
                send(waiting.take());
                unsent.decrementAndGet();
            }
        } catch (InterruptedException e) {
            // It is closed.
        }
    }

    private void send(Event event) throws InterruptedException {
        for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
            try {
                exchange(connection(), event);
                return;
            } catch (IOException e) {
                Log.debug("containerd was not told of " + event.topic() + ": " + e.getMessage());
                disconnect();
                Thread.sleep(rest);
            }
        }
        lost.increment();
        Log.warn("containerd cannot be told of " + event.topic(), LogFields.NONE.with("namespace", event.namespace()));
    }

    /** However long containerd is away: when it is back it goes by what it is told. */
    private TtrpcClient connection() throws InterruptedException {
        while (connection.isEmpty()) {
            try {
                connection = Optional.of(TtrpcClient.connect(address));
            } catch (IOException e) {
                Thread.sleep(rest);
            }
        }
        return connection.get();
    }

    private void exchange(TtrpcClient containerd, Event event) throws IOException {
        ProtoWriter envelope = new ProtoWriter()
                .time(1, event.at())
                .text(2, event.namespace())
                .text(3, event.topic())
                .any(4, event.type(), event.body());
        ProtoMessage status =
                containerd.call(SERVICE, "Forward", event.namespace(), new ProtoWriter().message(1, envelope));
        if (status.number(1) != 0) {
            lost.increment();
            Log.warn(
                    "containerd does not take " + event.topic() + ": " + status.text(2),
                    LogFields.NONE.with("namespace", event.namespace()));
        }
    }

    private void disconnect() {
        try {
            if (connection.isPresent()) {
                connection.get().close();
            }
        } catch (IOException e) {
            Log.debug("a connection to containerd could not be closed: " + e.getMessage());
        }
        connection = Optional.empty();
    }

    /** Waits until containerd has been told of everything, or cannot be told. */
    void await() throws InterruptedException {
        while (unsent.get() > 0) {
            Thread.sleep(RETRY);
        }
    }

    /** Forgets what was not sent. */
    @Override
    public void close() {
        sender.interrupt();
    }
}
