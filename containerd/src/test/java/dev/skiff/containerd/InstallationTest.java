package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.host.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runtime's files, before any containerd. */
class InstallationTest {
    private static final List<String> JAVA = List.of("/usr/bin/java", "-XX:+UseSerialGC");

    @TempDir
    private Path directory;

    private Path jar;
    private Installation installation;

    @BeforeEach
    void prepare() throws IOException {
        jar = Files.writeString(directory.resolve("built.jar"), "a program");
        installation = new Installation(directory.resolve("bin"), directory.resolve("lib"), directory.resolve("state"));
    }

    /** From which no cache can be made. */
    private Installation.Program program() {
        return new Installation.Program(jar, JAVA, "nothing.Rehearses", "nothing.Isolates");
    }

    private static List<Installation.Launcher> shared(String... names) {
        return Stream.of(names)
                .map(name -> new Installation.Launcher(name, Installation.Mode.SHARED))
                .toList();
    }

    private Path bin(String name) {
        return directory.resolve("bin").resolve(name);
    }

    @Test
    void whatIsInstalledTwiceAndRemovedIsGone() throws IOException {
        installation.install(program(), shared("skiff-v1"));
        Files.writeString(jar, "a newer program");
        assertThat(installation.install(program(), shared("skiff-v1", "spin-v2")))
                .containsExactly(
                        directory.resolve("lib/skiff.jar"),
                        bin("containerd-shim-skiff-v1"),
                        bin("containerd-shim-spin-v2"));

        assertThat(directory.resolve("lib/skiff.jar")).hasContent("a newer program");
        assertThat(bin("containerd-shim-spin-v2")).isExecutable();
        assertThat(bin("containerd-shim-spin-v2.conf"))
                .content()
                .contains("java='/usr/bin/java -XX:+UseSerialGC -jar " + directory
                        + "/lib/skiff.jar containerd daemon'\n")
                .contains("state='" + directory + "/state'\n");
        assertThat(installation.launchers())
                .containsExactly(bin("containerd-shim-skiff-v1"), bin("containerd-shim-spin-v2"));

        assertThat(installation.uninstall()).hasSize(3);

        assertThat(directory.resolve("bin")).isEmptyDirectory();
        assertThat(directory.resolve("lib")).doesNotExist();
        assertThat(installation.uninstall()).isEmpty();
    }

    @Test
    void whereMetricsAreIsWrittenForTheLauncherIfItIsSaid() throws IOException {
        List<Installation.Launcher> shared = List.of(new Installation.Launcher("skiff-v1", Installation.Mode.SHARED));
        installation.install(program(), shared);
        assertThat(bin("containerd-shim-skiff-v1.conf")).content().doesNotContain("metrics");

        installation.withMetrics(Listener.parse("[::1]:9464")).install(program(), shared);

        assertThat(bin("containerd-shim-skiff-v1.conf")).content().endsWith("metrics='[0:0:0:0:0:0:0:1]:9464'\n");
    }

    @Test
    void codeThatDaemonsKeptGoesWithThem() throws IOException {
        Path code = directory.resolve("code");
        Installation keeping = installation.withCode(code);
        keeping.install(program(), shared("skiff-v1"));
        assertThat(bin("containerd-shim-skiff-v1.conf")).content().contains("code='" + code + "'\n");
        Path kept = code.resolve("run-containerd.sock");
        Files.writeString(Files.createDirectories(kept).resolve("ab-cd.code"), "some code");
        Files.writeString(kept.resolve("images"), "");
        Path other = Files.writeString(code.resolve("other"), "somebody else's");
        assertThat(keeping.codeSize()).isEqualTo(9);

        assertThat(keeping.uninstall()).contains(kept).doesNotContain(other);

        assertThat(code).isDirectoryContaining(other::equals);
        assertThat(kept).doesNotExist();
        assertThat(keeping.codeSize()).isZero();
        assertThat(installation.codeSize()).isZero();
    }

