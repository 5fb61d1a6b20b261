package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.Execution;
import dev.skiff.host.ModuleSource;
import dev.skiff.host.Runner;
import dev.skiff.host.Workload;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Terminals;
import dev.skiff.wasi.Signals;
import dev.skiff.wasi.StandardInput;
import dev.skiff.wasm.Engine;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams through a terminal, with a test in the place of the program and of who sits there. */
@Timeout(60)
class TerminalTest {
    private static final TaskKey TASK = new TaskKey("k8s.io", "box");

    @TempDir
    private Path dir;

    private final BlockingQueue<Integer> signals = new LinkedBlockingQueue<>();
    private Path in;
    private Path out;
    private TaskIo io;
    private int guest;
    private OutputStream keyboard;
    private InputStream screen;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        in = Raw.fifo(dir.resolve("in"));
        out = Raw.fifo(dir.resolve("out"));
        int reader = Raw.reader(out);
        io = TaskIo.open(TASK, new Streams(in.toString(), out.toString(), "", true));
        guest = ((StandardInput.HostDescriptor) io.stdio().in()).fd();
        keyboard = new FileOutputStream(in.toFile());
        screen = new FileInputStream(out.toFile());
        Descriptors.close(reader);
    }

    @AfterEach
    void close() throws IOException {
        // First, as io waits for who reads.
        screen.close();
        io.close();
        keyboard.close();
    }

    private void start() {
        io.start(signals::add);
    }

    private void type(String text) throws IOException {
        keyboard.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private void assertShown(String text) throws IOException {
        assertThat(screen.readNBytes(text.length()))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(text);
    }

    /** Descriptors of this process that lead to terminals, or to the pipes of the test. */
    private long descriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> {
                        try {
                            String target = Files.readSymbolicLink(fd).toString();
                            return target.contains("pts") || target.contains("ptmx") || target.startsWith(dir + "/");
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void linesAreEditedEchoedAndTranslated() throws Exception {
        start();
        type("hex\u007fy\r");

        assertThat(Raw.read(guest)).isEqualTo("hey\n");
        Raw.write(guest, "you\n");
        assertShown("hex\b \by\r\nyou\r\n");
        assertThat(Descriptors.isTerminal(guest)).isTrue();
    }

    @Test
    void allStreamsAreTheTerminal() {
        assertThat(io.stdio().out()).isEqualTo(io.stdio().err());
        assertThat(io.stdio().out().toString()).contains("fd=" + guest);
    }

    @Test
    void theWindowHasTheSizeThatWasSaid() {
        io.resize(100, 30);
        assertThat(Terminals.size(guest)).isEqualTo(new Terminals.Size(100, 30));
        start();
        io.resize(120, 40);
        assertThat(Terminals.size(guest)).isEqualTo(new Terminals.Size(120, 40));

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> io.resize(1L << 32, 40))
                .extracting(RpcException::code)
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThatExceptionOfType(RpcException.class).isThrownBy(() -> io.resize(65_536, 40));
        io.close();
        io.resize(80, 25);
    }

    @Test
    void keysMakeSignalsAndDropWhatWasTyped() throws Exception {
        start();
        type("some\u0003");
        assertThat(signals.take()).isEqualTo(Signals.INTERRUPT);
        type("more\u001c");
        assertThat(signals.take()).isEqualTo(Signals.QUIT);
        type("\u0016\u0003line\n");

        assertThat(Raw.read(guest)).isEqualTo("\u0003line\n");
        assertThat(signals).isEmpty();
    }

    @Test
    void whoFailsToDeliverASignalStopsNothing() throws Exception {
        io.start(signal -> {
            throw new IllegalStateException("it has ended");
        });
        type("\u0003line\n");

        assertThat(Raw.read(guest)).isEqualTo("line\n");
    }

    @Test
    void aTerminalWithoutSignalsHasNone() throws Exception {
        Process stty = new ProcessBuilder("stty", "-isig", "-icanon", "-echo")
                .inheritIO()
                .redirectInput(Path.of("/proc/self/fd/" + guest).toFile())
                .start();
        assertThat(stty.waitFor()).isZero();
        start();
        type("a\u0003");
        StringBuilder read = new StringBuilder();
        while (read.length() < 2) {
            read.append(Raw.read(guest));
        }

        assertThat(read).hasToString("a\u0003");
        assertThat(signals).isEmpty();
    }

    @Test
    void theEndKeyEndsInputAndItGoesOn() throws Exception {
        start();
        type("part\u0004");
        assertThat(Raw.read(guest)).isEqualTo("part");
        type("\u0004");
        assertThat(Raw.read(guest)).isEmpty();
        type("line\n");
        assertThat(Raw.read(guest)).isEqualTo("line\n");
    }

    @Test
    void theEndOfThePipeIsTheEndOfInput() throws Exception {
        start();
        type("part");
        io.closeInput();
        keyboard.close();

        assertThat(Raw.read(guest)).isEqualTo("part");
        assertThat(Raw.read(guest)).isEmpty();
    }

    @Test
    void somebodyElseMayTypeAndRead() throws Exception {
        start();
        type("one\n");
        assertShown("one\r\n");
        keyboard.close();
        screen.close();
        Raw.write(guest, "meanwhile\n");

        keyboard = new FileOutputStream(in.toFile());
        screen = new FileInputStream(out.toFile());
        assertShown("meanwhile\r\n");
        type("two\n");
        assertShown("two\r\n");
        assertThat(Raw.read(guest)).isEqualTo("one\n");
        assertThat(Raw.read(guest)).isEqualTo("two\n");
    }

    @Test
    void whatWasWrittenBeforeTheEndIsShownBeforeItIsOver() throws Exception {
        start();
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        Thread reader = Thread.ofPlatform().start(() -> {
            try {
                screen.transferTo(shown);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        String line = "0123456789abcdef".repeat(4) + "\n";
        for (int i = 0; i < 10_000; i++) {
            Raw.write(guest, line);
        }
        io.complain("skiff: the end");
        io.close();
        reader.join();

        assertThat(shown.toString(StandardCharsets.UTF_8))
                .isEqualTo(line.replace("\n", "\r\n").repeat(10_000) + "skiff: the end\r\n");
    }

    @Test
    @Tag("slow")
    void whoDoesNotReadHoldsTheEndUpForSecondsOnly() throws Exception {
        start();
        Raw.fill(guest);
        io.close();

        // What the pipe holds, whose pages need not be full.
        assertThat(screen.readAllBytes()).hasSizeGreaterThan(32 * 1024);
    }

    @Test
    void nothingIsReadBeforeTheStartAndNothingStaysOpen() throws Exception {
        type("early\n");
        assertThat(Descriptors.available(guest)).isZero();
        io.close();
        io.close();
        start();

        // The two of the test.
        assertThat(descriptors()).isEqualTo(2);
        assertThat(screen.read()).isNegative();
    }

    @Test
    void nothingStaysOpenAfterTheEnd() throws Exception {
        start();
        type("x\n");
        assertShown("x\r\n");
        io.close();

        while (descriptors() > 2) {
            Thread.sleep(10);
        }
        assertThat(screen.read()).isNegative();
    }

    @Test
    void aFullDiskDoesNotHoldTheProgramUp() {
        try (TaskIo full = TaskIo.open(TASK, new Streams("", "file:///dev/full", "", true))) {
            full.start(signals::add);
            int slave = ((StandardInput.HostDescriptor) full.stdio().in()).fd();
            Raw.write(slave, "x".repeat(1 << 20));
        }
    }

    @Test
    void aTerminalThatNobodySeesWorks() {
        try (TaskIo unseen = TaskIo.open(TASK, new Streams("", "", "", true))) {
            unseen.start(signals::add);
            int slave = ((StandardInput.HostDescriptor) unseen.stdio().in()).fd();
            Raw.write(slave, "x".repeat(1 << 20));
        }
    }

    @Test
    void aGuestReadsLinesUntilTheEndKey() throws Exception {
        try (Engine engine = Engine.builder().build();
                Execution cat = prepare(engine)) {
            start();
            cat.start();
            type("hi\n");
            assertShown("hi\r\nhi\r\n");
            type("\u0004");

            assertThat(cat.await().code()).isZero();
        }
    }

    @Test
    void aGuestThatWaitsForInputIsInterrupted() throws Exception {
        try (Engine engine = Engine.builder().build();
                Execution cat = prepare(engine)) {
            io.start(cat::stop);
            cat.start();
            type("hi\n");
            assertShown("hi\r\nhi\r\n");
            type("line\n\u0003");

            assertThat(cat.await().code()).isEqualTo(130);
        }
    }

    private Execution prepare(Engine engine) {
        return new Runner(engine)
                .prepare(Workload.of(new ModuleSource.OfBytes("cat", Guests.CAT))
                        .stdio(io.stdio())
                        .build());
    }
}
