package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real programs in several languages, run within the tests. */
class RunTest {
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    @TempDir
    private Path directory;

    private Skiff skiff;

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory);
    }

    private static String guest(String name) {
        return CHECKOUT.resolve("guests").resolve(name).resolve(name + ".wasm").toString();
    }

    @Test
    void resultsOfACallArePrintedOneALine() {
        String file = skiff.file(
                "pair.wasm",
                new TestModule()
                        .function("pair", "02 7f 7c 02 7c 7f", "20 01 20 00")
                        .bytes());

        assertThat(skiff.run("run", "--invoke", "pair", file, "0xff", "-2.50"))
                .isEqualTo(new Skiff.Result(0, "-2.5\n255\n", ""));
        assertThat(skiff.run("run", "--memory", "heap", "--no-cache", "--invoke", "pair", file, "-1", "nan"))
                .isEqualTo(new Skiff.Result(0, "nan\n-1\n", ""));
    }

    @Test
    void aReactorIsInitializedBeforeItsExportIsCalled() {
        byte[] reactor = new TestModule()
                .memory(1)
                .function("_initialize", "00 00", "41 00 41 2a 36 02 00")
                .function("answer", "00 01 7f", "41 00 28 02 00")
                .bytes();

        assertThat(skiff.run("run", "--invoke", "answer", skiff.file("reactor.wasm", reactor)))
                .isEqualTo(new Skiff.Result(0, "42\n", ""));
    }

    @ParameterizedTest
    @CsvSource({"hello-c, C", "hello-rust, Rust", "hello-zig, Zig", "hello-as, AssemblyScript", "hello-go, Go"})
    void programsGetTheirArgumentsAndTheEnvironmentThatWasGranted(String guest, String language) {
        skiff.with("GREETING", "ahoy").with("SECRET", "x");

        assertThat(skiff.run("run", guest(guest), "--env", "-v", "a b"))
                .isEqualTo(new Skiff.Result(
                        0, "hello from " + language + ", arguments [--env, -v, a b], GREETING not set\n", ""));
        assertThat(skiff.run("run", "--env", "GREETING", "--env", "NOT_THERE", guest(guest)))
                .isEqualTo(new Skiff.Result(0, "hello from " + language + ", arguments [], GREETING ahoy\n", ""));
        assertThat(skiff.run("run", "--env=GREETING=a=b", guest(guest)).out()).endsWith("GREETING a=b\n");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "7, 7", "125, 125", "return, 3"})
    void theProgramsStatusIsTheCommands(String argument, int status) {
        assertThat(skiff.run("run", guest("exit-c"), argument).status()).isEqualTo(status);
    }

    @Test
    void aPanicIsATrapWithItsMessage() {
        Skiff.Result result = skiff.run("run", guest("panic-rust"), "panic");

        assertThat(result.status()).isEqualTo(134);
        assertThat(result.err()).contains("the bilge is full", "skiff: trap: unreachable\n    at ");
    }

    @Test
    void aProgramThatGivesUpWithoutMoreMemoryIsOutOfMemory() {
        skiff.file("large.txt", "x".repeat(2_000_000));
        String wordcount = CHECKOUT.resolve("examples/wordcount/wordcount.wasm").toString();
        String grant = directory + "::/";

        Skiff.Result refused = skiff.run("run", "--max-memory", "2MiB", "--dir", grant, wordcount, "/large.txt");
        Skiff.Result granted = skiff.run("run", "--dir", grant, wordcount, "/large.txt");

        assertThat(refused.status()).isEqualTo(137);
        assertThat(refused.err())
                .contains("memory allocation of 2000000 bytes failed")
                .contains("skiff: out of memory: its memory could not grow beyond the limit of 2097152 bytes")
                .endsWith("\n    --max-memory lets it have more\n");
        assertThat(granted.status()).isZero();
    }

    @Test
    void inputFlowsThrough() {
        String text = "line\n".repeat(10_000);

        assertThat(skiff.reading(text).run("run", skiff.file("cat.wasm", TestModule.cat())))
                .isEqualTo(new Skiff.Result(0, text, ""));
    }

    @Test
    void filesAreThoseOfTheGrantedDirectory() {
        String work = directory.toString();

        assertThat(skiff.run("run", "--dir", work + "::/work", guest("fileio-c"))
                        .out())
                .endsWith("ok\n");
        assertThat(skiff.run("run", guest("fileio-c")).status()).isEqualTo(1);
    }

    @Test
    void aReadOnlyDirectoryCanBeReadOnly() throws IOException {
        Files.writeString(directory.resolve("a.txt"), "one two two\n");
        String wordcount = CHECKOUT.resolve("examples/wordcount/wordcount.wasm").toString();

        Skiff.Result read = skiff.run("run", "--dir", directory + "::/data:ro", wordcount, "/data/a.txt");
        Skiff.Result write = skiff.run("run", "--dir", directory + "::/work:ro", guest("fileio-c"));

        assertThat(read.out()).startsWith("/data/a.txt: 1 lines, 3 words, 12 bytes\n");
        assertThat(write.status()).isEqualTo(1);
        assertThat(write.out()).contains("NO");
        assertThat(directory.resolve("hold")).doesNotExist();
    }

    @Test
    void aSocketListensForTheProgram() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String greeter = skiff.file("greeter.wasm", TestModule.greeter());
        FutureTask<Skiff.Result> run =
                new FutureTask<>(() -> skiff.run("run", "--listen", "tcp://127.0.0.1:" + port, greeter));
        Thread.ofPlatform().start(run);

        assertThat(readAll(port)).isEqualTo("hi");
        assertThat(run.get()).isEqualTo(new Skiff.Result(0, "", "skiff: listening on 127.0.0.1:" + port + "\n"));
    }

    private static String readAll(int port) throws Exception {
        for (int attempt = 0; ; attempt++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (ConnectException e) {
                if (attempt == 200) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    @Test
    void textIsAssembledByTheToolOnThePath() throws IOException {
        Path tool = directory.resolve("wat2wasm");
        String made = skiff.file("made.wasm", TestModule.command(""));
        Files.writeString(tool, "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\ncp " + made + " \"$2\"\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
        skiff.with("PATH", directory + ":/bin:/usr/bin");

        assertThat(skiff.run("run", skiff.file("a.wat", ";; empty\n(module)"))).isEqualTo(new Skiff.Result(0, "", ""));

        Files.writeString(tool, "#!/bin/sh\necho 'a.wat:1:1: error: unexpected token' >&2\nexit 1\n");
        assertThat(skiff.run("run", skiff.file("a.wat", "(modul)")))
                .isEqualTo(new Skiff.Result(
                        126,
                        "",
                        "skiff: cannot assemble a.wat: wat2wasm says:\n    a.wat:1:1: error: unexpected token\n"));
    }
}
