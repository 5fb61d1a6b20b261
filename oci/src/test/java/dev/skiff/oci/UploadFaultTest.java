package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Answer;
import dev.skiff.oci.testing.Fault;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushes to a registry on its bad days. */
@Tag("slow")
class UploadFaultTest {
    private static final byte[] SMALL = Modules.withPadding(1_000_000);
    /** More than two chunks. */
    private static final byte[] LARGE = Modules.withPadding(36 << 20);

    private static TestRegistry server;

    @TempDir
    private Path directory;

    private final Images.Notes notes = new Images.Notes();
    private FaultProxy proxy;
    private Registry registry;
    private String repository;

    @BeforeAll
    static void start() {
        server = TestRegistry.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open(TestInfo test) {
        repository = "r" + Integer.toHexString(test.getDisplayName().hashCode())
                + test.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT);
        proxy = FaultProxy.before(server);
        registry = new Registry(RegistryOptions.DEFAULT
                .withPlainHttp(true)
                .withParallel(1)
                .withPatience(4, Duration.ofMillis(10), Duration.ofMillis(500)));
    }

    @AfterEach
    void close() {
        registry.close();
        proxy.close();
    }

    private void push(byte[] module) {
        registry.push(Images.artifact(module), Reference.parse(proxy.address() + "/" + repository), notes);
        Store store = Store.at(directory.resolve("store"));
        StoredImage image = Images.pull(registry, server.address() + "/" + repository, store);
        assertThat(Images.module(store, image)).isEqualTo(module);
    }

    private OciException failure(byte[] module) {
        return org.assertj.core.api.Assertions.catchThrowableOfType(
                OciException.class,
                () -> registry.push(
                        Images.artifact(module), Reference.parse(proxy.address() + "/" + repository), notes));
    }

    private long sent() {
        return notes.bytes();
    }

    @Test
    void aCutUploadInOneRequestBeginsAgain() {
        proxy.once("PUT", "uploads", new Fault.CutRequest(100_000)).once("PUT", "uploads", new Fault.CutRequest(50));

        push(SMALL);

        assertThat(sent()).isBetween((long) SMALL.length, SMALL.length + 1000L);
    }

    @Test
    void aChunkThatWasNotTakenIsSentAgain() {
        proxy.first(1, "PATCH", "uploads", new Fault() {}).once("PATCH", "uploads", Answer.of(503));

        push(LARGE);

        assertThat(proxy.exchanges("POST", "uploads")).hasSize(2);
        long taken = proxy.exchanges("PATCH", "uploads").stream()
                .mapToLong(exchange -> exchange.requestBytes())
                .sum();
        assertThat(taken).isEqualTo(LARGE.length);
        assertThat(sent()).isBetween((long) LARGE.length, LARGE.length + 1000L);
    }

    /** docker-registry forgets a session with a part of a chunk; others may go on in it. */
    @Test
    void aCutChunkDoesNotEndThePush() {
        proxy.first(1, "PATCH", "uploads", new Fault() {}).once("PATCH", "uploads", new Fault.CutRequest(5 << 20));

        push(LARGE);

        assertThat(sent()).isBetween((long) LARGE.length, LARGE.length + 1000L);
    }

