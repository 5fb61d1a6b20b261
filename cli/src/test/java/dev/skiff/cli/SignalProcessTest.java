package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals for the command while it runs a program that knows them. */
@Timeout(60)
class SignalProcessTest {
    @TempDir
    private Path directory;

    private Process process;
    private BufferedReader output;

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private void start(List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("run"));
        command.addAll(options);
        command.add(Guests.file("signals-c"));
        command.addAll(List.of(arguments));
        process = SkiffProcess.start(directory, command);
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        says("ready 0");
    }

    private void says(String line) throws IOException {
        assertThat(output.readLine()).isEqualTo(line);
    }

    private void signal(String name) throws Exception {
        SkiffProcess.signal(process, name);
    }

    @ParameterizedTest
    @CsvSource({"HUP, 1", "INT, 2"})
    void aProgramThatKnowsASignalDecidesWhatItDoes(String name, int number) throws Exception {
        start(List.of(), "sleep");

        signal(name);
        says("signal " + number);
        says("interrupted 1");
        signal("TERM");
        says("signal 15");
        says("interrupted 1");
        says("done 1");

        assertThat(process.waitFor()).isZero();
    }

    @Test
    void aServerFinishesItsAnswer() throws Exception {
        start(List.of("--listen", "127.0.0.1:0"), "serve", "3");
        String listening = process.errorReader().readLine();
        int port = Integer.parseInt(listening.replaceFirst(".*:", ""));
        try (Socket client = new Socket()) {
            client.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            says("accepted 4");
            signal("TERM");
            says("signal 15");
            client.getOutputStream().write('\n');
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("last\n");
        }
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void whoInsistsEndsAProgramThatStays() throws Exception {
        start(List.of(), "stay");

        // However slow this machine is, three of many come within two seconds.
        while (process.isAlive()) {
            new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid()))
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
        }

        assertThat(process.waitFor()).isEqualTo(143);
    }

    @Test
    void aProgramThatExitsInItsHandlerHasThatStatus() throws Exception {
        start(List.of(), "exit", "7");

        signal("INT");

        says("signal 2");
        assertThat(process.waitFor()).isEqualTo(7);
    }

    @Test
    void aProgramThatEndsItselfBySignalHasItsStatus() throws Exception {
        start(List.of(), "raise", "9");

        assertThat(process.waitFor()).isEqualTo(137);
    }
}
