package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "oci://app",
                "oci://app.wasm",
                "ghcr.io/me/app",
                "ghcr.io/me/app:v1",
                "localhost/app",
                "localhost:5000/app",
                "[::1]:5000/app",
                "app:v1",
                "me/app:v1",
                "app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void whatNamesARegistryOrATagIsAnImage(String argument) {
        assertThat(Programs.isImage(argument)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app",
                "app.wasm",
                "app.wat",
                "me/app",
                "target/release/app",
                "./app:v1",
                "../registry.example/app:v1",
                "/srv/app:v1",
                "~/app:v1",
                "ghcr.io/me/app.wasm",
                ""
            })
    void whatLooksLikeAPathIsAFile(String argument) {
        assertThat(Programs.isImage(argument)).isFalse();
    }

    @Test
    void aFileThatIsThereIsAFileWhateverItIsCalled(@TempDir Path directory) throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path file = Files.createFile(directory.resolve("app:v1"));

        assertThat(Programs.isImage(here.relativize(file).toString())).isFalse();
        assertThat(Programs.isImage("oci://" + here.relativize(file))).isTrue();
    }
}
