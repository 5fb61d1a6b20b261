package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.host.Stdio;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.TransferListener.State;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is shown while content is transferred, on a terminal and elsewhere. */
class TransferProgressTest {
    private static final Descriptor LARGE = Descriptor.of("application/wasm", new byte[1 << 20]);
    private static final Descriptor SMALL = Descriptor.of("application/json", new byte[100]);

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Console console(boolean animated) {
        PrintStream out = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Console(
                new ByteArrayInputStream(new byte[0]), out, out, Stdio.NONE, Map.of(), false, animated, Signals.none());
    }

    private TransferProgress progress(boolean animated, String... options) {
        Arguments arguments = Arguments.parse(
                new RegistryPullCommand().spec(),
                java.util.stream.Stream.concat(java.util.stream.Stream.of(options), java.util.stream.Stream.of("app"))
                        .toList());
        return new TransferProgress("pulling app:v1", arguments, console(animated));
    }

    private String shown() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTerminalHasALineWithABarThatIsWipedInTheEnd() throws InterruptedException {
        try (TransferProgress progress = progress(true)) {
            progress.started(LARGE, State.TRANSFERRED);
            progress.started(SMALL, State.PRESENT);
            progress.advanced(LARGE, 1 << 19);
            progress.note("trying again");
            while (!shown().contains("/s")) {
                Thread.sleep(10);
            }
        }

        List<String> lines = List.of(shown().split("\r\u001b\\[K", -1));
        assertThat(lines.getLast()).isEmpty();
        assertThat(lines).contains("skiff: trying again\n");
        assertThat(lines.get(lines.size() - 2))
                .matches("pulling app:v1 \\[={12} {12}\\] 512 KiB of 1\\.0 MiB, [0-9.]+ (B|[KMG]iB)/s");
    }

    @Test
    void elsewhereThereIsALineForEachLargeBlob() {
        try (TransferProgress progress = progress(false)) {
            progress.started(LARGE, State.TRANSFERRED);
            progress.started(SMALL, State.TRANSFERRED);
            progress.advanced(SMALL, 100);
            progress.finished(SMALL);
            progress.note("a stranger's\u0007 word");
            progress.finished(LARGE);
        }

        assertThat(shown())
                .isEqualTo("skiff: a stranger's\\u{7} word\npulling app:v1: "
                        + LARGE.digest().abbreviated() + " 1.0 MiB, done\n");
    }

    @Test
    void whatNeedsNoTransferHasOneLine() {
        try (TransferProgress progress = progress(false)) {
            progress.started(LARGE, State.PRESENT);
            progress.finished(LARGE);
            progress.started(LARGE, State.MOUNTED);
            progress.finished(LARGE);
        }

        String blob = "pulling app:v1: " + LARGE.digest().abbreviated() + " 1.0 MiB, ";
        assertThat(shown()).isEqualTo(blob + "there already\n" + blob + "taken over from another repository\n");
    }

    @Test
    void quietSaysNothingUnlessMoreIsAskedFor() {
        for (boolean animated : new boolean[] {true, false}) {
            try (TransferProgress progress = progress(animated, "--quiet")) {
                progress.started(LARGE, State.TRANSFERRED);
                progress.note("trying again");
                progress.finished(LARGE);
            }
            assertThat(shown()).isEmpty();
        }
        try (TransferProgress progress = progress(false, "-q", "-v")) {
            progress.note("trying again");
        }
        assertThat(shown()).isEqualTo("skiff: trying again\n");
    }
}
