package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.RuntimeConfig.Edit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Entries in files of all kinds: what is refused changes nothing, and what is not can be undone to the byte. */
class RuntimeConfigPropertyTest {
    private static final List<RuntimeEntry> ENTRIES = List.of(
            new RuntimeEntry("skiff", "io.containerd.skiff.v1", Optional.empty()),
            new RuntimeEntry("spin", "io.containerd.spin.v2", Optional.empty()));

    @Provide
    Arbitrary<String> files() {
        Arbitrary<String> tables = Arbitraries.of(
                "# skiff: a comment",
                "disabled_plugins = []",
                "plugins.\"io.containerd.grpc.v1.cri\".x = 1",
                "plugins = { }",
                "[grpc]\n  address = '''\nmany\nlines'''",
                "[plugins]",
                "[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"é\"",
                "[plugins.'io.containerd.cri.v1.runtime'.containerd]\n\tdefault_runtime_name = 'runc' # usual",
                "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.spin]",
                "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata]",
                "[[stream_processors]]",
                "");
        return tables.list()
                .ofMaxSize(6)
                .flatMap(list -> Arbitraries.of("version = 2", "version = 3", "")
                        .flatMap(first -> Arbitraries.of("\n", "\r\n")
                                .flatMap(end -> Arbitraries.of("", end)
                                        .map(last -> first + end + String.join(end, list) + last))));
    }

    @Property(tries = 200)
    void entriesComeAndGo(@ForAll @From("files") String text) throws IOException {
        Path folder = Files.createTempDirectory("config").toRealPath();
        try {
            Path main = Files.writeString(folder.resolve("config.toml"), text);
            RuntimeConfig config = new RuntimeConfig(NodeContainerd.at(main), () -> "version = 2\n");
            try {
                apply(config.add(ENTRIES));
            } catch (ConfigException e) {
                assertThat(Files.readString(main)).isEqualTo(text);
                return;
            }
            assertThat(Files.readString(main)).startsWith(text).isNotEqualTo(text);
            assertThat(config.find(ENTRIES.getFirst())).isPresent();
            assertThat(config.add(ENTRIES)).isEmpty();

            apply(config.remove());

            assertThat(Files.readString(main)).isEqualTo(text);
        } finally {
            Files.delete(folder.resolve("config.toml"));
            Files.delete(folder);
        }
    }

    private static void apply(List<Edit> edits) throws IOException {
        for (Edit edit : edits) {
            edit.apply();
        }
    }
}
