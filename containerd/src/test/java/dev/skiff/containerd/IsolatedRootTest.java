package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The root of isolated containers. */
class IsolatedRootTest {
    @TempDir
    private Path folder;

    @Test
    void whatAJvmNeedsIsThereAndNothingElse() throws IOException {
        Path root = folder.resolve("root");

        IsolatedRoot.make(root, Path.of(System.getProperty("java.home")));
        IsolatedRoot.make(root, Path.of(System.getProperty("java.home")));

        assertThat(root.resolve("lib/libc.so.6")).isRegularFile();
        assertThat(root.resolve("lib/libm.so.6")).isRegularFile();
        assertThat(root.resolve("lib/libjvm.so")).doesNotExist();
        assertThat(root.resolve("rootfs")).isEmptyDirectory();
        try (var files = Files.walk(root)) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("ld-")))
                    .hasSize(1);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("lib"))))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void theConfigurationThatADistributionHasElsewhereIsThere() throws IOException {
        Path home = folder.resolve("jdk");
        Path settings = Files.createDirectories(folder.resolve("etc")).resolve("java.security");
        Files.writeString(settings, "a setting");
        Files.createDirectories(home.resolve("lib/security"));
        Files.createDirectories(home.resolve("conf"));
        Files.createSymbolicLink(home.resolve("conf/java.security"), settings);
        Files.createDirectories(home.resolve("bin"));
        // Links to the loader like any other program.
        Files.createSymbolicLink(home.resolve("bin/java"), Path.of(System.getProperty("java.home"), "bin/java"));

        IsolatedRoot.make(folder.resolve("root"), home);

        assertThat(Path.of(folder.resolve("root") + settings.toString())).hasContent("a setting");
    }

    @Test
    void aJdkWhoseLibrariesCannotBeToldIsRefused() throws IOException {
        Path home = folder.resolve("jdk");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        // Needs no libraries.
        Files.createSymbolicLink(java, Guests.busybox());

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> IsolatedRoot.make(folder.resolve("root"), home))
                .withMessageContaining("must be for the GNU C library");
    }
}
