package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.RuntimeConfig.Edit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/** What real containerds make of configurations with entries. */
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class RuntimeConfigDumpTest {
    private static final List<RuntimeEntry> ENTRIES = List.of(
            new RuntimeEntry("skiff", "io.containerd.skiff.v1", Optional.empty()),
            new RuntimeEntry(
                    "spin", "io.containerd.spin.v2", Optional.of(Path.of("/opt/bin/containerd-shim-spin-v2"))));

    /** Of options and arrays, and of {@code sandbox_mode}. */
    private static final Set<String> UNSAID = Set.of("", "0", "false", "[]", "podsandbox");

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

    private TomlParseResult dump() throws IOException, InterruptedException {
        Path out = folder.resolve("dump");
        Path err = folder.resolve("err");
        int status = new ProcessBuilder(program.toString(), "-c", main.toString(), "config", "dump")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        assertThat(status).as(() -> Containerd.text(err)).isZero();
        TomlParseResult dump = Toml.parse(Files.readString(out));
        assertThat(dump.errors()).isEmpty();
        return dump;
    }

    /** All values but those that mean the same when they are not there, and the names of imported files, which have to differ. */
    private Map<String, Object> values() throws IOException, InterruptedException {
        Map<String, Object> values = new TreeMap<>();
        dump().dottedEntrySet().forEach(entry -> {
            String value = entry.getValue() instanceof TomlArray array
                    ? array.toJson().replaceAll("\\s", "")
                    : String.valueOf(entry.getValue());
            if (!UNSAID.contains(value)) {
                values.put(entry.getKey(), value);
            }
        });
        values.remove("imports");
        return values;
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

    @Test
    void entriesBesideImportedFilesOfVersion3() throws IOException, InterruptedException {
        Assumptions.assumeTrue(version == Containerd.Version.V2, "containerd 2 has version 3");
        write(
                main,
                "version = 3\nimports = ['" + folder + "/conf.d/*.toml']\n[plugins.'io.containerd.cri.v1.images']\n"
                        + "snapshotter = 'native'\n");
        write(
                folder.resolve("conf.d/other.toml"),
                "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.spin]\n"
                        + "runtime_type = 'io.containerd.spin.v2'\n[plugins.'io.containerd.grpc.v1.cri']\n"
                        + "stream_server_port = '10010'\n");
        for (Edit edit : config.add(ENTRIES)) {
            edit.apply();
        }

        Map<String, Object> with = values();

        assertThat(folder.resolve("conf.d/skiff.toml")).exists();
        assertThat(with.values()).contains("native", "10010", "io.containerd.skiff.v1", "io.containerd.runc.v2");
        assertThat(config.find(ENTRIES.getFirst())).isPresent();
        assertThat(config.find(ENTRIES.getLast())).isPresent();
    }
}
