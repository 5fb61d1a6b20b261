package dev.skiff.oci.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokenServerTest {
    private static final Pattern TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");
    private static final String QUERY = "/token?service=test-registry&scope=repository:tools/hello:pull,push";
    private static final String FORM = "service=test-registry&client_id=test&scope=repository:tools/hello:pull";

    private static TokenServer tokens;
    private static TestRegistry registry;

    @BeforeAll
    static void start() {
        tokens = TokenServer.start()
                .user("ann", "secret")
                .allow("ann", "repository:tools/hello", "pull", "push")
                .allowAnonymous("repository:tools/hello", "pull");
        registry = TestRegistry.builder().tokenAuth(tokens).start();
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
        tokens.close();
    }

    @Test
    void theRegistryChallengesWithTheScope() throws IOException {
        HttpResponse<byte[]> refused = registry.raw().get("/v2/tools/hello/tags/list");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate"))
                .hasValue("Bearer realm=\"" + tokens.realm()
                        + "\",service=\"test-registry\",scope=\"repository:tools/hello:pull\"");
    }

    @Test
    void aPasswordGetsATokenWithWhichToPush() throws IOException {
        String token = token(server().as("ann", "secret").get(QUERY));
        assertThat(pushes(token)).isTrue();
    }

    @Test
    void withoutAPasswordATokenIsForLess() throws IOException {
        String token = token(server().get(QUERY));
        assertThat(pushes(token)).isFalse();
        assertThat(pulls(token)).isTrue();
    }

    @Test
    void aRefreshTokenIsAsGoodAsThePassword() throws IOException {
        HttpResponse<byte[]> answer = form("grant_type=refresh_token&refresh_token=" + tokens.refreshToken("ann"));
        assertThat(pulls(token(answer))).isTrue();
        assertThat(form("grant_type=refresh_token&refresh_token=made-up").statusCode())
                .isEqualTo(401);
    }

    @Test
    void aPasswordInAFormGetsARefreshTokenToo() throws IOException {
        HttpResponse<byte[]> answer = form("grant_type=password&access_type=offline&username=ann&password=secret");
        assertThat(pulls(token(answer))).isTrue();
        assertThat(text(answer)).contains("\"refresh_token\":");
    }

    @Test
    void aWrongPasswordIsRefused() throws IOException {
        assertThat(server().as("ann", "wrong").get(QUERY).statusCode()).isEqualTo(401);
    }

    @Test
    void expiredTokensAreRefusedByTheRegistry() throws IOException {
        try (TokenServer other = TokenServer.start()
                        .allowAnonymous("repository:tools/hello", "pull")
                        .lifetime(Duration.ofMinutes(-5));
                TestRegistry strict = TestRegistry.builder().tokenAuth(other).start()) {
            String token = token(RawRegistry.at(other.realm()).get(QUERY));
            HttpResponse<byte[]> refused =
                    strict.raw().authorized("Bearer " + token).get("/v2/tools/hello/tags/list");
            assertThat(refused.statusCode()).isEqualTo(401);
        }
    }

    @Test
    void answersNameTheTokenAsTheyAreTold() throws IOException {
        try (TokenServer other = TokenServer.start().naming(TokenServer.Naming.TOKEN)) {
            HttpResponse<byte[]> answer = RawRegistry.at(other.realm()).get(QUERY);
            assertThat(text(answer)).contains("\"token\":").doesNotContain("access_token");
        }
    }

    @Test
    void requestsAreRecorded() throws IOException {
        try (TokenServer other = TokenServer.start()) {
            RawRegistry.at(other.realm()).as("ann", "secret").get(QUERY);
            assertThat(other.requests()).singleElement().satisfies(request -> {
                assertThat(request.method()).isEqualTo("GET");
                assertThat(request.scopes()).containsExactly("repository:tools/hello:pull,push");
                assertThat(request.parameter("service")).isEqualTo(Optional.of("test-registry"));
                assertThat(request.authorization()).hasValue(RawRegistry.basic("ann", "secret"));
                assertThat(request.status()).isEqualTo(401);
            });
        }
    }

    private static RawRegistry server() {
        return RawRegistry.at(tokens.realm());
    }

    private static HttpResponse<byte[]> form(String more) throws IOException {
        byte[] body = (FORM + "&" + more).getBytes(StandardCharsets.UTF_8);
        return server().send("POST", "/token", body, "Content-Type", "application/x-www-form-urlencoded");
    }

    private static String token(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        Matcher token = TOKEN.matcher(text(answer));
        assertThat(token.find()).isTrue();
        return token.group(1);
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static boolean pulls(String token) throws IOException {
        // Nothing was pushed, so the registry says that it does not know the repository, but to those alone who may
        // pull.
        return registry.raw()
                        .authorized("Bearer " + token)
                        .get("/v2/tools/hello/tags/list")
                        .statusCode()
                == 404;
    }

    private static boolean pushes(String token) throws IOException {
        return registry.raw()
                        .authorized("Bearer " + token)
                        .send("POST", "/v2/tools/hello/blobs/uploads/", new byte[0])
                        .statusCode()
                == 202;
    }
}
