package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.linux.Descriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Loggers that are scripts of the shell. */
@Timeout(60)
class BinaryLoggerTest {
    private static final TaskKey TASK = new TaskKey("k8s.io", "box");

    @TempDir
    private Path dir;

    private StreamTarget.Logger script(String text, String... arguments) throws IOException {
        Path program = Files.writeString(dir.resolve("logger"), "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return new StreamTarget.Logger(program.toString(), List.of(arguments), Map.of("LOG_DIR", dir.toString()));
    }

    private BinaryLogger start(String text, String... arguments) throws IOException {
        return BinaryLogger.start(TASK, script(text, arguments), Duration.ofSeconds(20));
    }

    private static void end(BinaryLogger logger) {
        Descriptors.close(logger.out());
        Descriptors.close(logger.err());
        logger.end();
    }

    /** What is in a file, as soon as something is. */
    private String written(String name) throws IOException, InterruptedException {
        Path file = dir.resolve(name);
        while (!Files.exists(file) || Files.size(file) == 0) {
            Thread.sleep(10);
        }
        return Files.readString(file);
    }

    private static void awaitEnd(long pid) throws InterruptedException {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        while (process.isPresent() && process.get().isAlive()) {
            Thread.sleep(10);
        }
    }

    /** How many descriptors of this process are ends of pipes. */
    private static long pipes() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).toString().startsWith("pipe:");
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void aLoggerGetsBothStreamsItsNameAndItsArguments() throws Exception {
        BinaryLogger logger = start("""
                printf . >&5
                exec 5>&-
                cat <&3 >"$LOG_DIR/out"
                cat <&4 >"$LOG_DIR/err"
                echo "$CONTAINER_NAMESPACE/$CONTAINER_ID" "$#" "$@" >"$LOG_DIR/end.tmp"
                mv "$LOG_DIR/end.tmp" "$LOG_DIR/end"
                """, "key", "a value", "k2", "");
        Raw.write(logger.out(), "hello\n");
        Raw.write(logger.err(), "oh\n");
        end(logger);

        assertThat(written("end")).isEqualTo("k8s.io/box 4 key a value k2 \n");
        assertThat(written("out")).isEqualTo("hello\n");
        assertThat(written("err")).isEqualTo("oh\n");
    }

    @Test
    void aLoggerHasNothingElseOfTheDaemon() throws Exception {
        BinaryLogger logger = start("""
                ls -l /proc/$$/fd >"$LOG_DIR/open"
                tr '\\0' '\\n' </proc/$$/environ >"$LOG_DIR/variables"
                exec 5>&-
                cat <&3
                """);
        end(logger);

        // The script, this list, and what the shell puts aside while it writes it, are the logger's own.
        assertThat(written("open").lines().filter(line -> line.contains(" -> ") && !line.contains(dir.toString())))
                .extracting(line -> line.replaceAll(".* (\\d+ -> [a-z/]+).*", "$1"))
                .filteredOn(line -> !line.matches("\\d\\d -> /dev/null"))
                .containsExactlyInAnyOrder("0 -> /dev/null", "2 -> /dev/null", "3 -> pipe", "4 -> pipe", "5 -> pipe");
        assertThat(written("variables").lines().filter(line -> !line.startsWith("PWD=")))
                .containsExactlyInAnyOrder("CONTAINER_ID=box", "CONTAINER_NAMESPACE=k8s.io", "LOG_DIR=" + dir);
    }

    @Test
    void closingTheDescriptorIsAWordToo() throws Exception {
        BinaryLogger logger = start("exec 5>&-\ncat <&3 >\"$LOG_DIR/out\"\n");
        Raw.write(logger.out(), "hello");
        end(logger);

        assertThat(written("out")).isEqualTo("hello");
    }

    @Test
    void aLoggerThatIsNeverReadyIsGivenUp() throws Exception {
        long before = pipes();
        StreamTarget.Logger logger = script("echo $$ >\"$LOG_DIR/pid\"\nexec sleep 1000\n");

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> BinaryLogger.start(TASK, logger, Duration.ofSeconds(1)))
                .withMessage("the logger " + logger.program() + " was not ready after 1 s");
        awaitEnd(Long.parseLong(written("pid").strip()));
        while (pipes() > before) {
            Thread.sleep(10);
        }
    }

    @Test
    void aLoggerThatEndsBeforeItIsReadyIsNone() {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> start("exit 7\n"))
                .withMessage("the logger " + dir.resolve("logger") + " ended with status 7 before it was ready");
    }

    @Test
    void whatIsNoProgramIsNoLogger() {
        StreamTarget.Logger absent = new StreamTarget.Logger("/no/such/logger", List.of(), Map.of());
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> BinaryLogger.start(TASK, absent, BinaryLogger.READY))
                .withMessage("the logger /no/such/logger is no program that can be executed");

        StreamTarget.Logger folder = new StreamTarget.Logger(dir.toString(), List.of(), Map.of());
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> BinaryLogger.start(TASK, folder, BinaryLogger.READY))
                .withMessage("the logger " + dir + " ended with status 126 before it was ready");
    }

    @Test
    void writingToALoggerThatEndedFails() throws Exception {
        BinaryLogger logger = start("echo $$ >\"$LOG_DIR/pid\"\nprintf . >&5\n");
        awaitEnd(Long.parseLong(written("pid").strip()));

        assertThatExceptionOfType(dev.skiff.linux.LinuxException.class)
                .isThrownBy(() -> Raw.write(logger.out(), "x"))
                .withMessageContaining("EPIPE");
        end(logger);
    }

    @Test
    @Tag("slow")
    void aSlowLoggerIsLeftToEnd() throws Exception {
        BinaryLogger logger = start("printf . >&5\nsleep 2\ncat <&3 >\"$LOG_DIR/out\"\n");
        Raw.write(logger.out(), "hello");
        end(logger);

        assertThat(written("out")).isEqualTo("hello");
    }

    @Test
    @Tag("slow")
    void aLoggerThatStaysIsAskedToEnd() throws Exception {
        BinaryLogger logger = start("""
                trap 'echo asked >"$LOG_DIR/asked"; exit' TERM
                printf . >&5
                while :; do sleep 0.1; done
                """);
        end(logger);

        assertThat(written("asked")).isEqualTo("asked\n");
    }

    @Test
    @Tag("slow")
    void aLoggerThatDoesNotListenIsKilled() throws Exception {
        BinaryLogger logger = start("""
                trap '' TERM
                echo $$ >"$LOG_DIR/pid"
                printf . >&5
                while :; do sleep 0.1; done
                """);
        end(logger);

        awaitEnd(Long.parseLong(written("pid").strip()));
    }
}
