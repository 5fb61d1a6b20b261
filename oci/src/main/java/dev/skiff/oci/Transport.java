package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;

/**
 * Makes requests to registries: says who asks when it is wanted, follows redirects without taking credentials along, tries again
 * what may succeed later. Thread-safe.
 */
final class Transport implements AutoCloseable {
    static final String USER_AGENT = "skiff/" + version();
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_CONNECTION_ATTEMPTS = 3;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    /** A registry that asks for more patience is told of instead. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

    static {
        // The default of 16 KiB has threads change over more often than a large blob needs.
        if (System.getProperty("jdk.httpclient.bufsize") == null) {
            System.setProperty("jdk.httpclient.bufsize", String.valueOf(256 << 10));
        }
        // Proxies may ask for a password before they connect us to a TLS server; the JDK by default does not answer.
        if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
            System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        }
    }

    private final RegistryOptions options;
    private final EnvironmentProxies proxies;
    /** Reading the authorities takes longer than many a request. */
    private final Once<HttpClient> secure;

    private final Once<HttpClient> clear;
    private final Map<String, Boolean> plain = new ConcurrentHashMap<>();
    private final Tokens tokens;

    Transport(RegistryOptions options) {
        this.options = options;
        proxies = new EnvironmentProxies(options.environment());
        secure = new Once<>(() -> client(Trust.context(options.authorities())));
        clear = new Once<>(() -> client(Trust.nobody()));
        tokens = new Tokens(this);
    }

    private HttpClient client(SSLContext trust) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .proxy(proxies)
                .authenticator(proxies.authenticator())
                .sslContext(trust)
                .build();
    }

    private HttpClient client(URI uri) {
        return uri.getScheme().equals("https") ? secure.get() : clear.get();
    }

    /** Makes a request as it is. */
    HttpResponse<InputStream> exchange(HttpRequest request) throws IOException {
        try {
            return client(request.uri()).send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static String version() {
        return Optional.ofNullable(Transport.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    RegistryOptions options() {
        return options;
    }

    /**
     * Makes a request.
     *
     * @param whose whose credentials are meant
     * @return an answer with an expected status, whose body must be closed
     * @throws OciException if there is none
     */
    HttpResponse<InputStream> send(Call call, Reference whose, TransferListener listener) {
        int most = Math.min(call.attempts(), options.attempts());
        for (int attempt = 1; ; attempt++) {
            OciException failure;
            Duration wait = backOff(attempt);
            try {
                Answer answer = answer(call, whose);
                if (call.expected().contains(answer.response.statusCode())) {
                    return answer.response;
                }
                int status = answer.response.statusCode();
                Optional<Duration> asked = Failures.retryAfter(answer.response.headers());
                failure = Failures.of(call, answer.response, answer.anonymous);
                boolean patient = asked.map(time -> time.compareTo(LONGEST_RETRY_AFTER) <= 0)
                        .orElse(true);
                if (!isWorthRepeating(status) || !patient) {
                    throw failure;
                }
                wait = asked.filter(time -> time.compareTo(backOff(1)) > 0).orElse(wait);
            } catch (IOException e) {
                failure = Failures.of(call, e);
                boolean never = failure.problem() == Problem.TLS || Failures.isUnknownHost(e);
                boolean connecting = e instanceof java.net.ConnectException;
                if (never || connecting && attempt >= MAX_CONNECTION_ATTEMPTS) {
                    throw failure;
                }
            }
            if (attempt >= most) {
                throw failure;
            }
            listener.note(failure.getMessage() + "; trying again");
            sleep(wait);
        }
    }

    private static boolean isWorthRepeating(int status) {
        return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
    }

    /** Whether a registry of this machine speaks no TLS. */
    boolean isPlain(String host) {
        return plain.computeIfAbsent(host, PlainProbe::isPlain);
    }

    /** How long to wait behind an attempt: longer each time, and not all at once. */
    Duration backOff(int attempt) {
        long longest = Math.min(options.backOff().toMillis() << Math.min(attempt - 1, 10), LONGEST_WAIT.toMillis());
        return Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
    }

    static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static OciException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new OciException(Problem.UNREACHABLE, "interrupted", e);
    }

    private record Answer(HttpResponse<InputStream> response, boolean anonymous) {}

    /** One attempt: with a token as soon as the registry wants one. */
    private Answer answer(Call call, Reference whose) throws IOException {
        Optional<String> authorization = tokens.header(call);
        HttpResponse<InputStream> response = follow(call, authorization);
        if (response.statusCode() != 401) {
            return new Answer(response, authorization.isEmpty());
        }
        List<Challenge> challenges = Challenge.parse(response.headers().allValues("www-authenticate"));
        Credentials credentials = options.credentials().find(whose.registry(), whose.repository());
        boolean anonymous = credentials instanceof Credentials.Anonymous;
        Optional<String> better = tokens.answer(call, challenges, credentials, authorization);
        if (better.isEmpty()) {
            return new Answer(response, anonymous);
        }
        response.body().close();
        return new Answer(follow(call, better), anonymous);
    }

    private HttpResponse<InputStream> follow(Call call, Optional<String> authorization) throws IOException {
        URI uri = call.uri();
        Optional<String> credentials = authorization;
        for (int hops = 0; ; hops++) {
            HttpResponse<InputStream> response = exchange(call, uri, credentials);
            boolean redirect = response.statusCode() >= 301 && response.statusCode() <= 308;
            Optional<String> location = response.headers().firstValue("location");
            boolean reads = call.method().equals("GET") || call.method().equals("HEAD");
            if (!redirect || !reads || location.isEmpty() || call.expected().contains(response.statusCode())) {
                return response;
            }
            response.body().close();
            URI next = next(call, uri, location.get());
            if (hops == MAX_REDIRECTS) {
                throw new OciException(
                        Problem.SERVER, "cannot " + call.doing() + ": more than " + MAX_REDIRECTS + " redirects");
            }
            if (!next.getAuthority().equals(uri.getAuthority())
                    || !next.getScheme().equals(uri.getScheme())) {
                credentials = Optional.empty();
            }
            uri = next;
        }
    }

    private static URI next(Call call, URI from, String location) {
        try {
            URI next = from.resolve(new URI(location));
            boolean web = "https".equals(next.getScheme())
                    || "http".equals(next.getScheme()) && from.getScheme().equals("http");
            if (web && next.getHost() != null) {
                return next;
            }
        } catch (java.net.URISyntaxException e) {
            // Said below.
        }
        throw new OciException(
                Problem.SERVER,
                "cannot " + call.doing() + ": " + from.getAuthority() + " redirects to " + location
                        + ", which is not safe to follow");
    }

    private HttpResponse<InputStream> exchange(Call call, URI uri, Optional<String> authorization) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(call.timeout())
                .header("User-Agent", USER_AGENT)
                .method(
                        call.method(),
                        call.body().isPresent() ? call.body().get().get() : BodyPublishers.noBody());
        call.headers().forEach(request::header);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return exchange(request.build());
    }

    @Override
    public void close() {
        for (Once<HttpClient> either : List.of(secure, clear)) {
            either.ifMade(client -> {
                client.shutdownNow();
                client.close();
            });
        }
    }
}
