package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.RuntimeConfig.Edit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real containerd 2, which alone merges files, makes of entries in a file of their own. */
class DropInDumpTest {
    @TempDir
    private Path folder;

    @Test
    void entriesAreMergedWithWhatOtherFilesSay() throws IOException, InterruptedException {
        Optional<String> lacking = Containerd.lackingProgram(Containerd.Version.V2);
        if (lacking.isPresent()) {
            Assumptions.abort(lacking.get());
        }
        folder = folder.toRealPath();
        Path main = Files.writeString(folder.resolve("config.toml"), """
                version = 3
                imports = ['%s/conf.d/*.toml']
                [plugins.'io.containerd.cri.v1.images']
                snapshotter = 'native'
                """.formatted(folder));
        Files.writeString(Files.createDirectories(folder.resolve("conf.d")).resolve("other.toml"), """
                version = 3
                [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.spin]
                runtime_type = 'io.containerd.spin.v2'
                [plugins.'io.containerd.grpc.v1.cri']
                stream_server_port = '10010'
                """);
        List<RuntimeEntry> entries = List.of(
                new RuntimeEntry("skiff", "io.containerd.skiff.v1", Optional.empty()),
                new RuntimeEntry(
                        "spin", "io.containerd.spin.v2", Optional.of(Path.of("/opt/bin/containerd-shim-spin-v2"))));
        RuntimeConfig config = new RuntimeConfig(NodeContainerd.at(main));
        for (Edit edit : config.add(entries)) {
            edit.apply();
        }

        assertThat(folder.resolve("conf.d/skiff.toml")).exists();
        assertThat(ConfigDump.values(Containerd.program(Containerd.Version.V2), main)
                        .values())
                .contains(
                        "native",
                        "10010",
                        "io.containerd.skiff.v1",
                        "io.containerd.spin.v2",
                        "/opt/bin/containerd-shim-spin-v2",
                        "io.containerd.runc.v2");
        assertThat(entries).allSatisfy(entry -> assertThat(config.find(entry)).isPresent());
    }
}
