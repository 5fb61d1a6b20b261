package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Answer;
import dev.skiff.oci.testing.Fault;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.RawRegistry;
import dev.skiff.oci.testing.TestRegistry;
import dev.skiff.oci.testing.TokenRequest;
import dev.skiff.oci.testing.TokenServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Registries that want to know who asks. */
class AuthTest {
    private static final byte[] MODULE = Modules.withPadding(10_000);
    private static final Credentials ALICE = new Credentials.Basic("alice", "pass:wörd");

    private static TestRegistry basic;
    private static TokenServer tokens;
    private static TestRegistry guarded;

    @TempDir
    private Path directory;

    private Store store;
    private String repository;

    @BeforeAll
    static void start() {
        basic = TestRegistry.builder().basicAuth("alice", "pass:wörd").start();
        tokens = TokenServer.start().user("alice", "pass:wörd");
        guarded = TestRegistry.builder().tokenAuth(tokens).start();
    }

    @AfterAll
    static void stop() {
        basic.close();
        guarded.close();
        tokens.close();
    }

    @BeforeEach
    void open(TestInfo test) {
        store = Store.at(directory.resolve("store"));
        repository = "r" + Integer.toHexString(test.getDisplayName().hashCode());
        tokens.lifetime(Duration.ofMinutes(5)).naming(TokenServer.Naming.BOTH);
        tokens.allow("alice", "repository:" + repository, "pull", "push");
    }

    private static Registry as(Credentials credentials) {
        return new Registry(RegistryOptions.DEFAULT
                .withPlainHttp(true)
                .withCredentials((registry, path) -> credentials)
                .withPatience(3, Duration.ofMillis(10), Duration.ofSeconds(5)));
    }

    private void travels(TestRegistry server, Credentials credentials) {
        String name = server.address() + "/" + repository;
        try (Registry registry = as(credentials)) {
            Images.push(registry, MODULE, name);
            assertThat(Images.module(store, Images.pull(registry, name, store))).isEqualTo(MODULE);
            registry.ping(server.address());
        }
    }

    /** A bug: the JDK's client answered the challenge in our place, with nothing. */
    @Test
    void aPasswordIsSentWhereItIsWanted() {
        travels(basic, ALICE);
    }

