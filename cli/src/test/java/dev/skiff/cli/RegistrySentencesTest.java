package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.Answer;
import dev.skiff.oci.testing.Fault;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users read when a registry or the store fails them: sentences, and nothing of Java. */
class RegistrySentencesTest {
    private static TestRegistry registry;

    @TempDir
    private Path directory;

    private Skiff skiff;
    private FaultProxy proxy;
    private String reference;

    @BeforeAll
    static void start(@TempDir Path scratch) {
        registry = TestRegistry.start();
        Skiff skiff = new Skiff(scratch);
        skiff.run("registry", "push", skiff.file("cat.wasm", TestModule.cat()), registry.address() + "/app:v1");
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void prepare() {
        proxy = FaultProxy.before(registry);
        skiff = new Skiff(directory).hiding(proxy.address(), "REGISTRY");
        reference = proxy.address() + "/app:v1";
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    private static Skiff.Result failure(int status, String sentence) {
        return new Skiff.Result(status, "", "skiff: " + sentence + "\n");
    }

    @Test
    void aRegistryThatRefuses() {
        proxy.once("GET", "/manifests/v1", Answer.error(401, "UNAUTHORIZED", "who is it"));
        assertThat(skiff.run("registry", "pull", reference))
                .isEqualTo(failure(
                        1,
                        "cannot get the manifest v1 of REGISTRY/app: REGISTRY wants to know who asks (401): who is it;"
                                + " skiff registry login tells it"));
        proxy.once("GET", "/manifests/v1", Answer.error(403, "DENIED", "not for you"));
        assertThat(skiff.run("run", reference))
                .isEqualTo(failure(
                        126,
                        "cannot run REGISTRY/app:v1: cannot get the manifest v1 of REGISTRY/app: REGISTRY forbids it"
                                + " (403): not for you; perhaps to strangers only: skiff registry login"));
        proxy.once("GET", "/manifests/v1", Answer.error(404, "NAME_UNKNOWN", "repository name not known"));
        assertThat(skiff.run("run", reference))
                .isEqualTo(failure(
                        127,
                        "cannot run REGISTRY/app:v1: cannot get the manifest v1 of REGISTRY/app: REGISTRY does not have it"
                                + " (404): repository name not known"));
        proxy.once("GET", "/manifests/v1", Answer.tooManyRequests(Duration.ofMinutes(5)));
        assertThat(skiff.run("registry", "pull", reference))
                .isEqualTo(failure(
                        1,
                        "cannot get the manifest v1 of REGISTRY/app: REGISTRY answers no more requests for now (429): slow"
                                + " down; it says to wait 300 s; who logs in may ask more: skiff registry login"));
    }

    @Test
    @Tag("slow")
    void aRegistryThatFailsIsAskedAgainAndThatIsSaid() {
        String failed = "cannot get the manifest v1 of REGISTRY/app: REGISTRY failed (503): resting";
        proxy.once("GET", "/manifests/v1", Answer.of(503).withBody("resting\n"));

        assertThat(skiff.run("registry", "pull", reference).err()).isEqualTo("skiff: " + failed + "; trying again\n");
        proxy.always("GET", "/manifests/v1", Answer.of(503).withBody("resting\n"));
        assertThat(skiff.run("registry", "pull", "--quiet", reference)).isEqualTo(failure(1, failed));
    }

    @Test
    void contentThatIsNotWhatItsDigestSays() {
        proxy.always("GET", "/blobs/", new Fault.CorruptResponse(9));

        Skiff.Result result = skiff.run("run", "-q", reference);

        assertThat(result.status()).isEqualTo(126);
        assertThat(result.err())
                .startsWith("skiff: cannot run REGISTRY/app:v1: ")
                .contains("sha256:")
                .doesNotContain("Exception");
        assertThat(skiff.run("images", "ls").out()).doesNotContain("app");
    }

    @Test
    void aRegistryThatIsNotThere() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String nobody = "127.0.0.1:" + port;
        skiff.hiding(nobody, "NOBODY");

        assertThat(skiff.run("registry", "pull", "-q", nobody + "/app:v1"))
                .isEqualTo(failure(1, "cannot get the manifest v1 of NOBODY/app: NOBODY refuses connections"));
        assertThat(skiff.run("run", "registry.invalid/app:v1"))
                .isEqualTo(failure(
                        126,
                        "cannot run registry.invalid/app:v1: cannot get the manifest v1 of registry.invalid/app: there is"
                                + " no host registry.invalid"));
    }

    @Test
    void whatARegistrySaysCannotMoveTheCursor() {
        proxy.once("GET", "/manifests/v1", Answer.error(403, "DENIED", "a\\u001b[2Jb"));

        assertThat(skiff.run("registry", "pull", reference).err()).contains("(403): a\\u{1b}[2Jb; ");
    }

    @Test
    void aReferenceThatIsNone() {
        String sentence = """
                this is no reference: a repository's letters are lower-case, and A is not
                    ghcr.io/me/App:v1
                               ^
                """.stripTrailing();

        assertThat(skiff.run("registry", "pull", "ghcr.io/me/App:v1")).isEqualTo(failure(1, sentence));
        assertThat(skiff.run("run", "oci://ghcr.io/me/App:v1"))
                .isEqualTo(failure(126, "cannot run oci://ghcr.io/me/App:v1: " + sentence));
        assertThat(skiff.run("images", "rm", "ghcr.io/me/App:v1")).isEqualTo(failure(1, sentence));
        assertThat(skiff.run("save", "ghcr.io/me/App:v1")).isEqualTo(failure(1, sentence));
    }

    @Test
    void aStoreThatIsAFile() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        for (String store : new String[] {file.toString(), file + "/store"}) {
            Skiff.Result pulled = skiff.run("registry", "pull", "--store", store, reference);
            assertThat(pulled.status()).isEqualTo(1);
            assertThat(pulled.err())
                    .startsWith("skiff: cannot use the store file")
                    .doesNotContain("Exception", directory.toString());
            assertThat(skiff.run("run", "--store", store, reference).status()).isEqualTo(126);
            assertThat(skiff.run("images", "prune", "--store", store).status()).isEqualTo(1);
        }
    }

    /** Not even root can make a directory there, so that this needs no other user. */
    @Test
    void aStoreThatCannotBeWritten() {
        Skiff.Result result = skiff.run("registry", "pull", "--store", "/proc/skiff", reference);

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("skiff: cannot use the store /proc/skiff: ")
                .doesNotContain("Exception");
    }
}
