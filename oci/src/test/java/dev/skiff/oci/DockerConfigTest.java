package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {
    private static final Credentials.Basic USER = new Credentials.Basic("user", "se:cret");
    private static final String AUTH =
            Base64.getEncoder().encodeToString("user:se:cret".getBytes(StandardCharsets.UTF_8));
    private static final String ENTRY = "{\"auth\":\"" + AUTH + "\"}";

    @TempDir
    private Path directory;

    private Path file;
    private DockerConfig config;

    @BeforeEach
    void open() {
        file = directory.resolve("docker/config.json");
        config = new DockerConfig(file, Map.of("PATH", directory + "/none:" + directory + ":/usr/bin:/bin"));
    }

    private void write(String json) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, json);
    }

    /** A helper that keeps one registry's credentials in a file, and notes what it is asked. */
    private void helper(String name) throws IOException {
        Path script = Files.writeString(directory.resolve("docker-credential-" + name), """
                #!/bin/sh
                read -r line
                echo "$1 $line" >> %1$s/asked
                case "$1" in
                store) echo "$line" > %1$s/kept ;;
                get) cat %1$s/kept 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;
                erase) rm %1$s/kept ;;
                esac
                """.formatted(directory));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ghcr.io",
                "https://ghcr.io",
                "https://ghcr.io/",
                "http://ghcr.io",
                "https://ghcr.io/v1/",
                "https://ghcr.io/v2/",
                "http://ghcr.io/v2/",
                "https://ghcr.io/some/path",
                "ghcr.io/team",
                "ghcr.io/team/app"
            })
    void aRegistryIsFoundUnderEachOfItsNames(String key) throws IOException {
        write("{\"auths\":{\"https://ghcr.io.evil\":{\"auth\":\"eDp5\"},\"" + key + "\":" + ENTRY + "}}");

        assertThat(config.find("ghcr.io", "team/app")).contains(USER);
        assertThat(config.find("other.io", "team/app")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"})
    void dockerHubIsFoundUnderEachOfItsNames(String key) throws IOException {
        write("{\"auths\":{\"" + key + "\":" + ENTRY + "}}");

        assertThat(config.find("docker.io", "library/alpine")).contains(USER);
    }

    @Test
    void theLongestPathCounts() throws IOException {
        write("{\"auths\":{\"x.io\":{\"auth\":\"YTpi\"},\"x.io/team\":" + ENTRY + "}}");

        assertThat(config.find("x.io", "team/app")).contains(USER);
        assertThat(config.find("x.io", "teams/app")).contains(new Credentials.Basic("a", "b"));
    }

    @Test
    void allFormsOfSecretsAreRead() throws IOException {
        write("""
                {"auths":{"a":{"auth":"PHRva2VuPjo=","identitytoken":"id"},"b":{"registrytoken":"reg"},
                "c":{"username":"user","password":"se:cret"},"d":{},"e":{"auth":""}}}""");

        assertThat(config.find("a", "x")).contains(new Credentials.RefreshToken("id"));
        assertThat(config.find("b", "x")).contains(new Credentials.Bearer("reg"));
        assertThat(config.find("c", "x")).contains(USER);
        assertThat(config.find("d", "x")).isEmpty();
        assertThat(config.find("e", "x")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "{\"auths\":{\"x.io\":{\"auth\":\"%%\"}}}",
                "{\"auths\":{\"x.io\":{\"auth\":\"eA==\"}}}"
            })
    void whatIsWrongNamesTheFile(String text) throws IOException {
        write(text);

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> config.find("x.io", "app"))
                .withMessageContaining(file.toString());
    }

    @Test
    void withoutAFileNobodyIsKnown() throws IOException {
        assertThat(config.find("x.io", "app")).isEmpty();
        assertThat(config.erase("x.io")).isFalse();
        write("");
        assertThat(config.find("x.io", "app")).isEmpty();
    }

    @Test
    void loggingInAndOutKeepsWhatElseIsThere() throws IOException {
        write("""
                {"HttpHeaders":{"X":["y",1,2.5,true,null]},"auths":{"https://x.io/v2/":{"auth":"YTpi"},"y.io":%s}}""".formatted(ENTRY));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(config.store("x.io", USER)).isEqualTo(file.toString());

        assertThat(config.find("x.io", "app")).contains(USER);
        assertThat(config.erase("x.io")).isTrue();
        assertThat(config.erase("x.io")).isFalse();
        assertThat(config.find("x.io", "app")).isEmpty();
        assertThat(config.find("y.io", "app")).contains(USER);
        assertThat(Files.readString(file)).contains("{\"X\":[\"y\",1,2.5,true,null]}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void theFirstLoginMakesTheFile() throws IOException {
        config.store("docker.io", USER);

        assertThat(Files.readString(file)).contains("https://index.docker.io/v1/");
        assertThat(config.find("docker.io", "library/x")).contains(USER);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path real = Files.writeString(directory.resolve("real.json"), "{}");
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, real);

        config.store("x.io", USER);

        assertThat(file).isSymbolicLink();
        assertThat(Files.readString(real)).contains(AUTH);
    }

    @Test
    void aUserWithAColonCannotBeKept() {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> config.store("x.io", new Credentials.Basic("a:b", "c")))
                .withMessageContaining("colon");
    }

    /** A bug: what the file had from before won over what the helper was given. */
    @ParameterizedTest
    @ValueSource(strings = {"\"credsStore\":\"fake\"", "\"credHelpers\":{\"x.io\":\"fake\"}"})
    void helpersKeepCredentials(String configured) throws IOException {
        helper("fake");
        write("{" + configured + ",\"auths\":{\"x.io\":{\"auth\":\"b2xkOm9sZA==\"},\"y.io\":" + ENTRY + "}}");

        assertThat(config.store("x.io", USER)).isEqualTo("docker-credential-fake");

        assertThat(config.find("x.io", "app")).contains(USER);
        assertThat(config.find("y.io", "app")).contains(USER);
        assertThat(Files.readString(file)).doesNotContain("b2xkOm9sZA==");
        assertThat(config.erase("x.io")).isTrue();
        assertThat(config.find("x.io", "app")).isEmpty();
        assertThat(Files.readString(directory.resolve("asked"))).startsWith("store {\"ServerURL\":\"x.io\"");
    }

    @Test
    void aHelperCanKeepAToken() throws IOException {
        helper("fake");
        write("{\"credHelpers\":{\"docker.io\":\"fake\"}}");
        Files.writeString(directory.resolve("kept"), "{\"Username\":\"<token>\",\"Secret\":\"t\"}");

        assertThat(config.find("docker.io", "library/x")).contains(new Credentials.RefreshToken("t"));
        assertThat(Files.readString(directory.resolve("asked"))).isEqualTo("get https://index.docker.io/v1/\n");
    }

    @Test
    void aHelperThatFailsIsNamed() throws IOException {
        write("{\"credsStore\":\"missing\"}");
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> config.find("x.io", "app"))
                .withMessageContaining(
                        "docker-credential-missing cannot be started: it is not in the PATH; install it");
        write("{\"credsStore\":\"../../bin/sh\"}");
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> config.find("x.io", "app"))
                .withMessageContaining("is no name of a credential helper");
        Path script = Files.writeString(
                directory.resolve("docker-credential-bad"), "#!/bin/sh\necho the keychain is locked\nexit 3\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        write("{\"credsStore\":\"bad\"}");
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> config.find("x.io", "app"))
                .withMessageContaining("the keychain is locked");
    }
}
