package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals for programs that know them, of a real containerd. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class SignalledContainerTest {
    private static final String SHARED = CtrTasks.RUNTIME;
    private static final String ISOLATED = "io.containerd.skiff-isolated.v1";

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static CtrTasks tasks;

    // JUnit tells start() only what a field or the constructor asks for.
    @Parameter
    @SuppressWarnings("UnusedVariable")
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        containerd = CONTAINERDS.start(version);
        tasks = CtrTasks.of(containerd, LayerFile.of("signals.wasm", Guests.bytes("signals-c"), 0755));
    }

    /** A program whose end somebody waits for. */
    private record Running(String id, Path output, CompletableFuture<Output> end) {
        static Running start(String runtime, List<String> options, String... command) {
            String id = CtrTasks.id();
            Path output = containerd.folder().resolve(id + ".out");
            List<String> all = new ArrayList<>(List.of("--log-uri", "file://" + output));
            all.addAll(options);
            Running running = new Running(
                    id,
                    output,
                    CompletableFuture.supplyAsync(() -> tasks.with(runtime).runAs(id, all, command)));
            running.says("ready 0");
            return running;
        }

        static Running start(String runtime, String... command) {
            return start(runtime, List.of(), command);
        }

        void says(String line) {
            Containerd.until(
                    "it says " + line,
                    () -> Files.exists(output) && Containerd.has(output, line + "\n"),
                    () -> end.isDone() ? end.join().toString() : "");
        }

        void signal(String name) {
            containerd.succeed("task", "kill", "-s", name, id);
        }

        int status() {
            return end.join().status();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SHARED, ISOLATED})
    void aServerThatIsAskedToEndFinishesItsAnswer(String runtime) throws IOException {
        int port = Containerd.freePort();
        String annotation = "skiff.dev/listen=127.0.0.1:" + port;
        Running server =
                Running.start(runtime, List.of("--net-host", "--annotation", annotation), "/signals.wasm", "serve");
        try (Socket client = new Socket()) {
            client.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            server.says("accepted 5");

            server.signal("SIGTERM");
            server.says("signal 15");
            assertThat(server.end()).isNotDone();
            client.getOutputStream().write('\n');

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("last\n");
        }
        assertThat(server.status()).isZero();
        server.says("done 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {SHARED, ISOLATED})
    void aProgramThatStaysIsKilled(String runtime) {
        Running program = Running.start(runtime, "/signals.wasm", "stay");

        program.signal("SIGTERM");
        program.says("signal 15");
        program.signal("SIGWINCH");
        program.says("signal 28");
        assertThat(program.end()).isNotDone();
        program.signal("SIGKILL");

        assertThat(program.status()).isEqualTo(137);
    }

    @ParameterizedTest
    @ValueSource(strings = {SHARED, ISOLATED})
    void aProgramRaisesSignalsForItself(String runtime) {
        Running handled = Running.start(runtime, "/signals.wasm", "raise", "15");
        assertThat(handled.status()).isZero();
        assertThat(handled.output()).content().isEqualTo("ready 0\nsignal 15\nraised 0\ndone 1\n");

        Running killed = Running.start(runtime, "/signals.wasm", "raise", "9");
        assertThat(killed.status()).isEqualTo(137);
    }

    @Test
    void aPausedProgramGetsItsSignalsWhenItGoesOn() {
        Running program = Running.start(SHARED, "/signals.wasm", "sleep");
        assertThat(containerd.ctr("task", "pause", program.id()).status()).isZero();

        program.signal("SIGTERM");
        assertThat(program.output()).content().isEqualTo("ready 0\n");
        assertThat(containerd.ctr("task", "resume", program.id()).status()).isZero();

        assertThat(program.status()).isZero();
        program.says("signal 15");
    }

    @Test
    void theKeysOfATerminalAreSignals() throws Exception {
        Process script = tasks.inTerminal(CtrTasks.id(), "/signals.wasm", "wait");
        StringBuilder text = new StringBuilder();
        try (OutputStream keys = script.getOutputStream()) {
            read(script, text, "ready 0");
            keys.write(3);
            keys.flush();
            read(script, text, "signal 2\ninterrupted 1");
            keys.write(28);
            keys.flush();
            read(script, text, "signal 3\ninterrupted 1");
            keys.write(4);
            keys.flush();
            read(script, text, "done 0");
        }
        assertThat(script.waitFor()).isZero();
    }

    private static void read(Process process, StringBuilder text, String until) throws IOException {
        while (text.indexOf(until) < 0) {
            int character = process.getInputStream().read();
            assertThat(character).as("after " + text).isNotNegative();
            if (character != '\r') {
                text.append((char) character);
            }
        }
    }
}
