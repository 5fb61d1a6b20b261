package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What containerd is told, when it is there and when it is not. */
@Timeout(60)
class EventsTest {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private Path folder;
    private Events events;

    @BeforeEach
    void start() throws IOException {
        // Sockets have short paths.
        folder = Files.createTempDirectory(Path.of("/tmp"), "evt");
        events = new Events(folder.resolve("s"), Duration.ofMillis(1));
    }

    @AfterEach
    void stop() throws IOException {
        events.close();
        Files.delete(folder);
    }

    private TtrpcServer containerd() throws IOException {
        return TtrpcServer.start(
                folder.resolve("s"),
                Map.of("containerd.services.events.ttrpc.v1.Events", () -> (method, request, metadata) -> {
                    told.add(request.message(1).text(3));
                    return Optional.of(new ProtoWriter());
                }));
    }

    private void publish(int from, int to) {
        for (int i = from; i < to; i++) {
            events.publish("default", "/" + i, "TaskExit", new ProtoWriter().text(1, "t"));
        }
    }

    /** One whose answer was on its way when the server went is told once more. */
    private List<String> distinct() {
        return List.copyOf(told).stream().distinct().toList();
    }

    private static List<String> topics(int to) {
        return IntStream.range(0, to).mapToObj(i -> "/" + i).toList();
    }

    @Test
    void whatHappensWhileContainerdIsAwayIsToldInOrderWhenItIsBack() throws IOException {
        publish(0, 50);
        try (TtrpcServer first = containerd()) {
            Containerd.until("all is told", () -> distinct().size() == 50);
        }
        publish(50, 100);
        try (TtrpcServer second = containerd()) {
            Containerd.until("all is told", () -> distinct().size() == 100);
        }
        assertThat(distinct()).isEqualTo(topics(100));
    }

    /** The first version dropped an event after 150 attempts. */
    @Test
    void nothingIsLostHoweverLongItIsAway() throws IOException, InterruptedException {
        publish(0, 3);
        Thread.sleep(500);
        try (TtrpcServer containerd = containerd()) {
            Containerd.until("all is told", () -> distinct().size() == 3);
        }
        assertThat(distinct()).isEqualTo(topics(3));
    }
}
