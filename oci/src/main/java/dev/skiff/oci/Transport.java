package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Makes requests to registries: says who asks when it is wanted, follows redirects without taking credentials along, tries again
 * what may succeed later. Thread-safe.
 */
final class Transport implements AutoCloseable {
    static final String USER_AGENT = "skiff/" + version();
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_CONNECTION_ATTEMPTS = 3;
    private static final int STALLS_BEFORE_AN_ANSWER = 4;
    private static final Duration LONGEST_END = Duration.ofSeconds(2);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

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
        // A file that cannot be used is told of at once, though it is read in full only for TLS.
        options.authorities().forEach(Trust::check);
        tokens = new Tokens((call, uri) -> exchange(call, uri, Optional.empty()));
    }

    private HttpClient client(SSLContext trust) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .proxy(proxies)
                .sslContext(trust)
                .build();
    }

    private HttpClient client(URI uri) {
        return uri.getScheme().equals("https") ? secure.get() : clear.get();
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
    HttpResponse<InputStream> send(Call call, Endpoint whose, TransferListener listener) {
        for (int attempt = 1; ; attempt++) {
            try {
                Answer answer = answer(call, whose);
                if (call.expected().contains(answer.response.statusCode())) {
                    return answer.response;
                }
                throw Failures.passing(call, answer.response, answer.anonymous);
            } catch (IOException e) {
                OciException failure = Failures.of(call, e);
                if (attempt >= most(call, failure, e)) {
                    throw failure;
                }
                Duration wait = backOff(attempt);
                if (e instanceof PassingException passing) {
                    wait = passing.patience()
                            .filter(time -> time.compareTo(backOff(1)) > 0)
                            .orElse(wait);
                }
                listener.note(failure.getMessage() + "; trying again");
                sleep(wait);
            }
        }
    }

    /** How often a request is made that fails like this. */
    private int most(Call call, OciException failure, IOException e) {
        if (failure.problem() == Problem.TLS || Failures.isUnknownHost(e)) {
            return 1;
        }
        if (failure.problem() == Problem.RATE_LIMITED) {
            // What was refused has not been done, and so can be asked for again in any case.
            return options.attempts();
        }
        int most = Math.min(call.attempts(), options.attempts());
        return Failures.isRefused(e) ? Math.min(most, MAX_CONNECTION_ATTEMPTS) : most;
    }

    /** Whether a registry of this machine speaks no TLS. */
    boolean isPlain(String host) {
        Boolean known = plain.get(host);
        if (known != null) {
            return known;
        }
        Optional<Boolean> found = PlainProbe.isPlain(host);
        // Perhaps nobody listens yet.
        found.ifPresent(value -> plain.put(host, value));
        return found.orElse(false);
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
    private Answer answer(Call call, Endpoint whose) throws IOException {
        Optional<String> authorization = tokens.header(call);
        HttpResponse<InputStream> response = follow(call, authorization);
        // Another host, where a redirect led, is not to know who asks.
        if (response.statusCode() != 401 || !response.uri().getAuthority().equals(whose.host())) {
            return new Answer(response, authorization.isEmpty());
        }
        List<Challenge> challenges = Challenge.parse(response.headers().allValues("www-authenticate"));
        // A mirror is a registry of its own, and must not see the credentials for the one that it copies.
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
            HttpResponse<InputStream> response;
            try {
                response = exchange(call, uri, credentials);
            } catch (IOException e) {
                throw hops == 0 ? e : new PassingException(Failures.of(call.at(uri), e), Optional.empty());
            }
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
        return Endpoint.safe(from, location)
                .orElseThrow(() -> new OciException(
                        Problem.SERVER,
                        "cannot " + call.doing() + ": " + from.getAuthority() + " redirects to " + location
                                + ", which is not safe to follow"));
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
        proxies.authorization(uri).ifPresent(value -> request.header("Proxy-Authorization", value));
        CompletableFuture<HttpResponse<InputStream>> answer = client(uri).sendAsync(request.build(), guarded());
        try {
            return await(answer, call, uri);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw interrupted(e);
        }
    }

    /** Waits for an answer, but not for somebody who takes nothing of what is sent. */
    private HttpResponse<InputStream> await(CompletableFuture<HttpResponse<InputStream>> answer, Call call, URI uri)
            throws IOException, InterruptedException {
        try {
            if (call.sending().isEmpty()) {
                return answer.get();
            }
            Call.Sending sending = call.sending().get();
            // All that is left may be on its way, and has to be looked at there.
            Duration last = options.stall().multipliedBy(STALLS_BEFORE_AN_ANSWER);
            Duration still = Duration.ZERO;
            while (true) {
                long before = sending.position();
                try {
                    return answer.get(options.stall().toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    boolean moved = sending.position() != before;
                    still = moved ? Duration.ZERO : still.plus(options.stall());
                    Duration patience = sending.isDone() ? last.plus(sending.digestion()) : Duration.ZERO;
                    if (still.compareTo(patience) > 0) {
                        answer.cancel(true);
                        throw new StallGuard.StalledException(
                                uri.getAuthority() + " took nothing for " + StallGuard.text(still));
                    }
                }
            }
        } catch (ExecutionException e) {
            IOException failure = e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
            Optional<String> proxy = proxies.name(uri);
            if (proxy.isPresent() && Failures.isRefused(failure)) {
                throw new PassingException(Failures.ofProxy(call, proxy.get(), failure), Optional.empty());
            }
            throw failure;
        }
    }

    private BodyHandler<InputStream> guarded() {
        return head ->
                BodySubscribers.mapping(BodySubscribers.ofInputStream(), body -> new StallGuard(body, options.stall()));
    }

    /** Ends all requests. Does not wait long for them: a request that was given up must not hold up who is done. */
    @Override
    public void close() {
        for (Once<HttpClient> either : List.of(secure, clear)) {
            either.ifMade(Transport::end);
        }
    }

    private static void end(HttpClient client) {
        client.shutdownNow();
        try {
            if (!client.awaitTermination(LONGEST_END)) {
                client.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
