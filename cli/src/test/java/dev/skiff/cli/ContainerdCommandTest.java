package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code skiff containerd}, as far as it goes without a containerd. */
class ContainerdCommandTest {
    @TempDir
    private Path directory;

    private Skiff skiff;
    private String bin;

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory);
        bin = directory.resolve("bin").toString();
    }

    @Test
    void whatIsNotInstalledIsSaid() {
        String state = directory.resolve("state").toString();

        assertThat(skiff.run("containerd", "status", "--bin", bin, "--state", state))
                .isEqualTo(new Skiff.Result(1, "not installed in bin\n", ""));
        assertThat(skiff.run("containerd", "uninstall", "--bin", bin, "--state", state))
                .isEqualTo(new Skiff.Result(0, "there is nothing to remove\n", ""));
    }

    @Test
    void classesAreNotInstalled() {
        Skiff.Result result = skiff.run("containerd", "install", "--bin", bin);

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("the one that ./skiff builds can");
        assertThat(directory.resolve("bin")).doesNotExist();
    }

    @Test
    void aLauncherOfSomebodyElseIsNotOurs() throws IOException {
        Path other = Files.createDirectories(directory.resolve("bin")).resolve("containerd-shim-spin-v2");
        Files.writeString(other, "somebody else's");

        assertThat(skiff.run("containerd", "status", "--bin", bin).status()).isEqualTo(1);
        assertThat(skiff.run("containerd", "uninstall", "--bin", bin).status()).isZero();
        assertThat(other).exists();
    }
}
