package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
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

    private final Map<String, String> headers = new ConcurrentHashMap<>();

    /** Makes one request. */
    interface Sender {
        Answer send(Call call, URI uri) throws IOException;
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
     * @param sender makes the requests that this takes
     * @return what to send; empty if there is nothing better than what was sent
     */
    Optional<String> answer(
            Call call, List<Challenge> challenges, Credentials credentials, Optional<String> sent, Sender sender)
            throws IOException {
        Optional<String> header = Optional.empty();
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("bearer")) {
                header = Optional.of("Bearer " + token(call, challenge, credentials, sender));
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

    private String token(Call call, Challenge challenge, Credentials credentials, Sender sender) throws IOException {
        if (credentials instanceof Credentials.Bearer bearer) {
            return bearer.token();
        }
        URI realm = realm(call, challenge);
        String doing = "get a token of " + realm.getAuthority() + " to " + call.doing();
        Call asked = request(realm, doing, challenge, call.scopes(), credentials);
        try {
            Answer answer = sender.send(asked, asked.uri());
            if (answer.status() != 200) {
                throw Failures.passing(asked, answer, credentials instanceof Credentials.Anonymous);
            }
            try (InputStream in = answer.body()) {
                JsonObject json = Json.object(in.readNBytes(MAX_ANSWER), "the answer of " + realm);
                return json.text("token")
                        .filter(Tokens::isToken)
                        .or(() -> json.text("access_token").filter(Tokens::isToken))
                        .orElseThrow(() -> new OciException(
                                Problem.UNAUTHORIZED, "cannot " + doing + ": the answer has no token"));
            }
        } catch (IOException e) {
            throw new PassingException(Failures.of(asked, e), wait(e));
        }
    }

    private static Optional<Duration> wait(IOException e) {
        return e instanceof PassingException passing ? passing.patience() : Optional.empty();
    }

    private static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    /** Who can answer for the registry must be as safe from listeners as the registry itself. */
    private static URI realm(Call call, Challenge challenge) {
        String text = challenge.parameters().getOrDefault("realm", "");
        try {
            URI realm = new URI(text);
            boolean plain = "http".equals(realm.getScheme());
            boolean place = realm.getHost() != null && realm.getPort() <= 65_535 && realm.getRawFragment() == null;
            if (place && (plain || "https".equals(realm.getScheme()))) {
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

    private static Call request(
            URI realm, String doing, Challenge challenge, List<String> scopes, Credentials credentials) {
        StringBuilder query = new StringBuilder();
        parameter(query, "service", challenge.parameters().get("service"));
        scopes(challenge, scopes).forEach(scope -> parameter(query, "scope", scope));
        if (credentials instanceof Credentials.RefreshToken refresh) {
            parameter(query, "grant_type", "refresh_token");
            parameter(query, "client_id", "skiff");
            parameter(query, "refresh_token", refresh.token());
            return Call.of("POST", realm, scopes, doing)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .body(Body.of(query.toString().getBytes(StandardCharsets.US_ASCII)));
        }
        if (credentials instanceof Credentials.Basic basic) {
            parameter(query, "account", basic.user());
        }
        String separator = realm.getRawQuery() == null ? "?" : "&";
        URI uri = URI.create(realm + (query.isEmpty() ? "" : separator + query));
        Call call = Call.of("GET", uri, scopes, doing);
        return credentials instanceof Credentials.Basic basic ? call.header("Authorization", basic.header()) : call;
    }

    /** What the token is to allow: as we say it where the registry speaks of the same, who knows less of what comes next. */
    private static List<String> scopes(Challenge challenge, List<String> ours) {
        String asked = challenge.parameters().getOrDefault("scope", "");
        String resource = asked.substring(0, asked.lastIndexOf(':') + 1);
        boolean same = ours.stream().anyMatch(scope -> !resource.isEmpty() && scope.startsWith(resource));
        return asked.isEmpty() || same || ours.size() > 1 ? ours : List.of(asked);
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
