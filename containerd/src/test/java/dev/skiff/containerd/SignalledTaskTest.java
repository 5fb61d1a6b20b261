package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.LocalDaemon.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals for a program that knows them, of a daemon in this process. */
@Tag("slow")
@Timeout(60)
class SignalledTaskTest {
    private static final String TASK = "one";

    private LocalDaemon daemon;
    private Client client;
    private Path output;

    @BeforeEach
    void start() throws IOException {
        daemon = LocalDaemon.startWith(Map.of("signals.wasm", Guests.bytes("signals-c")));
        client = daemon.connect();
        output = daemon.folder().resolve("output");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (client != null) {
            client.kill(TASK, "", 9);
            client.call("Wait", TASK, "");
            client.call("Delete", TASK, "");
            client.close();
            daemon.close();
        }
    }

    private ProtoMessage call(String method, ProtoWriter request) throws IOException {
        return client.call(method, request).success();
    }

    /** A program that waits for what is typed at its terminal. */
    private void runInTerminal() throws IOException, InterruptedException {
        Path input = Raw.fifo(daemon.folder().resolve("input"));
        call(
                "Create",
                daemon.create(TASK, daemon.bundle(TASK, "/signals.wasm"))
                        .number(4, 1)
                        .text(5, input.toString())
                        .text(6, "file://" + output));
        call("Start", new ProtoWriter().text(1, TASK));
        shows("ready 0");
    }

    private void shows(String line) {
        Containerd.until("it says " + line, () -> Files.exists(output) && Containerd.has(output, line + "\r\n"));
    }

    private void resize(int columns, int rows) throws IOException {
        call("ResizePty", new ProtoWriter().text(1, TASK).number(3, columns).number(4, rows));
    }

    private void signal(int number) throws IOException {
        call("Kill", new ProtoWriter().text(1, TASK).number(3, number));
    }

    @Test
    void anotherSizeOfTheWindowIsASignalAndTheSameSizeIsNone() throws Exception {
        runInTerminal();

        resize(80, 25);
        shows("signal 28");
        resize(80, 25);
        signal(10);
        shows("signal 10");

        assertThat(output).content().containsOnlyOnce("signal 28");
        signal(15);
        assertThat(call("Wait", new ProtoWriter().text(1, TASK)).number(1)).isZero();
        shows("done 1");
    }

    @Test
    void aProcessThatWasAddedHasSignalsOfItsOwn() throws Exception {
        runInTerminal();
        Path added = daemon.folder().resolve("added");
        String process = "{\"args\":[\"/signals.wasm\",\"stay\"],\"cwd\":\"/\"}";
        call(
                "Exec",
                new ProtoWriter()
                        .text(1, TASK)
                        .text(2, "more")
                        .text(5, "file://" + added)
                        .message(7, new ProtoWriter().text(1, "process").text(2, process)));
        call("Start", new ProtoWriter().text(1, TASK).text(2, "more"));
        Containerd.until("it is ready", () -> Files.exists(added) && Containerd.has(added, "ready 0\n"));

        assertThat(client.kill(TASK, "more", 15).code()).isZero();
        Containerd.until("it has its signal", () -> Containerd.has(added, "signal 15\n"));
        signal(15);

        assertThat(call("Wait", new ProtoWriter().text(1, TASK)).number(1)).isZero();
        // What was added ends with the first process, whatever it knows.
        assertThat(call("Wait", new ProtoWriter().text(1, TASK).text(2, "more")).number(1))
                .isEqualTo(137);
        assertThat(added).content().doesNotContain("signal 9");
    }
}
