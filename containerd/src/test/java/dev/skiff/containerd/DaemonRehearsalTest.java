package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A daemon's work, without a containerd. */
class DaemonRehearsalTest {
    @Test
    @Timeout(60)
    void aTaskRunsFromItsBeginningToItsEnd() throws IOException, InterruptedException {
        // Sockets have short paths.
        Path folder = Files.createTempDirectory(Path.of("/tmp"), "reh");
        try {
            DaemonRehearsal.run(folder);

            assertThat(folder.resolve("default/rehearsal/rootfs/guest.wasm")).exists();
            assertThat(folder.resolve("task")).doesNotExist();
            assertThat(Engine.codeCacheSize(folder.resolve("code"))).isPositive();
        } finally {
            new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString())
                    .start()
                    .waitFor();
        }
    }
}
