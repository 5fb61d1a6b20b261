package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.RuntimeConfig.Edit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What real containerds make of configurations with entries. */
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class RuntimeConfigDumpTest {
    private static final List<RuntimeEntry> ENTRIES = List.of(
            new RuntimeEntry("skiff", "io.containerd.skiff.v1", Optional.empty()),
            new RuntimeEntry(
                    "spin", "io.containerd.spin.v2", Optional.of(Path.of("/opt/bin/containerd-shim-spin-v2"))));

    @Parameter
    private Containerd.Version version;

    @TempDir
    private Path folder;

    private Path program;
    private Path main;
    private RuntimeConfig config;

    @BeforeEach
    void find() throws IOException {
        Optional<String> lacking = Containerd.lackingProgram(version);
        if (lacking.isPresent()) {
            Assumptions.abort(lacking.get());
        }
        folder = folder.toRealPath();
        program = Containerd.program(version);
        main = folder.resolve("config.toml");
        config = new RuntimeConfig(NodeContainerd.at(main), () -> ContainerdDefaults.read(program));
    }

    private Map<String, Object> values() throws IOException, InterruptedException {
        return ConfigDump.values(program, main);
    }

    /** Entries come, change nothing else that containerd goes by, and go. */
    private void comeAndGo() throws IOException, InterruptedException {
        Map<String, Object> before = values();
        Map<Path, String> files = files();

        for (Edit edit : config.add(ENTRIES)) {
            edit.apply();
        }

        Map<String, Object> with = values();
        assertThat(with)
                .as("what was configured before")
                .containsAllEntriesOf(before)
                .hasSizeGreaterThan(before.size());
        with.keySet().removeAll(before.keySet());
        assertThat(with.keySet())
                .allMatch(
                        key -> key.contains("containerd.runtimes.skiff.") || key.contains("containerd.runtimes.spin."));
        assertThat(with).anySatisfy((key, value) -> {
            assertThat(key).endsWith("containerd.runtimes.skiff.runtime_type");
            assertThat(value).isEqualTo("io.containerd.skiff.v1");
        });
        assertThat(with).anySatisfy((key, value) -> {
            assertThat(key).endsWith("containerd.runtimes.spin.runtime_path");
            assertThat(value).isEqualTo("/opt/bin/containerd-shim-spin-v2");
        });
        for (String annotations : List.of("pod_annotations", "container_annotations")) {
            assertThat(with).anySatisfy((key, value) -> {
                assertThat(key).endsWith("containerd.runtimes.skiff." + annotations);
                assertThat(value).isEqualTo("[\"skiff.dev/*\"]");
            });
        }
        assertThat(config.add(ENTRIES)).isEmpty();

        for (Edit edit : config.remove()) {
            edit.apply();
        }
        assertThat(files()).isEqualTo(files);
    }

    private Map<Path, String> files() throws IOException {
        Map<Path, String> files = new TreeMap<>();
        try (var all = Files.walk(folder)) {
            for (Path file :
                    all.filter(each -> each.toString().endsWith(".toml")).toList()) {
                files.put(file, Files.readString(file));
            }
        }
        return files;
    }

    private void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version = 2",
                "version = 2\nimports = []\n[plugins]\n  [plugins.\"io.containerd.grpc.v1.cri\"]\n"
                        + "    [plugins.\"io.containerd.grpc.v1.cri\".cni]\n      bin_dir = \"/usr/lib/cni\"\n",
                "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n  default_runtime_name = \"kata\"\n"
                        + "  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.kata]\n"
                        + "    runtime_type = \"io.containerd.kata.v2\"\n[grpc]\n  gid = 7\n",
                "version = 2\nplugins.\"io.containerd.grpc.v1.cri\".enable_selinux = true\n"
            })
    void entriesInAFileOfVersion2(String text) throws IOException, InterruptedException {
        write(main, text);

        comeAndGo();
    }

    @Test
    void entriesInTheDefaultsWrittenOut() throws IOException, InterruptedException {
        write(main, ContainerdDefaults.read(program));

        comeAndGo();
    }

    @Test
    void entriesWithoutAFile() throws IOException, InterruptedException {
        write(main, "version = 2\n");
        Map<String, Object> before = values();
        Files.delete(main);

        for (Edit edit : config.add(ENTRIES)) {
            edit.apply();
        }

        assertThat(values()).containsAllEntriesOf(before).hasSizeGreaterThan(before.size());
        for (Edit edit : config.remove()) {
            edit.apply();
        }
        assertThat(main).doesNotExist();
    }

    @Test
    void entriesBesideImportedFilesOfVersion2() throws IOException, InterruptedException {
        write(
                main,
                "version = 2\nimports = [\"" + folder + "/conf.d/*.toml\"]\n[plugins.\"io.containerd.grpc.v1.cri\"]\n"
                        + "sandbox_image = \"pause:1\"\n");
        write(
                folder.resolve("conf.d/other.toml"),
                "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.kata]\n"
                        + "runtime_type = \"io.containerd.kata.v2\"\n");
        write(folder.resolve("conf.d/zz.toml"), "version = 2\n[metrics]\naddress = \"127.0.0.1:1338\"\n");

        comeAndGo();
    }
}