    @Test
    void aLostSessionBeginsAgain() {
        proxy.first(1, "PATCH", "uploads", new Fault() {})
                .once("PATCH", "uploads", Answer.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown"))
                .once("GET", "uploads", Answer.of(404));

        push(LARGE);

        assertThat(sent()).isBetween((long) LARGE.length, LARGE.length + 1000L);
    }

    /** A bug: there was no end. */
    @Test
    void sessionsThatAreAlwaysLostAreGivenUp() {
        for (int i = 0; i < 50; i++) {
            proxy.first(1, "PATCH", "uploads", new Fault() {}).once("PATCH", "uploads", Answer.of(404));
        }
        proxy.always("GET", "uploads", Answer.of(404));

        assertThat(failure(LARGE).problem()).isEqualTo(Problem.NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(ints = {405, 415, 404, 400, 501})
    void aRegistryThatTakesNoChunksGetsAllAtOnce(int status) {
        proxy.always("PATCH", "uploads", Answer.of(status));

        push(LARGE);
    }

    @Test
    void theAnswerToTheEndOfAnUploadMayBeLost() {
        // The registry does what it is asked, and who stands before it says that it failed.
        proxy.once("PUT", "uploads.*" + Digest.ofBytes(LARGE).hex(), new Fault() {
            @Override
            public Optional<Answer> answer(String path) {
                try {
                    assertThat(server.raw().send("PUT", path, new byte[0]).statusCode())
                            .isEqualTo(201);
                    return Optional.of(Answer.of(502));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });

        push(LARGE);

        assertThat(proxy.exchanges("POST", "uploads")).hasSize(2);
        assertThat(proxy.exchanges("PUT", "uploads")).hasSize(2);
    }

    @Test
    void aWrongByteOnTheWayIsPutRight() {
        proxy.once("PUT", "uploads", new Fault.CorruptRequest(500)).once("PUT", "uploads", new Fault.CorruptRequest(1));

        push(SMALL);
    }

    @Test
    void aWrongByteInAChunkIsPutRight() {
        proxy.once("PATCH", "uploads", new Fault.CorruptRequest(500));

        push(LARGE);
    }

    /** A bug: it was waited for quarters of an hour. */
    @Test
    void whoTakesNothingAnyMoreIsAskedAgain() {
        proxy.once("PUT", "uploads", new Fault.StallRequest(0)).once("PATCH", "uploads", new Fault.StallRequest(1000));

        push(LARGE);

        // The body of the first is so short that all of it is on its way.
        assertThat(notes.texts).hasSize(2);
        assertThat(notes.texts.get(0)).contains("did not answer for ");
        assertThat(notes.texts.get(1)).contains("took nothing for ");
    }

    @Test
    void whatPassesIsWaitedFor() {
        proxy.once("POST", "uploads", Answer.of(503))
                .once("PUT", "uploads", Answer.of(500))
                .once("PUT", "uploads", Answer.tooManyRequests(Duration.ofSeconds(1)))
                .once("HEAD", "blobs", Answer.of(502))
                .once("PUT", "manifests", Answer.of(504));

        push(SMALL);
    }

    @Test
    void aLongWaitIsToldOfAtOnce() {
        proxy.always("PUT", "uploads", Answer.tooManyRequests(Duration.ofHours(1)));

        assertThat(failure(SMALL).problem()).isEqualTo(Problem.RATE_LIMITED);
        assertThat(proxy.exchanges("PUT", "uploads")).hasSize(1);
    }

    @Test
    void whatIsTooLargeForTheRegistryIsNotSentAgain() {
        proxy.always("PUT", "uploads", Answer.of(413));

        OciException failure = failure(SMALL);

        assertThat(failure.problem()).isEqualTo(Problem.TOO_LARGE);
        assertThat(proxy.exchanges("PUT", "uploads")).hasSize(1);
    }

    @Test
    void theNameFollowsTheContent() {
        proxy.always("PUT", "uploads", Answer.of(403));

        assertThat(failure(SMALL).problem()).isEqualTo(Problem.FORBIDDEN);
        assertThat(proxy.exchanges("PUT", "manifests")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x/", "http://[", "http://x:70000/", "%"})
    void sessionsAtNoAddressAreRefused(String location) {
        proxy.always("POST", "uploads", Answer.of(202).with("Location", location));

        assertThat(failure(SMALL)).hasMessageContaining("which is not safe");
    }

    @Test
    void aSessionWithoutAnAddressIsRefused() {
        proxy.always("POST", "uploads", Answer.of(202));

        assertThat(failure(SMALL)).hasMessageContaining("does not say where the upload goes on");
    }

    @Test
    void aSessionMayBeAtAnotherServer() {
        try (FaultProxy other = FaultProxy.before(server)) {
            proxy.always("POST", "uploads", new Fault() {
                @Override
                public Optional<Answer> answer(String path) {
                    try {
                        String location = server.raw()
                                .send("POST", path, new byte[0])
                                .headers()
                                .firstValue("Location")
                                .orElseThrow();
                        URI there = URI.create(location);
                        return Optional.of(Answer.of(202)
                                .with("Location", other.uri() + there.getRawPath() + "?" + there.getRawQuery()));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });

            push(SMALL);

            assertThat(other.exchanges("PUT", "uploads")).isNotEmpty();
        }
    }

    @Test
    void theDigestOfATargetIsCheckedBeforeAnythingIsSent() {
        String digest = Digest.ofBytes(new byte[0]).toString();
        Reference target = Reference.parse(proxy.address() + "/" + repository + "@" + digest);

        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> registry.push(Images.artifact(SMALL), target, notes)))
                .hasMessageContaining("what is pushed has the digest");
        assertThat(proxy.exchanges()).isEmpty();
    }
}
