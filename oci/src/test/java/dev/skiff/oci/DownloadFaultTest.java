package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Answer;
import dev.skiff.oci.testing.Exchange;
import dev.skiff.oci.testing.Fault;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.TestRegistry;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulls from a registry on its bad days. */
class DownloadFaultTest {
    private static final byte[] MODULE = Modules.withPadding(1_000_000);
    private static final String LAYER = "blobs/" + Digest.ofBytes(MODULE);

    /** What the JDK's client may have received before a connection breaks and not have handed on. */
    private static final long LOST = 290_000;

    private static TestRegistry server;

    @TempDir
    private Path directory;

    private final Images.Notes notes = new Images.Notes();
    private FaultProxy proxy;
    private Store store;
    private Registry registry;

    @BeforeAll
    static void start() {
        server = TestRegistry.start();
        try (Registry registry = new Registry(RegistryOptions.DEFAULT.withPlainHttp(true))) {
            Images.push(registry, MODULE, server.address() + "/app");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        proxy = FaultProxy.before(server);
        store = Store.at(directory.resolve("store"));
        registry = new Registry(RegistryOptions.DEFAULT
                .withPlainHttp(true)
                .withPatience(4, Duration.ofMillis(10), Duration.ofMillis(300)));
    }

    @AfterEach
    void close() {
        registry.close();
        proxy.close();
    }

    private void pull() {
        StoredImage image = Images.pull(registry, proxy.address() + "/app", store, notes);
        assertThat(Images.module(store, image)).isEqualTo(MODULE);
        assertThat(Images.files(store.ingest)).isEmpty();
    }

    /** Where a request for a part of the layer began. */
    private long offset(int request) {
        String range =
                proxy.exchanges("GET", LAYER).get(request).header("Range").orElse("bytes=0-");
        return Long.parseLong(range.substring(6, range.length() - 1));
    }

    private OciException failure() {
        return org.assertj.core.api.Assertions.catchThrowableOfType(
                OciException.class, () -> Images.pull(registry, proxy.address() + "/app", store, notes));
    }

    @Test
    void aCutBlobGoesOnWhereItBrokeOff() {
        proxy.once("GET", LAYER, new Fault.CutResponse(400_000)).once("GET", LAYER, new Fault.CutResponse(300_000));

        pull();

        assertThat(proxy.exchanges("GET", LAYER)).hasSize(3);
        assertThat(offset(1)).isBetween(400_000 - LOST, 400_000L);
        assertThat(offset(2)).isBetween(offset(1) + 300_000 - LOST, offset(1) + 300_000L);
        assertThat(proxy.exchanges("GET", LAYER).stream()
                        .mapToLong(Exchange::responseBytes)
                        .sum())
                .isBetween((long) MODULE.length, MODULE.length + 2 * LOST);
        assertThat(notes.bytes()).isGreaterThan(MODULE.length).isLessThan(MODULE.length + 1000);
        assertThat(notes.texts).hasSize(2).allMatch(note -> note.contains("broke"));
    }

    @Test
    void aLaterPullGoesOnWhereAnEarlierOneBrokeOff() {
        proxy.once("GET", LAYER, new Fault.CutResponse(400_000)).always("GET", LAYER, new Fault.CutResponse(0));

        OciException failure = failure();
        assertThat(failure.problem()).isEqualTo(Problem.UNREACHABLE);
        assertThat(store.images()).isEmpty();
        proxy.heal();
        pull();

        assertThat(offset(proxy.exchanges("GET", LAYER).size() - 1)).isBetween(400_000 - LOST, 400_000L);
    }

    @Test
    void aServerWithoutRangesSendsAllOfItAgain() {
        proxy.once("GET", LAYER, new Fault.CutResponse(400_000)).once("GET", LAYER, new Fault.IgnoreRange());

        pull();

        assertThat(notes.bytes()).isLessThan(MODULE.length + 1000);
    }

    /** A bug: the other part was taken for the beginning. */
    @Test
    void anotherPartThanThatWhichWasAskedForIsNotUsed() {
        proxy.once("GET", LAYER, new Fault.CutResponse(400_000))
                .once("GET", LAYER, new Fault.OtherRange("bytes=10-999"));

        pull();

        assertThat(notes.bytes()).isLessThan(MODULE.length + 1000);
    }

    @Test
    void aRefusedRangeStartsAnew() {
        proxy.once("GET", LAYER, new Fault.CutResponse(400_000)).once("GET", LAYER, Answer.of(416));

        pull();
    }

    @Test
    void aConnectionThatGetsNoFartherIsGivenUp() {
        try (FaultProxy cutting = FaultProxy.before(proxy.uri())) {
            proxy.always("GET", LAYER, new Fault.IgnoreRange());
            cutting.always("GET", LAYER, new Fault() {
                @Override
                public InputStream response(InputStream body) {
                    return new CutResponse(1 + cutting.exchanges("GET", LAYER).size() % 2 * 1000L).response(body);
                }
            });

            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, cutting.address() + "/app", store, notes))
                    .withMessageContaining("broke");
            assertThat(cutting.exchanges("GET", LAYER)).hasSizeLessThan(10);
        }
    }

    @Test
    void whatStandsStillIsAskedForAgain() {
        proxy.once("GET", LAYER, new Fault.StallResponse(400_000));

        pull();

        assertThat(notes.texts.toString()).contains("nothing came for 300 ms");
        assertThat(offset(proxy.exchanges("GET", LAYER).size() - 1)).isBetween(400_000 - LOST, 400_000L);
    }

    /** A bug: only blobs were watched. */
    @Test
    void aManifestOrAnErrorThatStandsStillIsAskedForAgain() {
        proxy.once("GET", "manifests", new Fault.StallResponse(100))
                .once("GET", "manifests", new Fault.StallResponse(0));

        pull();
    }

    /** A bug: it ended the pull. */
    @Test
    void aCutManifestIsAskedForAgain() {
        proxy.once("GET", "manifests", new Fault.CutResponse(100));

        pull();
    }

    @Test
    void aWrongByteIsFoundAndNothingStays() {
        proxy.once("GET", LAYER, new Fault.CorruptResponse(500_000));

        OciException failure = failure();

        assertThat(failure.problem()).isEqualTo(Problem.CORRUPT);
        assertThat(failure).hasMessageContaining(LAYER.substring(6)).hasMessageContaining(proxy.address());
        assertThat(Images.files(store.ingest)).isEmpty();
        assertThat(store.images()).isEmpty();
        pull();
    }

    @Test
    void aWrongByteBeforeABreakIsFetchedAnew() {
        proxy.once("GET", LAYER, new Fault() {
            @Override
            public InputStream response(InputStream body) {
                return new CutResponse(400_000).response(new CorruptResponse(5).response(body));
            }
        });

        pull();

        assertThat(notes.bytes()).isLessThan(MODULE.length + 1000);
    }

    @Test
    void aWrongManifestIsRefused() {
        proxy.once("GET", "manifests", new Fault.CorruptResponse(20));

        assertThat(failure().problem()).isEqualTo(Problem.CORRUPT);
        assertThat(Images.files(store.root().resolve("blobs"))).isEmpty();
    }

    @Test
    void whatIsTooLongOrTooShortIsRefused() {
        for (Fault fault : List.of(
                new Fault.LongResponse(1), new Fault.EndlessResponse(), new Fault.ShortResponse(MODULE.length - 1))) {
            proxy.heal();
            proxy.always("GET", LAYER, fault);
            assertThat(failure().problem()).as(fault.toString()).isEqualTo(Problem.CORRUPT);
        }
        proxy.heal();
        pull();
    }

    @Test
    void aManifestWithoutAnEndIsRefused() {
        proxy.once("GET", "manifests", new Fault.EndlessResponse());

        assertThat(failure().problem()).isEqualTo(Problem.TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void whatPassesIsWaitedFor(int status) {
        proxy.first(2, "GET", LAYER, Answer.of(status)).first(2, "GET", "manifests", Answer.of(status));

        pull();

        assertThat(notes.texts).hasSize(4).allMatch(note -> note.endsWith("; trying again"));
    }

    @Test
    void aServerThatStaysBrokenIsNamed() {
        proxy.always("GET", "manifests", Answer.error(503, "UNAVAILABLE", "down for repairs"));

        assertThat(failure()).hasMessageContaining("failed (503): down for repairs");
        assertThat(proxy.exchanges("GET", "manifests")).hasSize(4);
    }

    @Test
    void aShortWaitThatTheRegistryAsksForIsObserved() {
        proxy.once("GET", "manifests", Answer.tooManyRequests(Duration.ofSeconds(1)));
        long start = System.nanoTime();

        pull();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(990));
    }

    @Test
    void aLongWaitIsToldOfAtOnce() {
        proxy.always(
                "GET", "manifests", Answer.tooManyRequests(Duration.ofHours(1)).with("RateLimit-Limit", "100;w=21600"));

        OciException failure = failure();

        assertThat(failure.problem()).isEqualTo(Problem.RATE_LIMITED);
        assertThat(failure)
                .hasMessageContaining("it says to wait 3600 s")
                .hasMessageContaining("its limit is 100 requests in 6 hours");
        assertThat(proxy.exchanges("GET", "manifests")).hasSize(1);
    }

    @Test
    void redirectsGoToAnotherServer() {
        try (FaultProxy other = FaultProxy.before(server)) {
            proxy.always("GET", "blobs", new Fault.Redirect(other.uri()));

            pull();

            assertThat(other.exchanges("GET", LAYER)).hasSize(1);
            assertThat(other.exchanges())
                    .allMatch(exchange -> exchange.header("Authorization").isEmpty());
        }
    }

    @Test
    void redirectsWithoutAnEndAreRefused() {
        proxy.always("GET", "manifests", new Fault.Redirect(proxy.uri()));

        assertThat(failure()).hasMessageContaining("more than 5 redirects");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://x/", "file:///etc/passwd", "http://", "http://x:99999/", "http://[/", "http://u:p@x/"})
    void redirectsToNoAddressAreRefused(String location) {
        proxy.always("GET", "manifests", Answer.of(307).with("Location", location));

        assertThat(failure()).hasMessageContaining("not safe to follow");
    }

    @Test
    void theServerBehindARedirectIsNamedWhenItIsDown() {
        FaultProxy gone = FaultProxy.before(server);
        gone.close();
        proxy.always("GET", LAYER, new Fault.Redirect(gone.uri()));

        assertThat(failure()).hasMessageContaining(gone.address() + " refuses connections");
    }

    @Test
    void nobodyListensIsSaidSoon() {
        proxy.close();

        assertThat(failure()).hasMessageContaining(proxy.address() + " refuses connections");
    }

    @Test
    void aManifestMustHaveTheDigestThatWasAskedFor() {
        byte[] other = Arrays.copyOf(MODULE, 10);
        proxy.always("GET", "manifests", Answer.of(200).withBody("{}"));

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(
                        () -> Images.pull(registry, proxy.address() + "/app@" + Digest.ofBytes(other), store, notes))
                .withMessageContaining("should have the digest")
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.CORRUPT));
    }
}
