package dev.skiff.oci.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeersTest {
    @TempDir
    Path home;

    @Test
    void skopeoCopiesWhatUmociMade() throws IOException {
        Peers peers = Peers.in(home);
        peers.umoci("init", "--layout", "image").succeeded();
        peers.umoci("new", "--image", "image:one").succeeded();
        try (TestRegistry registry = TestRegistry.start()) {
            String there = "docker://" + registry.address() + "/tools/empty:one";
            peers.skopeo("copy", "--dest-tls-verify=false", "oci:image:one", there)
                    .succeeded();
            assertThat(new String(
                            registry.raw().get("/v2/tools/empty/tags/list").body(), StandardCharsets.UTF_8))
                    .contains("\"one\"");
        }
    }

    @Test
    void orasPullsWhatItPushed() throws IOException {
        Tool.ORAS.require();
        Files.writeString(home.resolve("hello.txt"), "hello");
        Peers peers = Peers.in(home);
        try (TestRegistry registry =
                TestRegistry.builder().basicAuth("ann", "secret").start()) {
            String reference = registry.address() + "/tools/hello:one";
            peers.oras("push", "--plain-http", reference, "hello.txt:text/plain")
                    .failed();
            peers.oras("login", "--plain-http", "-u", "ann", "-p", "secret", registry.address())
                    .succeeded();
            peers.oras("push", "--plain-http", reference, "hello.txt:text/plain")
                    .succeeded();
            peers.oras("pull", "--plain-http", "-o", "pulled", reference).succeeded();
        }
        assertThat(home.resolve("pulled/hello.txt")).hasContent("hello");
        assertThat(home.resolve(".docker/config.json")).exists();
    }

    @Test
    void cosignMakesKeys() {
        Peers.in(home).with("COSIGN_PASSWORD", "").cosign("generate-key-pair").succeeded();
        assertThat(home.resolve("cosign.pub")).exists();
    }

    @Test
    void failuresSayWhatWasRunAndWhatItSaid() {
        Output output = Peers.in(home).skopeo("inspect", "oci:nothing");
        assertThat(output.failed().err()).contains("nothing");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(output::succeeded)
                .withMessageContaining("skopeo --insecure-policy inspect oci:nothing ended with status 1")
                .withMessageContaining(output.err());
    }

    @Test
    void whatTakesTooLongIsKilled() throws IOException {
        Tool.SKOPEO.require();
        try (TestRegistry registry = TestRegistry.start();
                FaultProxy proxy = FaultProxy.before(registry)) {
            proxy.always("GET", "/v2/", new Fault.Delay(Duration.ofMinutes(1)));
            List<String> command =
                    List.of("list-tags", "--tls-verify=false", "docker://" + proxy.address() + "/tools/hello");
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(
                            () -> Peers.in(home).within(Duration.ofMillis(300)).run(Tool.SKOPEO, command))
                    .withMessageContaining("was killed after 300 ms");
        }
    }
}
