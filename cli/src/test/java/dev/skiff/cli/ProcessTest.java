package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as a process of its own: streams, signals and statuses as a shell sees them. */
@Timeout(60)
class ProcessTest {
    @TempDir
    private Path directory;

    private Process start(String... args) throws IOException {
        return SkiffProcess.start(directory, List.of(args));
    }

    private String module(String name, byte[] contents) throws IOException {
        return Files.write(directory.resolve(name), contents).toString();
    }

    private static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void inputIsStreamedLineByLine() throws Exception {
        Process process = start("run", module("cat.wasm", TestModule.cat()));
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));

        for (String line : List.of("first", "second")) {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            assertThat(output.readLine()).isEqualTo(line);
        }
        process.getOutputStream().close();

        assertThat(process.waitFor()).isZero();
        assertThat(output.readLine()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "HUP, 129"})
    void aSignalEndsABusyGuest(String signal, int status) throws Exception {
        Process process = start("run", module("loop.wasm", TestModule.command("03 40 0c 00 0b")));
        giveItTime();

        long start = System.nanoTime();
        SkiffProcess.signal(process, signal);

        assertThat(process.waitFor()).isEqualTo(status);
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
        assertThat(text(process)).isEmpty();
    }

    @Test
    void aSignalEndsAGuestThatWaitsForInput() throws Exception {
        Process process = start("run", module("cat.wasm", TestModule.cat()));
        giveItTime();

        SkiffProcess.signal(process, "TERM");

        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(text(process)).isEmpty();
    }

    @Test
    void aSentenceAndAStatusAreAllThatAFailureLeaves() throws Exception {
        Process process = start("run", "/nowhere/app.wasm");

        assertThat(text(process)).isEqualTo("skiff: cannot run /nowhere/app.wasm: there is no such file\n");
        assertThat(process.waitFor()).isEqualTo(127);
    }

    /** There is nothing to see from outside when the guest runs; too early a signal ends the JVM the same way. */
    private static void giveItTime() throws InterruptedException {
        Thread.sleep(1_500);
    }
}