    @Test
    void whoIsUnknownOrWrongIsToldWhatToDo() {
        try (Registry nobody = as(new Credentials.Anonymous());
                Registry wrong = as(new Credentials.Basic("alice", "x"))) {
            for (TestRegistry server : List.of(basic, guarded)) {
                assertThatExceptionOfType(OciException.class)
                        .isThrownBy(() -> Images.pull(nobody, server.address() + "/x", store))
                        .withMessageContaining("wants to know who asks (401)")
                        .withMessageContaining("skiff registry login")
                        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.UNAUTHORIZED));
                assertThatExceptionOfType(OciException.class)
                        .isThrownBy(() -> wrong.ping(server.address()))
                        .withMessageContaining("does not accept the credentials (401)");
            }
        }
    }

    @Test
    void pingRefusesWhatIsNoRegistry() {
        try (Registry registry = as(ALICE)) {
            for (String text : List.of("", "https://ghcr.io", "ghcr.io/x", "a b", "ghcr")) {
                assertThatExceptionOfType(OciException.class)
                        .as(text)
                        .isThrownBy(() -> registry.ping(text))
                        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.INVALID));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TokenServer.Naming.class)
    void tokensAreAskedForWithAPassword(TokenServer.Naming naming) {
        tokens.naming(naming);
        travels(guarded, ALICE);
    }

    @Test
    void tokensAreAskedForWithARefreshToken() {
        travels(guarded, new Credentials.RefreshToken(tokens.refreshToken("alice")));

        assertThat(tokens.requests().getLast().method()).isEqualTo("POST");
    }

    @Test
    void everybodyMayPullWhatIsPublic() {
        tokens.allowAnonymous("repository:" + repository, "pull");
        String name = guarded.address() + "/" + repository;
        try (Registry alice = as(ALICE);
                Registry nobody = as(new Credentials.Anonymous())) {
            Images.push(alice, MODULE, name);

            assertThat(Images.module(store, Images.pull(nobody, name, store))).isEqualTo(MODULE);
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.push(nobody, MODULE, name + ":mine"))
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.UNAUTHORIZED));
        }
    }

    @Test
    void oneTokenServesAWholePush() {
        try (Registry alice = new Registry(RegistryOptions.DEFAULT
                .withPlainHttp(true)
                .withParallel(1)
                .withCredentials((registry, path) -> ALICE))) {
            Images.push(alice, MODULE, guarded.address() + "/" + repository);
        }
        // Those of an earlier test may be entered late.
        assertThat(tokens.requests())
                .filteredOn(request -> request.scopes().toString().contains(repository))
                .singleElement()
                .satisfies(request ->
                        assertThat(request.scopes()).containsExactly("repository:" + repository + ":pull,push"));
    }

    @Tag("slow")
    @Test
    void anExpiredTokenIsRenewedInTheMidst() {
        byte[] large = Modules.withPadding(40 << 20);
        try (FaultProxy proxy = FaultProxy.before(guarded);
                Registry alice = as(ALICE)) {
            String name = proxy.address() + "/" + repository;
            Answer expired = Answer.of(401)
                    .with(
                            "WWW-Authenticate",
                            "Bearer realm=\"" + tokens.realm() + "\",service=\"test-registry\",scope=\"repository:"
                                    + repository + ":pull,push\",error=\"invalid_token\"");
            proxy.first(1, "PATCH", "uploads", new Fault() {})
                    .once("PATCH", "uploads", expired)
                    .once("PUT", "uploads", expired)
                    .once("PUT", "manifests", expired)
                    .once("GET", "blobs", expired);
            Images.push(alice, large, name);

            assertThat(Images.module(store, Images.pull(alice, name, store))).isEqualTo(large);
        }
    }

    @Test
    void aTokenThatIsExpiredAtOnceIsToldOf() {
        tokens.lifetime(Duration.ofMinutes(-5));
        try (Registry alice = as(ALICE)) {
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.push(alice, MODULE, guarded.address() + "/" + repository))
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.UNAUTHORIZED));
        }
    }

    @Test
    void mountsAskForBothRepositories() {
        String other = repository + "-copy";
        tokens.allow("alice", "repository:" + other, "pull", "push");
        Images.Notes notes = new Images.Notes();
        try (Registry alice = as(ALICE)) {
            Images.push(alice, MODULE, guarded.address() + "/" + repository);
            int before = tokens.requests().size();

            alice.copy(
                    Reference.parse(guarded.address() + "/" + repository),
                    Reference.parse(guarded.address() + "/" + other),
                    notes);

            assertThat(notes.states).containsOnly(TransferListener.State.MOUNTED);
            assertThat(tokens.requests().subList(before, tokens.requests().size()).stream()
                            .map(TokenRequest::scopes))
                    .contains(List.of("repository:" + other + ":pull,push", "repository:" + repository + ":pull"));
        }
    }

    /** A bug: the first trouble of the token server ended it. */
    @Test
    void aTokenServerMayHaveABadDay() {
        try (FaultProxy before = FaultProxy.before(URI.create("http://" + tokens.address()));
                TestRegistry server = TestRegistry.builder()
                        .tokenAuth(tokens, URI.create(before.uri() + "/token"))
                        .start()) {
            before.once("GET", "token", Answer.of(503)).once("GET", "token", new Fault.CutResponse(5));
            travels(server, ALICE);
        }
    }

    @Test
    void credentialsDoNotFollowToAnotherServer() {
        try (FaultProxy front = FaultProxy.before(basic);
                FaultProxy other = FaultProxy.before(basic);
                Registry alice = as(ALICE)) {
            Images.push(alice, MODULE, basic.address() + "/" + repository);
            front.always("GET", "blobs", new Fault.Redirect(other.uri()));
            other.always(
                    "*",
                    "",
                    Answer.of(401)
                            .with("WWW-Authenticate", "Basic realm=\"evil\", Bearer realm=\"" + other.uri() + "\""));

            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(alice, front.address() + "/" + repository, store));

            assertThat(other.exchanges())
                    .isNotEmpty()
                    .allMatch(asked -> asked.header("Authorization").isEmpty());
        }
    }

    /** A bug: they went to the mirror of the registry that they are for. */
    @Test
    void mirrorsDoNotSeeTheCredentialsForWhatTheyCopy() throws Exception {
        try (FaultProxy mirror = FaultProxy.before(basic)) {
            Path conf = java.nio.file.Files.writeString(
                    directory.resolve("registries.conf"),
                    "[[registry]]\nprefix = \"" + basic.address()
                            + "\"\ninsecure = true\n[[registry.mirror]]\nlocation = \"" + mirror.address()
                            + "\"\ninsecure = true\n");
            try (Registry registry = new Registry(RegistryOptions.DEFAULT
                    .withPlainHttp(true)
                    .withMirrors(conf)
                    .withCredentials(
                            (host, path) -> host.equals(basic.address()) ? ALICE : new Credentials.Anonymous()))) {
                Images.push(registry, MODULE, basic.address() + "/" + repository);

                Images.pull(registry, basic.address() + "/" + repository, store);

                assertThat(mirror.exchanges())
                        .isNotEmpty()
                        .allMatch(asked -> asked.header("Authorization").isEmpty());
            }
        }
    }

    @Test
    void challengesAreReadInEveryForm() {
        assertThat(Challenge.parse(List.of("Bearer realm=\"a,b\", service=x ,scope=\"r:\\\"q\\\":p\"", "basic")))
                .satisfies(found -> {
                    assertThat(found).extracting(Challenge::scheme).containsExactly("bearer", "basic");
                    assertThat(found.getFirst().parameters())
                            .containsEntry("realm", "a,b")
                            .containsEntry("service", "x")
                            .containsEntry("scope", "r:\"q\":p");
                });
        for (String odd : List.of("", "=", "\"", "Negotiate abc==", "Basic realm=\"open", ",,,", "a=b=c")) {
            Challenge.parse(List.of(odd));
        }
        assertThat(RawRegistry.basic("a", "b")).isEqualTo(new Credentials.Basic("a", "b").header());
    }

    @Test
    void secretsAreNotShown() {
        assertThat(ALICE.toString() + new Credentials.Bearer("secret") + new Credentials.RefreshToken("secret"))
                .doesNotContain("secret", "wörd");
    }
}
