package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
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
    private static final String IMAGE = "localhost/signals:v1";
    private static final String SHARED = "io.containerd.skiff.v1";
    private static final String ISOLATED = "io.containerd.skiff-isolated.v1";

    private static final AtomicInteger NEXT = new AtomicInteger();

    private static Optional<Containerd> started = Optional.empty();
    private static Containerd containerd;

    @Parameter
    @SuppressWarnings("UnusedVariable") // The class has one invocation for each.
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        Optional<String> lacking = Containerd.lacking(version);
        if (lacking.isPresent()) {
            Assumptions.abort(lacking.get());
        }
        // Sockets have short paths.
        containerd = Containerd.start(Files.createTempDirectory(Path.of("/tmp"), "cts"), version);
        started = Optional.of(containerd);
        Path archive = containerd.folder().resolve("guests.tar");
        ImageArchive.write(archive, IMAGE, List.of(LayerFile.of("signals.wasm", Guests.bytes("signals-c"), 0755)));
        Output imported = containerd.ctr("images", "import", archive.toString());
        assertThat(imported.status()).as(imported.err()).isZero();
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException, InterruptedException {
        if (started.isPresent()) {
            started.get().close();
            started = Optional.empty();
        }
    }

    /** A program whose end somebody waits for. */
    private record Running(String id, Path output, CompletableFuture<Output> end) {
        static Running start(List<String> options, String... arguments) {
            String id = "s" + NEXT.incrementAndGet();
            Path output = containerd.folder().resolve(id + ".out");
            List<String> command = new ArrayList<>(List.of("run", "--rm", "--log-uri", "file://" + output));
            command.addAll(options);
            command.addAll(List.of(IMAGE, id, "/signals.wasm"));
            command.addAll(List.of(arguments));
            Running running = new Running(
                    id, output, CompletableFuture.supplyAsync(() -> containerd.ctr(command.toArray(String[]::new))));
            running.says("ready 0");
            return running;
        }

        void says(String line) {
            Containerd.until(
                    "it says " + line,
                    () -> Files.exists(output) && Containerd.has(output, line + "\n"),
                    () -> end.isDone() ? end.join().toString() : "");
        }

        void signal(String name) {
            Output sent = containerd.ctr("task", "kill", "-s", name, id);
            assertThat(sent.status()).as(sent.err()).isZero();
        }

        int status() {
            return end.join().status();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SHARED, ISOLATED})
    void aServerThatIsAskedToEndFinishesItsAnswer(String runtime) throws IOException {
        int port = freePort();
        String annotation = "skiff.dev/listen=127.0.0.1:" + port;
        Running server =
                Running.start(List.of("--runtime", runtime, "--net-host", "--annotation", annotation), "serve");
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
        Running program = Running.start(List.of("--runtime", runtime), "stay");

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
        Running handled = Running.start(List.of("--runtime", runtime), "raise", "15");
        assertThat(handled.status()).isZero();
        assertThat(handled.output()).content().isEqualTo("ready 0\nsignal 15\nraised 0\ndone 1\n");

        Running killed = Running.start(List.of("--runtime", runtime), "raise", "9");
        assertThat(killed.status()).isEqualTo(137);
    }

    @Test
    void aPausedProgramGetsItsSignalsWhenItGoesOn() {
        Running program = Running.start(List.of("--runtime", SHARED), "sleep");
        assertThat(containerd.ctr("task", "pause", program.id()).status()).isZero();

        program.signal("SIGTERM");
        assertThat(program.output()).content().isEqualTo("ready 0\n");
        assertThat(containerd.ctr("task", "resume", program.id()).status()).isZero();

        assertThat(program.status()).isZero();
        program.says("signal 15");
    }

    @Test
    void theKeysOfATerminalAreSignals() throws Exception {
        String id = "s" + NEXT.incrementAndGet();
        String command =
                containerd.command("ctr", "run", "--rm", "-t", "--runtime", SHARED, IMAGE, id, "/signals.wasm", "wait");
        Process script = new ProcessBuilder("script", "-qec", command, "/dev/null")
                .redirectErrorStream(true)
                .start();
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
