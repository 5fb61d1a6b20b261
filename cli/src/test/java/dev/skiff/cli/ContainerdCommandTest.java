package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Installation;
import dev.skiff.containerd.NodeContainerd;
import dev.skiff.containerd.RuntimeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code skiff containerd}, as far as it goes without a containerd. */
class ContainerdCommandTest {
    @TempDir
    private Path directory;

    private Skiff skiff;
    private Path config;
    private Installation installation;

    @BeforeEach
    void prepare() throws IOException {
        directory = directory.toRealPath();
        skiff = new Skiff(directory);
        config = directory.resolve("config.toml");
        installation = new Installation(directory.resolve("bin"), directory.resolve("lib"), directory.resolve("state"));
    }

    private Skiff.Result run(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of("containerd", command));
        for (String place : List.of("bin", "lib", "state", "code")) {
            arguments.addAll(List.of("--" + place, directory.resolve(place).toString()));
        }
        arguments.addAll(List.of(more));
        return skiff.run(arguments.toArray(String[]::new));
    }

    private Skiff.Result runWithConfig(String command) {
        return run(command, "--containerd-config", config.toString());
    }

    /** What install does once it has its program. */
    private void install() throws IOException {
        Path jar = Files.writeString(directory.resolve("built.jar"), "a program");
        NodeContainerd node = NodeContainerd.at(config);
        for (RuntimeConfig.Edit edit : new RuntimeConfig(node).add(installation.entries(List.of("skiff-v1"), node))) {
            edit.apply();
        }
        installation.install(
                new Installation.Program(jar, List.of("/no/java"), "nothing.Rehearses", "nothing.Isolates"),
                List.of(new Installation.Launcher("skiff-v1", Installation.Mode.SHARED)));
    }

    @Test
    void whatIsNotInstalledIsSaid() {
        assertThat(runWithConfig("status")).isEqualTo(new Skiff.Result(1, "not installed in bin\n", ""));
        assertThat(runWithConfig("uninstall")).isEqualTo(new Skiff.Result(0, "there is nothing to remove\n", ""));
    }

    @Test
    void classesAreNotInstalled() {
        Skiff.Result result = runWithConfig("install");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("the one that ./skiff builds can");
        assertThat(directory.resolve("bin")).doesNotExist();
        assertThat(config).doesNotExist();
    }

    @Test
    void metricsNeedAnAddressAndAPort() {
        Skiff.Result result = run("install", "--metrics", "9464");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("--metrics takes an address and a port");
        assertThat(directory.resolve("bin")).doesNotExist();
    }

    @Test
    void aLauncherOfSomebodyElseIsNotOurs() throws IOException {
        Path other = Files.createDirectories(directory.resolve("bin")).resolve("containerd-shim-spin-v2");
        Files.writeString(other, "somebody else's");

        assertThat(runWithConfig("status").status()).isEqualTo(1);
        assertThat(runWithConfig("uninstall").status()).isZero();
        assertThat(other).exists();
    }

    @Test
    void whatIsInstalledIsShownAndTakenAway() throws IOException {
        Files.writeString(config, "version = 3\n");
        install();

        assertThat(runWithConfig("status")).isEqualTo(new Skiff.Result(0, """
                        installed: bin/containerd-shim-skiff-v1
                        configured: the handler skiff in config.toml
                        """, ""));
        assertThat(runWithConfig("uninstall")).isEqualTo(new Skiff.Result(0, """
                        wrote config.toml
                        containerd reads its configuration when it is started again: systemctl restart containerd
                        removed bin/containerd-shim-skiff-v1
                        removed lib/skiff.jar
                        """, ""));
        assertThat(config).hasContent("version = 3\n");
    }

    @Test
    void codeThatDaemonsKeptIsShownAndTakenAway() throws IOException {
        Files.writeString(config, "version = 3\n");
        install();
        Path kept = Files.createDirectories(directory.resolve("code/run-containerd.sock"));
        Files.write(kept.resolve("ab-cd.code"), new byte[3 << 20]);

        assertThat(runWithConfig("status").out()).endsWith("\nkept: 3.0 MiB of code in code\n");
        assertThat(runWithConfig("uninstall").out()).contains("\nremoved code/run-containerd.sock\n");
        assertThat(directory.resolve("code")).doesNotExist();
    }

    @Test
    void theStatusSaysWhatIsMissing() throws IOException {
        Files.writeString(config, "version = 3\n");
        install();
        Files.delete(directory.resolve("bin/containerd-shim-skiff-v1"));
        Files.createFile(directory.resolve("bin/containerd-shim-skiff-v1"));

        Skiff.Result unusable = runWithConfig("status");
        Files.writeString(config, "version = 3\n");
        Skiff.Result missing = runWithConfig("status");

        assertThat(unusable.status()).isEqualTo(1);
        assertThat(unusable.out())
                .contains("not found: the launcher of io.containerd.skiff.v1, where containerd looks\n");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.out()).contains("not configured: the handler skiff in config.toml\n");
        assertThat(run("status", "--no-config").status()).isZero();
    }

    @Test
    void aConfigurationThatCannotBeReadIsLeftAlone() throws IOException {
        Files.writeString(config, "version = 3\n");
        install();
        Files.writeString(config, "# skiff: begin\n");

        Skiff.Result refused = runWithConfig("uninstall");
        Skiff.Result without = run("uninstall", "--no-config");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("nothing is removed; --no-config removes the rest", "are not one pair");
        assertThat(without.status()).isZero();
        assertThat(config).hasContent("# skiff: begin\n");
        assertThat(directory.resolve("lib")).doesNotExist();
    }

    @Test
    void entriesOfOthersStayAndAreNamed() throws IOException {
        Files.writeString(config, "version = 2\n");
        install();
        String own = """
                version = 2
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.skiff]
                runtime_type = "io.containerd.skiff.v1"
                """;
        Files.writeString(config, own);

        Skiff.Result result = runWithConfig("uninstall");

        assertThat(result.status()).isZero();
        assertThat(result.err())
                .isEqualTo("skiff: config.toml still has the handler skiff, which skiff did not write there\n");
        assertThat(config).hasContent(own);
    }

    @Test
    void aConfigurationOfVersion1KeepsNothingFromGoing() throws IOException {
        Files.writeString(config, "version = 3\n");
        install();
        Files.writeString(config, "disabled_plugins = [\"cri\"]\n");

        assertThat(runWithConfig("status").out()).contains("not configured: the handler skiff");
        assertThat(runWithConfig("uninstall").status()).isZero();
        assertThat(directory.resolve("lib")).doesNotExist();
    }

    @Test
    void aConfigurationIsNotNamedAndLeftAloneAtOnce() {
        assertThat(run("status", "--no-config", "--containerd-config", "x").status())
                .isEqualTo(2);
        assertThat(run("uninstall", "--no-config", "--containerd-config", "x").status())
                .isEqualTo(2);
    }

    @Test
    void theRuntimeClassIsTheOneInTheRepository() throws IOException {
        Path file = Path.of("").toAbsolutePath().getParent().resolve("deploy/runtimeclass.yaml");

        assertThat(skiff.run("containerd", "runtimeclass")).isEqualTo(new Skiff.Result(0, Files.readString(file), ""));
    }

    @Test
    void severalRuntimeClassesAreDocumentsOfOneStream() {
        Skiff.Result result = skiff.run("containerd", "runtimeclass", "--as", "skiff-v1", "--as", "spin-v2");

        assertThat(result.out()).contains("handler: skiff\n", "\n---\n", "handler: spin\n");
        assertThat(skiff.run("containerd", "runtimeclass", "--isolated-as", "kuasar-v1")
                        .out())
                .contains("handler: kuasar\n", "memory: 96Mi");
        assertThat(skiff.run("containerd", "runtimeclass", "--as", "a-v1", "--isolated-as", "a-v1")
                        .status())
                .isEqualTo(2);
        assertThat(skiff.run("containerd", "runtimeclass", "--as", "spin").status())
                .isEqualTo(2);
    }
}