    @Test
    void anIsolatedRuntimeHasARuncOfItsOwn() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();

        installation.install(
                new Installation.Program(jar, List.of(java), "nothing.Rehearses", "nothing.Isolates"),
                List.of(new Installation.Launcher("boat-v1", Installation.Mode.ISOLATED)));

        Path isolated = directory.resolve("lib/isolated");
        assertThat(bin("containerd-shim-boat-v1.conf")).content().contains("isolated='" + isolated + "'\n");
        assertThat(isolated.resolve("runc")).isExecutable();
        assertThat(isolated.resolve("runc.conf"))
                .content()
                .startsWith("java='" + java + " ")
                .contains(" -cp " + directory + "/lib/skiff.jar nothing.Isolates'\n")
                .contains("root='" + isolated + "/root'\n");
        assertThat(isolated.resolve("root/lib/libc.so.6")).exists();

        assertThat(installation.uninstall())
                .containsExactly(
                        bin("containerd-shim-boat-v1"), isolated.resolve("runc"), directory.resolve("lib/skiff.jar"));
        assertThat(directory.resolve("lib")).doesNotExist();
    }

    @Test
    void whatIsolatedContainersNeedStaysWhileOneRuns() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        installation.install(
                new Installation.Program(jar, List.of(java), "nothing.Rehearses", "nothing.Isolates"),
                List.of(new Installation.Launcher("boat-v1", Installation.Mode.ISOLATED)));
        Process container = new ProcessBuilder(
                        "sh", "-c", "read -r _", directory + "/lib/skiff.jar", IsolatedFiles.MARK, "run")
                .start();
        try {
            assertThat(installation.uninstall()).containsExactly(bin("containerd-shim-boat-v1"));
            assertThat(directory.resolve("lib/isolated/root")).exists();
        } finally {
            container.getOutputStream().close();
            container.waitFor();
        }

        assertThat(installation.uninstall()).hasSize(2);
    }

    @Test
    void runtimesOfOthersAreLeftAlone() throws IOException {
        Files.createDirectories(directory.resolve("bin"));
        Files.writeString(bin("containerd-shim-spin-v2"), "somebody else's");

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> installation.install(program(), shared("spin-v2")))
                .withMessageContaining("containerd-shim-spin-v2 is there already, and was not written by skiff");

        assertThat(installation.uninstall()).isEmpty();
        assertThat(bin("containerd-shim-spin-v2")).hasContent("somebody else's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"skiff", "Skiff-v1", "../skiff-v1", "skiff-v", "-v1", "skiff v1"})
    void aNameThatContainerdCannotLookUpIsRefused(String name) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> installation.install(program(), shared(name)))
                .withMessageContaining("NAME-vN");
        assertThat(directory.resolve("lib")).doesNotExist();
    }

    @Test
    void aPathThatAShellWouldTakeApartIsRefused() {
        Installation odd = new Installation(
                directory.resolve("bin"), directory.resolve("lib of mine"), directory.resolve("state"));

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> odd.install(program(), shared("skiff-v1")))
                .withMessageContaining("lib of mine");
    }

    @Test
    void whereNoLauncherCanBeNothingIsInstalled() throws IOException {
        Files.writeString(directory.resolve("bin"), "a file");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> installation.install(program(), shared("skiff-v1")));

        assertThat(directory.resolve("lib")).doesNotExist();
    }

    @Test
    void aProcessWithANumberThatADaemonHadIsNone() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("state/run-containerd.sock"));
        Files.writeString(folder.resolve("pid"), ProcessHandle.current().pid() + "\n");

        assertThat(installation.daemons()).isEmpty();
    }

    @Test
    void aRuntimeIsCalledAsContainerdCallsIt() {
        assertThat(Installation.runtime("skiff-v1")).isEqualTo("io.containerd.skiff.v1");
        assertThat(Installation.runtime("my-own-v2")).isEqualTo("io.containerd.my-own.v2");
    }
}
