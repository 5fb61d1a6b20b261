package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.TestRegistry;
import dev.skiff.oci.testing.TokenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code skiff registry login} and {@code logout}. */
class LoginTest {
    private static TestRegistry registry;

    @TempDir
    private Path directory;

    private Skiff skiff;
    private Path config;

    @BeforeAll
    static void start() {
        registry = TestRegistry.builder().basicAuth("ada", "s3cret:x").start();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory).hiding(registry.address(), "REGISTRY");
        config = directory.resolve("home/.docker/config.json");
    }

    private Skiff.Result push(TestRegistry to, String repository) {
        return skiff.run(
                "registry", "push", skiff.file("cat.wasm", TestModule.cat()), to.address() + "/" + repository + ":v1");
    }

    private Skiff.Result login(String... more) {
        String[] args = new String[more.length + 2];
        args[0] = "registry";
        args[1] = "login";
        System.arraycopy(more, 0, args, 2, more.length);
        return skiff.run(args);
    }

    @Test
    void whoHasLoggedInCanPushUntilHeLogsOut() throws IOException {
        assertThat(push(registry, "app").err())
                .startsWith("skiff: cannot ")
                .endsWith(": REGISTRY wants to know who asks (401); skiff registry login tells it\n");
        skiff.reading("s3cret:x\n");

        assertThat(login("-u", "ada", "--password-stdin", registry.address()))
                .isEqualTo(new Skiff.Result(
                        0, "logged in to REGISTRY; the credentials are in home/.docker/config.json\n", ""));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
                .isEqualTo("rw-------");
        assertThat(config).content().doesNotContain("s3cret");
        assertThat(push(registry, "app").status()).isZero();
        assertThat(skiff.run("run", registry.address() + "/app:v1").status()).isZero();

        assertThat(skiff.run("registry", "logout", registry.address()))
                .isEqualTo(new Skiff.Result(0, "logged out of REGISTRY, in home/.docker/config.json\n", ""));
        assertThat(push(registry, "app").status()).isEqualTo(1);
        assertThat(skiff.run("registry", "logout", registry.address()))
                .isEqualTo(new Skiff.Result(0, "there are no credentials for REGISTRY\n", ""));
    }

    @Test
    void aWrongPasswordIsSaidAndNotKept() {
        Skiff.Result result = login("-u", "ada", "-p", "wrong", registry.address());

        assertThat(result)
                .isEqualTo(new Skiff.Result(
                        1, "", "skiff: cannot log in: REGISTRY does not accept this user with this password\n"));
        assertThat(config).doesNotExist();
    }

    @Test
    void aWrongPasswordLeavesTheRightOneInItsPlace() throws IOException {
        login("-u", "ada", "-p", "s3cret:x", registry.address());
        String before = Files.readString(config);

        assertThat(login("-u", "ada", "-p", "wrong", registry.address()).status())
                .isEqualTo(1);

        assertThat(config).hasContent(before);
    }

    @Test
    void whatElseIsInTheFileStays() throws IOException {
        Files.createDirectories(config.getParent());
        Files.writeString(config, """
                {"auths": {"other.example": {"auth": "YTpi"}}, "psFormat": "table"}
                """);

        login("--username", "ada", "--password", "s3cret:x", "https://" + registry.address() + "/v2/");

        assertThat(config)
                .content()
                .contains("\"other.example\"", "\"psFormat\"", "\"" + registry.address() + "\"")
                .doesNotContain("https://" + registry.address());
        skiff.run("registry", "logout", registry.address());
        assertThat(config).content().contains("\"other.example\"").doesNotContain(registry.address());
    }

    @Test
    void withoutARegistryItIsDockerHubAsDockerCallsIt() throws IOException {
        Files.createDirectories(config.getParent());
        Files.writeString(config, "{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"YTpi\"}}}");

        assertThat(skiff.run("registry", "logout"))
                .isEqualTo(new Skiff.Result(0, "logged out of docker.io, in home/.docker/config.json\n", ""));
        assertThat(config).content().doesNotContain("docker.io");
        assertThat(skiff.run("registry", "logout", "https://index.docker.io/v1/")
                        .out())
                .isEqualTo("there are no credentials for docker.io\n");
    }

    @Test
    void theFileIsTheOneThatTheEnvironmentNames() {
        Path docker = directory.resolve("docker/config.json");
        Path auth = directory.resolve("auth.json");

        skiff.with("DOCKER_CONFIG", docker.getParent().toString());
        login("-u", "ada", "-p", "s3cret:x", registry.address());
        skiff.with("REGISTRY_AUTH_FILE", auth.toString());
        assertThat(login("-u", "ada", "-p", "s3cret:x", registry.address()).out())
                .isEqualTo("logged in to REGISTRY; the credentials are in auth.json\n");

        assertThat(docker).exists();
        assertThat(auth).exists();
        assertThat(config).doesNotExist();
        assertThat(skiff.run("registry", "logout", registry.address()).out())
                .isEqualTo("logged out of REGISTRY, in auth.json\nlogged out of REGISTRY, in docker/config.json\n");
    }

    @Test
    void aRegistryWithTokensTellsRightFromWrong() {
        try (TokenServer tokens =
                        TokenServer.start().user("ada", "s3cret").allow("ada", "repository:app", "pull", "push");
                TestRegistry other = TestRegistry.builder().tokenAuth(tokens).start()) {
            skiff.hiding(other.address(), "OTHER").hiding(tokens.address(), "TOKENS");

            assertThat(login("-u", "ada", "-p", "wrong", other.address()))
                    .isEqualTo(new Skiff.Result(
                            1, "", "skiff: cannot log in: OTHER does not accept this user with this password\n"));
            assertThat(config).doesNotExist();
            assertThat(login("-u", "ada", "-p", "s3cret", other.address()).status())
                    .isZero();
            assertThat(push(other, "app").status()).isZero();
            assertThat(push(other, "elsewhere").status()).isEqualTo(1);
            assertThat(push(other, "elsewhere").err())
                    .startsWith("skiff: cannot ")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void withoutATerminalAllHasToBeGiven() {
        assertThat(login(registry.address()))
                .isEqualTo(new Skiff.Result(
                        2, "", "skiff: there is no terminal to ask at; --username says who you are\n"));
        assertThat(login("-u", "ada", registry.address()))
                .isEqualTo(new Skiff.Result(
                        2, "", "skiff: there is no terminal to ask at; --password-stdin reads the password\n"));
        skiff.with("HOME", "");
        assertThat(login("-u", "ada", "-p", "s3cret:x", registry.address()))
                .isEqualTo(new Skiff.Result(
                        2,
                        "",
                        "skiff: there is no place to keep credentials: neither REGISTRY_AUTH_FILE, DOCKER_CONFIG nor HOME"
                                + " says where\n"));
    }

    @Test
    void whatIsNoRegistryIsSaid() {
        assertThat(login("-u", "ada", "-p", "x", "not_a.host").status()).isEqualTo(1);
        assertThat(login("-u", "ada", "-p", "x", "not_a.host").err()).startsWith("skiff: this is no reference: ");
    }
}
