package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers a registry's challenges: basic authentication, and tokens (distribution specification, token authentication, with OAuth 2
 * for refresh tokens). Keeps what it got. Thread-safe.
 */
final class Tokens {
    private static final int MAX_ANSWER = 1 << 20;

    private final Transport transport;
    private final Map<String, String> headers = new ConcurrentHashMap<>();

    Tokens(Transport transport) {
        this.transport = transport;
    }

    private static String key(URI uri, List<String> scopes) {
        return uri.getAuthority() + " " + scopes;
    }

    /** What to send with a request, as far as it is known. */
    Optional<String> header(Call call) {
        return Optional.ofNullable(headers.get(key(call.uri(), call.scopes())));
    }

    /**
     * Gets what a registry wants to see.
     *
     * @param sent what the request that was refused had
     * @return what to send; empty if there is nothing better than what was sent
     */
    Optional<String> answer(Call call, List<Challenge> challenges, Credentials credentials, Optional<String> sent) {
        Optional<String> header = Optional.empty();
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("bearer")) {
                header = Optional.of("Bearer " + token(call, challenge, credentials));
                break;
            }
            if (challenge.scheme().equals("basic") && credentials instanceof Credentials.Basic basic) {
                header = Optional.of(basic.header());
            }
        }
        Optional<String> better = header.filter(value -> !sent.equals(Optional.of(value)));
        better.ifPresent(value -> headers.put(key(call.uri(), call.scopes()), value));
        return better;
    }

    private String token(Call call, Challenge challenge, Credentials credentials) {
        if (credentials instanceof Credentials.Bearer bearer) {
            return bearer.token();
        }
        URI realm = realm(call, challenge);
        HttpRequest request = request(realm, challenge, call.scopes(), credentials);
        String doing = "get a token of " + realm.getAuthority() + " to " + call.doing();
        try {
            HttpResponse<InputStream> response = transport.exchange(request);
            if (response.statusCode() != 200) {
                Call asked = Call.of(request.method(), realm, call.scopes(), doing);
                throw Failures.of(asked, response, credentials instanceof Credentials.Anonymous);
            }
            try (InputStream in = response.body()) {
                JsonObject json = Json.object(in.readNBytes(MAX_ANSWER), "the answer of " + realm);
                return json.text("token")
                        .or(() -> json.text("access_token"))
                        .filter(token -> !token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 127))
                        .orElseThrow(() -> new OciException(
                                Problem.UNAUTHORIZED, "cannot " + doing + ": the answer has no token"));
            }
        } catch (IOException e) {
            throw Failures.of(Call.of(request.method(), realm, call.scopes(), doing), e);
        }
    }

    /** Who can answer for the registry must be as safe from listeners as the registry itself. */
    private static URI realm(Call call, Challenge challenge) {
        String text = challenge.parameters().getOrDefault("realm", "");
        try {
            URI realm = new URI(text);
            boolean plain = "http".equals(realm.getScheme());
            if (realm.getHost() != null && (plain || "https".equals(realm.getScheme()))) {
                if (plain && call.uri().getScheme().equals("https") && !Endpoint.isLoopback(realm.getAuthority())) {
                    throw new OciException(
                            Problem.TLS,
                            "cannot " + call.doing() + ": " + call.uri().getAuthority()
                                    + " wants credentials to be sent without TLS, to " + text);
                }
                return realm;
            }
        } catch (java.net.URISyntaxException e) {
            // Said below.
        }
        throw new OciException(
                Problem.SERVER,
                "cannot " + call.doing() + ": " + call.uri().getAuthority() + " names no place that gives tokens: "
                        + text);
    }

    private static HttpRequest request(URI realm, Challenge challenge, List<String> scopes, Credentials credentials) {
        StringBuilder query = new StringBuilder();
        parameter(query, "service", challenge.parameters().get("service"));
        // The registry knows best, unless it says nothing.
        Optional<String> asked = Optional.ofNullable(challenge.parameters().get("scope"));
        if (scopes.size() > 1 || asked.isEmpty()) {
            scopes.forEach(scope -> parameter(query, "scope", scope));
        } else {
            parameter(query, "scope", asked.get());
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder().timeout(Duration.ofSeconds(30)).header("User-Agent", Transport.USER_AGENT);
        if (credentials instanceof Credentials.RefreshToken refresh) {
            parameter(query, "grant_type", "refresh_token");
            parameter(query, "client_id", "skiff");
            parameter(query, "refresh_token", refresh.token());
            return request.uri(realm)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(query.toString()))
                    .build();
        }
        if (credentials instanceof Credentials.Basic basic) {
            parameter(query, "account", basic.user());
            request.header("Authorization", basic.header());
        }
        String separator = realm.getRawQuery() == null ? "?" : "&";
        return request.uri(URI.create(realm + (query.isEmpty() ? "" : separator + query)))
                .GET()
                .build();
    }

    private static void parameter(StringBuilder query, String name, String value) {
        if (value != null) {
            query.append(query.isEmpty() ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }
}
