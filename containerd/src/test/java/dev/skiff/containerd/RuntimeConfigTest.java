package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.RuntimeConfig.Edit;
import dev.skiff.containerd.RuntimeConfig.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries for runtimes in configurations, before any containerd. */
class RuntimeConfigTest {
    private static final RuntimeEntry SKIFF = new RuntimeEntry("skiff", "io.containerd.skiff.v1", Optional.empty());
    private static final RuntimeEntry SPIN =
            new RuntimeEntry("spin", "io.containerd.spin.v2", Optional.of(Path.of("/opt/bin/containerd-shim-spin-v2")));
    private static final String V2 = "plugins.\"io.containerd.grpc.v1.cri\"";
    private static final String V3 = "plugins.\"io.containerd.cri.v1.runtime\"";

    @TempDir
    private Path folder;

    private Path main;
    private RuntimeConfig config;

    @BeforeEach
    void prepare() throws IOException {
        folder = folder.toRealPath();
        main = folder.resolve("config.toml");
        config = new RuntimeConfig(NodeContainerd.at(main), () -> "version = 2\n");
    }

    private static void apply(List<Edit> edits) throws IOException {
        for (Edit edit : edits) {
            edit.apply();
        }
    }

    private void refuses(String why) {
        ThrowableAssertAlternative<ConfigException> refused =
                assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> config.add(List.of(SKIFF, SPIN)));
        refused.withMessageContaining(why);
    }

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void entriesComeAndGoInAFileOfVersion2() throws IOException {
        String text = "version = 2\n[" + V2 + ".containerd.runtimes.kata]\n  runtime_type = \"io.containerd.kata.v2\"";
        Files.writeString(main, text);
        Files.setPosixFilePermissions(main, PosixFilePermissions.fromString("rw-r-----"));

        apply(config.add(List.of(SKIFF, SPIN)));

        assertThat(main).content().isEqualTo(text + """

                # skiff: begin
                # Written by skiff containerd install; skiff containerd uninstall takes it away.
                [%1$s.containerd.runtimes.skiff]
                  runtime_type = "io.containerd.skiff.v1"
                  pod_annotations = ["skiff.dev/*"]
                  container_annotations = ["skiff.dev/*"]
                [%1$s.containerd.runtimes.spin]
                  runtime_type = "io.containerd.spin.v2"
                  runtime_path = "/opt/bin/containerd-shim-spin-v2"
                  pod_annotations = ["skiff.dev/*"]
                  container_annotations = ["skiff.dev/*"]
                # skiff: end
                """.formatted(V2));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(main)))
                .isEqualTo("rw-r-----");
        assertThat(config.add(List.of(SKIFF, SPIN))).isEmpty();
        assertThat(config.find(SPIN)).contains(new Place(main, SPIN.path()));

        apply(config.add(List.of(SKIFF)));
        assertThat(config.find(SPIN)).isEmpty();

        apply(config.remove());
        assertThat(main).content().isEqualTo(text);
        assertThat(config.remove()).isEmpty();
    }

    @Test
    void aFileWithoutRuntimesKeepsTheUsualOne() throws IOException {
        Files.writeString(main, "version = 2\n[" + V2 + "]\nsandbox_image = \"pause:1\"\n");

        apply(config.add(List.of(SKIFF)));

        assertThat(main).content().contains("runtimes.runc]", "\"io.containerd.runc.v2\"");
        assertThat(config.add(List.of(SKIFF))).isEmpty();
    }

    @Test
    void withoutAFileOneIsMadeAndGoesAgain() throws IOException {
        apply(config.add(List.of(SKIFF)));

        assertThat(main).content().startsWith("version = 2\n").contains("runtimes.skiff]", "runtimes.runc]");
        assertThat(config.add(List.of(SKIFF))).isEmpty();

        apply(config.remove());
        assertThat(main).doesNotExist();
    }

    @Test
    void whatContainerd2ImportsWithoutAFileIsImportedWithOne() throws IOException {
        RuntimeConfig two = new RuntimeConfig(
                NodeContainerd.at(main), () -> "version = 3\nimports = ['/etc/containerd/conf.d/*.toml']\n");

        apply(two.add(List.of(SKIFF)));

        assertThat(main)
                .content()
                .startsWith("version = 3\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n")
                .contains(V3 + ".containerd.runtimes.skiff]")
                .doesNotContain("runc");
        apply(two.remove());
        assertThat(main).doesNotExist();
    }

    @Test
    void aFolderThatVersion3ImportsGetsAFileOfItsOwn() throws IOException {
        String text = "version = 3\nimports = ['" + folder + "/own.toml', 'conf.d/*.toml']\n";
        Files.writeString(main, text);
        file("conf.d/other.toml", "version = 3\n");

        apply(config.add(List.of(SKIFF)));

        assertThat(main).content().isEqualTo(text);
        assertThat(folder.resolve("conf.d/skiff.toml"))
                .content()
                .startsWith("version = 3\n")
                .contains(V3 + ".containerd.runtimes.skiff]");
        assertThat(config.add(List.of(SKIFF))).isEmpty();
        assertThat(config.find(SKIFF)).contains(new Place(folder.resolve("conf.d/skiff.toml"), Optional.empty()));

        apply(config.remove());
        assertThat(folder.resolve("conf.d/skiff.toml")).doesNotExist();
        assertThat(folder.resolve("conf.d/other.toml")).exists();
    }

    @Test
    void entriesMoveIntoTheFolderWhenThereIsOne() throws IOException {
        Files.writeString(main, "version = 3\n");
        apply(config.add(List.of(SKIFF)));
        Files.writeString(main, "imports = ['conf.d/*.toml']\n" + Files.readString(main));

        apply(config.add(List.of(SKIFF)));

        assertThat(main).content().isEqualTo("imports = ['conf.d/*.toml']\nversion = 3\n");
        assertThat(folder.resolve("conf.d/skiff.toml")).exists();
    }

    @Test
    void inVersion2TheLastFileThatSaysAnythingOfThePluginGetsThem() throws IOException {
        Files.writeString(
                main, "version = 2\nimports = [\"conf.d/*.toml\"]\n[" + V2 + "]\nsandbox_image = \"pause:1\"\n");
        Path first = file("conf.d/a.toml", "version = 2\n[" + V2 + ".cni]\nbin_dir = \"/cni\"\n");
        Path second = file("conf.d/b.toml", "version = 2\n[metrics]\naddress = \"x\"\n");

        apply(config.add(List.of(SKIFF)));

        assertThat(first).content().contains("runtimes.skiff]", "runtimes.runc]");
        assertThat(second).content().doesNotContain("skiff");
        assertThat(config.find(SKIFF)).contains(new Place(first, Optional.empty()));
        file("conf.d/c.toml", "version = 2\n[" + V2 + ".cni]\nbin_dir = \"/cni\"\n");
        assertThat(config.find(SKIFF)).as("what the later file hides").isEmpty();
    }

    @Test
    void aSymbolicLinkStaysOne() throws IOException {
        Path real = file("real/config.toml", "version = 3\n");
        Files.createSymbolicLink(main, real);

        apply(config.add(List.of(SKIFF)));

        assertThat(main).isSymbolicLink();
        assertThat(real).content().contains("runtimes.skiff]");
        apply(config.remove());
        assertThat(real).hasContent("version = 3\n");
    }

    @Test
    void linksThatLeadNowhereAreRefused() throws IOException {
        Files.createSymbolicLink(main, folder.resolve("missing"));
        refuses("config.toml is a symbolic link to what is not there");

        Files.delete(main);
        Files.createSymbolicLink(main, main);
        refuses("config.toml is a symbolic link that leads nowhere");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "disabled_plugins = [\"cri\"]\n", "version = 1\n"})
    void aFileOfVersion1IsRefused(String text) throws IOException {
        Files.writeString(main, text);

        refuses("does not begin with version = 2");
    }

    @Test
    void whatIsNotTomlIsRefused() throws IOException {
        Files.writeString(main, "version = 2\n[broken\n");
        refuses("config.toml is not TOML: ");

        Files.write(main, new byte[] {(byte) 0xff});
        refuses("it is not UTF-8");

        Files.delete(main);
        Files.createDirectory(main);
        refuses("is not a file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime"})
    void entriesThatWouldDoNothingAreRefused(String plugin) throws IOException {
        Files.writeString(main, "version = 3\ndisabled_plugins = ['" + plugin + "']\n");

        refuses("disables containerd's plugin for Kubernetes");
    }

    @Test
    void runtimesOfOthersAreRefused() throws IOException {
        Files.writeString(
                main, "version = 2\n[" + V2 + ".containerd.runtimes.spin]\nruntime_type = \"io.containerd.spin.v2\"\n");
        refuses("has a runtime spin already, which skiff did not write");

        Files.writeString(main, "version = 3\nimports = ['conf.d/*.toml']\n");
        file("conf.d/spin.toml", "[" + V3 + ".containerd.runtimes.spin]\nruntime_type = \"io.containerd.other.v1\"\n");
        refuses("spin.toml has a runtime spin already");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version = 3\nplugins = { }\n",
                "version = 3\n[plugins]\n\"io.containerd.cri.v1.runtime\" = { enable_selinux = false }\n"
            })
    void tablesThatCannotBeExtendedAreRefused(String text) throws IOException {
        Files.writeString(main, text);

        refuses("is written in a way to which tables cannot be added at its end");
    }

    @Test
    void theOtherErrorsSayWhatIsWrong() throws IOException {
        Files.writeString(main, "version = 5\n");
        refuses("is of version 5, which this skiff does not know");

        Files.writeString(main, "version = 2\nimports = [\"${SNAP}/x.toml\"]\n");
        refuses("skiff cannot know what that will be");

        Files.writeString(main, "version = 2\n");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() ->
                        config.add(List.of(SPIN, new RuntimeEntry("spin", "io.containerd.spin.v3", Optional.empty()))))
                .withMessageContaining("two runtimes would have the handler spin");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> new RuntimeEntry("spin", "io.containerd.spin.v2", Optional.of(Path.of("/a\"b"))))
                .withMessageContaining("/a\"b");
    }

    @Test
    void importsThatGoInACircleEnd() throws IOException {
        Files.writeString(main, "version = 2\nimports = [\"config.toml\", \"b.toml\"]\n");
        file("b.toml", "version = 2\nimports = [\"config.toml\"]\n");

        apply(config.add(List.of(SKIFF)));

        assertThat(main).content().contains("runtimes.skiff]");
    }
}
