package dev.skiff.oci.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Gives out bearer tokens for a {@link TestRegistry} as the distribution project's specifications "Token Authentication" and "OAuth2
 * Token Authentication" say: GET with basic authentication or none, and POST with a password or a refresh token. Who is not known is
 * refused; who may do less than was asked for gets a token for that. Thread-safe.
 */
public final class TokenServer implements AutoCloseable {
    static final String SERVICE = "test-registry";
    static final String ISSUER = "test-issuer";

    private static final String ANONYMOUS = "";

    /** Which names the token has in the answer; servers differ. */
    public enum Naming {
        /** {@code token}, the older name. */
        TOKEN,
        /** {@code access_token}, OAuth2's name. */
        ACCESS_TOKEN,
        /** Both names. */
        BOTH
    }

    private record Reply(int status, Map<String, Object> body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TokenSigner signer = new TokenSigner();
    private final Map<String, String> passwords = new ConcurrentHashMap<>();
    private final Map<String, Map<String, List<String>>> grants = new ConcurrentHashMap<>();
    private final Map<String, String> refreshTokens = new ConcurrentHashMap<>();
    private final List<TokenRequest> requests = new CopyOnWriteArrayList<>();
    private volatile Duration lifetime = Duration.ofMinutes(5);
    private volatile Naming naming = Naming.BOTH;

    private TokenServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/token", this::handle);
        server.start();
    }

    /** A server that knows nobody yet. */
    public static TokenServer start() {
        try {
            return new TokenServer();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a token server", e);
        }
    }

    /** Makes a user known. */
    public TokenServer user(String name, String password) {
        passwords.put(name, password);
        return this;
    }

    /**
     * Allows a user something.
     *
     * @param resource such as {@code repository:tools/hello} or {@code registry:catalog}
     * @param actions such as {@code pull}, {@code push}, {@code delete}
     */
    public TokenServer allow(String user, String resource, String... actions) {
        grants.computeIfAbsent(user, name -> new ConcurrentHashMap<>()).put(resource, List.of(actions));
        return this;
    }

    /** Allows it to everybody who does not say who he is. */
    public TokenServer allowAnonymous(String resource, String... actions) {
        return allow(ANONYMOUS, resource, actions);
    }

    /** A refresh token ({@code identitytoken} in Docker's configuration) for a user. */
    public String refreshToken(String user) {
        String token = UUID.randomUUID().toString();
        refreshTokens.put(token, user);
        return token;
    }

    /**
     * How long tokens are valid from now on; at first five minutes. The registry tolerates clocks that differ by a minute, so a token
     * that it refuses has a lifetime below minus a minute.
     */
    public TokenServer lifetime(Duration time) {
        lifetime = time;
        return this;
    }

    /** Which names the token has in answers from now on; at first both. */
    public TokenServer naming(Naming names) {
        naming = names;
        return this;
    }

    /** Where clients are sent by the registry's challenge. */
    public URI realm() {
        return URI.create("http://" + address() + "/token");
    }

    /** Host and port, such as {@code 127.0.0.1:40124}. */
    public String address() {
        return server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    /** What has been asked so far, in the order of the answers. */
    public List<TokenRequest> requests() {
        return List.copyOf(requests);
    }

    /** Whose signature the registry has to trust. */
    Identity signer() {
        return signer.identity();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Optional<String> authorization =
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
            String method = exchange.getRequestMethod();
            String query =
                    Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
            TokenRequest request =
                    new TokenRequest(method, parameters(method.equals("POST") ? sent : query), authorization, 0);
            Reply reply = answer(request);
            requests.add(new TokenRequest(method, request.parameters(), authorization, reply.status()));
            byte[] body = JsonText.of(reply.body());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(reply.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Reply answer(TokenRequest request) {
        Optional<String> user = switch (request.method()) {
            case "GET" -> request.authorization().map(this::basicUser).orElse(Optional.of(ANONYMOUS));
            case "POST" -> formUser(request);
            default -> Optional.empty();
        };
        if (user.isEmpty()) {
            return new Reply(401, Map.of("details", "incorrect username or password"));
        }
        if (!request.parameter("service").equals(Optional.of(SERVICE))) {
            return new Reply(400, Map.of("details", "tokens are for the service " + SERVICE));
        }
        return new Reply(200, token(user.get(), request));
    }

    private Optional<String> basicUser(String authorization) {
        if (!authorization.startsWith("Basic ")) {
            return Optional.empty();
        }
        byte[] pair = Base64.getDecoder().decode(authorization.substring("Basic ".length()));
        String[] parts = new String(pair, StandardCharsets.UTF_8).split(":", 2);
        return parts.length == 2 ? checked(parts[0], parts[1]) : Optional.empty();
    }

    private Optional<String> formUser(TokenRequest request) {
        return switch (request.parameter("grant_type").orElse("")) {
            case "refresh_token" -> request.parameter("refresh_token").map(refreshTokens::get);
            case "password" ->
                checked(
                        request.parameter("username").orElse(""),
                        request.parameter("password").orElse(""));
            default -> Optional.empty();
        };
    }

    private Optional<String> checked(String user, String password) {
        return password.equals(passwords.get(user)) ? Optional.of(user) : Optional.empty();
    }

    private Map<String, Object> token(String user, TokenRequest request) {
        Instant now = Instant.now();
        List<Object> access = new ArrayList<>();
        List<String> granted = new ArrayList<>();
        for (String scope : request.scopes()) {
            int actions = scope.lastIndexOf(':');
            int name = scope.indexOf(':');
            if (name < 0 || name == actions) {
                continue;
            }
            List<String> allowed =
                    new ArrayList<>(List.of(scope.substring(actions + 1).split(",")));
            allowed.retainAll(grants.getOrDefault(user, Map.of()).getOrDefault(scope.substring(0, actions), List.of()));
            if (!allowed.isEmpty()) {
                granted.add(scope.substring(0, actions + 1) + String.join(",", allowed));
                access.add(Map.of(
                        "type", scope.substring(0, name),
                        "name", scope.substring(name + 1, actions),
                        "actions", allowed));
            }
        }
        String token = signer.sign(JsonText.of(Map.of(
                "iss",
                ISSUER,
                "sub",
                user,
                "aud",
                SERVICE,
                "iat",
                now.getEpochSecond(),
                "nbf",
                now.minusSeconds(600).getEpochSecond(),
                "exp",
                now.plus(lifetime).getEpochSecond(),
                "jti",
                UUID.randomUUID().toString(),
                "access",
                access)));
        Map<String, Object> answer = new LinkedHashMap<>();
        if (naming != Naming.ACCESS_TOKEN) {
            answer.put("token", token);
        }
        if (naming != Naming.TOKEN) {
            answer.put("access_token", token);
        }
        answer.put("scope", String.join(" ", granted));
        answer.put("expires_in", Math.max(0, lifetime.toSeconds()));
        answer.put("issued_at", now.toString());
        boolean offline = request.parameter("offline_token").equals(Optional.of("true"))
                || request.parameter("access_type").equals(Optional.of("offline"));
        if (offline && !user.equals(ANONYMOUS)) {
            answer.put("refresh_token", refreshToken(user));
        }
        return answer;
    }

    private static Map<String, List<String>> parameters(String encoded) {
        Map<String, List<String>> parameters = new HashMap<>();
        for (String pair : encoded.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String name = URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
                String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                parameters.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
            }
        }
        return parameters;
    }

    /** Stops it. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
