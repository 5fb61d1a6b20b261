package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Answer;
import dev.skiff.oci.testing.Fault;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code registries.conf} says of where to ask. */
class MirrorTest {
    private static final byte[] MODULE = Modules.withPadding(10_000);
    private static TestRegistry server;
    private static TestRegistry copy;

    @TempDir
    private Path directory;

    private Store store;
    private FaultProxy origin;
    private FaultProxy mirror;

    @BeforeAll
    static void start() {
        server = TestRegistry.start();
        copy = TestRegistry.start();
        try (Registry registry = new Registry(RegistryOptions.DEFAULT)) {
            Images.push(registry, MODULE, server.address() + "/team/app");
            Images.push(registry, MODULE, copy.address() + "/mirrored/team/app");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
        copy.close();
    }

    @BeforeEach
    void open() {
        store = Store.at(directory.resolve("store"));
        origin = FaultProxy.before(server);
        mirror = FaultProxy.before(copy);
    }

    @AfterEach
    void close() {
        origin.close();
        mirror.close();
    }

    private Registry registry(String conf) {
        try {
            Path file = Files.writeString(directory.resolve("registries.conf"), conf);
            return new Registry(RegistryOptions.DEFAULT
                    .withMirrors(file)
                    .withPatience(2, Duration.ofMillis(10), Duration.ofMillis(500)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String mirrored(String more) {
        return """
                [[registry]]
                prefix = "registry.test"
                location = "%s"
                insecure = true
                %s
                [[registry.mirror]]
                location = "%s/mirrored"
                insecure = true
                """.formatted(origin.address(), more, mirror.address());
    }

    private void pull(String conf, String reference) {
        try (Registry registry = registry(conf)) {
            StoredImage image = Images.pull(registry, reference, store);
            assertThat(Images.module(store, image)).isEqualTo(MODULE);
            assertThat(store.find(Reference.parse(reference))).contains(image);
        }
    }

    @Test
    void theMirrorIsAskedFirstAndAlone() {
        pull(mirrored(""), "registry.test/team/app");

        assertThat(mirror.exchanges()).isNotEmpty();
        assertThat(origin.exchanges()).isEmpty();
    }

    @Test
    void whatTheMirrorLacksComesFromTheRegistry() {
        mirror.always("GET", "manifests", Answer.of(404));

        pull(mirrored(""), "registry.test/team/app");

        assertThat(origin.exchanges("GET", "blobs")).isNotEmpty();
    }

    @Test
    void aBlobThatTheMirrorLacksComesFromTheRegistry() {
        mirror.always("GET", "blobs", Answer.of(404));

        pull(mirrored(""), "registry.test/team/app");
    }

    @Test
    void aMirrorThatIsDownIsPassedOver() {
        mirror.close();

        pull(mirrored(""), "registry.test/team/app");
    }

    @ParameterizedTest
    @ValueSource(strings = {"manifests", "blobs"})
    void aDamagedMirrorIsPassedOver(String what) {
        mirror.always("GET", what, new Fault.CorruptResponse(30));

        pull(mirrored(""), "registry.test/team/app");
    }

    /** A bug: a page for people was taken for the manifest. */
    @Test
    void aMirrorThatAnswersNonsenseIsPassedOver() {
        mirror.always(
                "GET",
                "manifests",
                Answer.of(200).with("Content-Type", "text/html").withBody("<html>hello"));

        pull(mirrored(""), "registry.test/team/app");
    }

    @Test
    void mirrorsForDigestsAreNotAskedForTags() {
        pull(mirrored("mirror-by-digest-only = true"), "registry.test/team/app");
        assertThat(mirror.exchanges()).isEmpty();
        String digest = store.images().getFirst().root().digest().toString();

        pull(mirrored("mirror-by-digest-only = true"), "registry.test/team/app@" + digest);
        assertThat(mirror.exchanges()).isNotEmpty();
    }

    @Test
    void theFailureOfTheRegistryItselfIsTold() {
        mirror.always("GET", "", Answer.of(404));
        origin.always("GET", "", Answer.of(404));

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> pull(mirrored(""), "registry.test/team/app"))
                .withMessageContaining(origin.address());
    }

    @Test
    void pushesGoToTheRegistry() {
        try (Registry registry = registry(mirrored(""))) {
            Images.push(registry, MODULE, "registry.test/team/pushed");
        }
        assertThat(mirror.exchanges()).isEmpty();
        assertThat(origin.exchanges("PUT", "/v2/team/pushed/manifests/latest")).hasSize(1);
    }

    @Test
    void theLongestPrefixCounts() {
        String conf = """
                [[registry]]
                prefix = "*.test"
                blocked = true
                [[registry]]
                prefix = "registry.test/team"
                location = "%s/team"
                insecure = true
                """.formatted(origin.address());
        pull(conf, "registry.test/team/app");

        for (String name : new String[] {"registry.test/teams/app", "other.test:5000/app"}) {
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> pull(conf, name))
                    .withMessageContaining("is blocked by *.test in registries.conf")
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.FORBIDDEN));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "registry = 3",
                "[registry]\nlocation = 'x'",
                "[[registry]]\ninsecure = true",
                "[[registry]]\nlocation = 3",
                "[[registry]]\nlocation = 'x.io'\nblocked = 'yes'",
                "[[registry]]\nlocation = 'x.io'\n[[registry.mirror]]\ninsecure = true",
                "[[registry]]\nlocation = 'x.io'\n[[registry.mirror]]\nlocation = 'y'\npull-from-mirror = 'never'",
                "= 1"
            })
    void whatIsWrongWithTheFileIsSaid(String conf) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> registry(conf).close())
                .withMessageContaining(directory.resolve("registries.conf").toString());
    }

    @Test
    void withoutAFileThereAreNoMirrors() {
        assertThat(RegistriesConf.read(directory.resolve("none")).endpoints(Reference.parse("app"), Optional.empty()))
                .containsExactly(new Endpoint("registry-1.docker.io", "library/app", Access.TLS, false));
    }
}
