package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.LocalDaemon.Answer;
import dev.skiff.containerd.LocalDaemon.Client;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Scheduling;
import dev.skiff.wasi.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What containers may use of the machine, in a daemon of this process. */
@Timeout(60)
class ResourcesTest {
    private static final String GUEST = "skiff-guest";

    private LocalDaemon daemon;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        daemon = LocalDaemon.startWith(Map.of("loop.wasm", Guests.LOOP, "exit.wasm", Guests.bytes("exit-c")));
        client = daemon.connect();
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (client != null) {
            client.close();
            daemon.close();
        }
    }

    private void run(String id, String program, String resources) throws IOException {
        String more = ",\"linux\":{\"resources\":" + resources + "}";
        client.call("Create", daemon.create(id, daemon.bundle(id, program, more)))
                .success();
        client.call("Start", id, "").success();
    }

    private void update(String id, String resources) throws IOException {
        client.call(
                        "Update",
                        new ProtoWriter()
                                .text(1, id)
                                .message(
                                        2,
                                        new ProtoWriter().text(1, "resources").text(2, resources)))
                .success();
    }

    private void end(String id) throws IOException {
        client.kill(id, "", Signals.KILL).success();
        remove(id);
    }

    private void remove(String id) throws IOException {
        client.call("Wait", id, "");
        client.call("Delete", id, "").success();
    }

    @Test
    void aContainerHasNoMoreProcessesThanItMayHave() throws IOException {
        run("limited", "/loop.wasm", "{\"pids\":{\"limit\":2}}");
        for (String process : List.of("first", "second")) {
            client.exec("limited", process, "/loop.wasm").success();
        }
        client.call("Start", "limited", "first").success();

        Answer refused = client.call("Start", "limited", "second");

        assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED.number());
        assertThat(refused.message())
                .isEqualTo("the task limited can have 2 processes (pids limit), and so many run already");

        client.call("Pause", "limited", "").success();
        assertThat(processes("limited")).isEqualTo(2);
        client.call("Resume", "limited", "").success();
        update("limited", "{\"pids\":{\"limit\":3}}");
        client.call("Start", "limited", "second").success();
        assertThat(processes("limited")).isEqualTo(3);
        end("limited");
    }

    @Test
    void whoHasEndedMakesRoom() throws IOException {
        run("limited", "/loop.wasm", "{\"pids\":{\"limit\":2}}");
        for (int i = 0; i < 5; i++) {
            String process = "process-" + i;
            client.exec("limited", process, "/exit.wasm").success();
            client.call("Start", "limited", process).success();
            client.call("Wait", "limited", process);
        }
        update("limited", "{\"pids\":{\"limit\":-1}}");
        client.exec("limited", "last", "/loop.wasm").success();
        client.call("Start", "limited", "last").success();
        end("limited");
    }

    private long processes(String id) throws IOException {
        ProtoMessage any = client.call("Stats", id, "").body().message(1);
        return ProtoMessage.parse(any.bytes(2)).message(1).number(1);
    }

    @Test
    void sharesOfAProcessorAreTheWeightsOfItsPrograms() throws IOException {
        run("light", "/loop.wasm", "{\"cpu\":{\"shares\":102}}");
        run("half", "/loop.wasm", "{\"cpu\":{\"shares\":512}}");
        run("usual", "/loop.wasm", "{}");
        Containerd.until("all have begun", () -> guests().equals(List.of(0, 3, 10)));

        update("light", "{\"cpu\":{\"shares\":820}}");
        client.exec("half", "further", "/loop.wasm").success();
        client.call("Start", "half", "further").success();

        Containerd.until("they have changed", () -> guests().equals(List.of(0, 1, 3, 3)));
        List.of("light", "half", "usual").forEach(id -> {
            try {
                end(id);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void threadsOfTheDaemonHaveItsOwnWeight() throws IOException {
        for (int i = 0; i < 20; i++) {
            run("loop-" + i, "/loop.wasm", "{\"cpu\":{\"shares\":2}}");
            run("exit-" + i, "/exit.wasm", "{\"cpu\":{\"shares\":2}}");
        }
        for (int i = 0; i < 20; i++) {
            end("loop-" + i);
        }

        assertThat(threads().filter(thread -> niceness(thread) != 0).map(ResourcesTest::name))
                .allMatch(GUEST::equals);
        for (int i = 0; i < 20; i++) {
            remove("exit-" + i);
        }
    }

    /** The niceness of each program's thread, from the least. */
    private static List<Integer> guests() {
        return threads()
                .filter(ResourcesTest::isGuest)
                .map(ResourcesTest::niceness)
                .sorted()
                .toList();
    }

    private static Stream<Integer> threads() {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.map(task -> Integer.parseInt(task.getFileName().toString())).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isGuest(int thread) {
        return name(thread).equals(GUEST);
    }

    private static String name(int thread) {
        try {
            return Files.readString(Path.of("/proc/self/task", Integer.toString(thread), "comm"))
                    .strip();
        } catch (IOException e) {
            // It has ended meanwhile.
            return GUEST;
        }
    }

    private static int niceness(int thread) {
        try {
            return Scheduling.niceness(thread);
        } catch (LinuxException e) {
            // It has ended meanwhile.
            return 0;
        }
    }

    @Test
    void whatIsOutOfRangeOfSharesIsItsEnd() {
        assertThat(IntStream.of(1, 300_000)
                        .mapToObj(shares -> Json.read(
                                        ("{\"cpu\":{\"shares\":" + shares + "}}").getBytes(StandardCharsets.UTF_8),
                                        Resources::parse)
                                .initial()
                                .cpuShares()))
                .containsExactly(2, 262_144);
    }
}
