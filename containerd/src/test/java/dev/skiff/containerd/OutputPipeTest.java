package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OutputPipeTest {
    @TempDir
    private Path dir;

    private static void close(OutputPipe pipe) {
        Descriptors.close(pipe.writer());
        Descriptors.close(pipe.spare());
    }

    private static CompletableFuture<String> aMomentLater(Callable<String> reading) {
        CompletableFuture<String> read = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(100);
                read.complete(reading.call());
            } catch (Exception e) {
                read.completeExceptionally(e);
            }
        });
        return read;
    }

    /** A short program's output was lost when its reader was late. */
    @Test
    void aReaderWhoIsLateReadsAll() throws Exception {
        Path pipe = Raw.fifo(dir.resolve("out"));
        CompletableFuture<String> read = aMomentLater(() -> Files.readString(pipe));

        OutputPipe opened = OutputPipe.open(pipe.toString(), Duration.ofSeconds(30));
        Raw.write(opened.writer(), "short");
        close(opened);

        assertThat(read.get()).isEqualTo("short");
    }

    @Test
    void whoNeverComesIsNotWaitedForLong() throws Exception {
        Path pipe = Raw.fifo(dir.resolve("out"));

        OutputPipe opened = OutputPipe.open(pipe.toString(), Duration.ofMillis(50));

        Raw.write(opened.writer(), "x");
        assertThat(Raw.read(opened.spare())).isEqualTo("x");
        close(opened);
    }

    @Test
    void whoReadsIsWaitedForAtTheEnd() throws Exception {
        Path pipe = Raw.fifo(dir.resolve("out"));
        int reader = Raw.reader(pipe);
        OutputPipe opened = OutputPipe.open(pipe.toString(), Duration.ofSeconds(30));
        Raw.write(opened.writer(), "late");
        CompletableFuture<String> read = aMomentLater(() -> Raw.read(reader));

        Descriptors.close(opened.spare());
        OutputPipe.awaitRead(opened.writer(), Duration.ofDays(1));

        assertThat(read.get()).isEqualTo("late");
        Descriptors.close(opened.writer());
        Descriptors.close(reader);
    }

    @Test
    void nobodyIsNotWaitedFor() throws Exception {
        Path pipe = Raw.fifo(dir.resolve("out"));
        OutputPipe opened = OutputPipe.open(pipe.toString(), Duration.ZERO);
        Raw.write(opened.writer(), "unread");

        Descriptors.close(opened.spare());
        OutputPipe.awaitRead(opened.writer(), Duration.ofDays(1));

        Descriptors.close(opened.writer());
    }

    @Test
    void whoDoesNotReadIsNotWaitedForLong() throws Exception {
        Path pipe = Raw.fifo(dir.resolve("out"));
        int reader = Raw.reader(pipe);
        OutputPipe opened = OutputPipe.open(pipe.toString(), Duration.ofSeconds(30));
        Raw.write(opened.writer(), "unread");

        Descriptors.close(opened.spare());
        OutputPipe.awaitRead(opened.writer(), Duration.ofMillis(50));

        Descriptors.close(opened.writer());
        Descriptors.close(reader);
    }

    @Test
    void whatIsNotThereIsSaidAtOnce() {
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> OutputPipe.open(dir + "/none", Duration.ofDays(1)))
                .withMessageContaining(dir + "/none");
    }
}
