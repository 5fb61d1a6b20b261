package dev.skiff.oci;

import dev.skiff.oci.EnvironmentProxies.Proxy;
import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes requests to registries: says who asks when it is wanted, follows redirects without taking credentials along, tries again
 * what may succeed later. Thread-safe.
 */
final class Transport implements AutoCloseable {
    static final String USER_AGENT = "skiff/" + version();
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_CONNECTION_ATTEMPTS = 3;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final RegistryOptions options;
    private final EnvironmentProxies proxies;
    private final Once<HttpConnections> verified;
    private final Once<HttpConnections> unverified;
    private final Map<String, Boolean> plain = new ConcurrentHashMap<>();
    private final Tokens tokens = new Tokens();

    Transport(RegistryOptions options) {
        this.options = options;
        proxies = new EnvironmentProxies(options.environment());
        Authorities authorities = new Authorities(options.authorities(), options.certificateFolders());
        verified = new Once<>(() -> new HttpConnections(authorities::of, proxies, options.stall()));
        unverified =
                new Once<>(() -> new HttpConnections((host, port) -> Trust.ANYBODY.get(), proxies, options.stall()));
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
    Answer send(Call call, Endpoint whose, TransferListener listener) {
        for (int attempt = 1; ; attempt++) {
            try {
                Told told = tell(call, whose);
                if (call.expected().contains(told.answer.status())) {
                    return told.answer;
                }
                throw Failures.passing(call, told.answer, told.anonymous);
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

    /** The address of something at a registry; asks it whether it speaks TLS if it may do without. */
    URI uri(Endpoint endpoint, String path) {
        boolean clear = switch (endpoint.access()) {
            case TLS -> false;
            case PLAIN -> true;
            case LOCAL, INSECURE -> isPlain(endpoint.host());
        };
        return Endpoint.uri(clear ? "http" : "https", endpoint.host(), path);
    }

    private boolean isPlain(String host) {
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

    private record Told(Answer answer, boolean anonymous) {}

    /** One attempt: with a token as soon as the registry wants one. */
    private Told tell(Call call, Endpoint whose) throws IOException {
        Optional<String> authorization = tokens.header(call);
        Answer answer = follow(call, authorization, whose);
        // Another host, where a redirect led, is not to know who asks.
        if (answer.status() != 401 || !answer.uri().getAuthority().equals(whose.host())) {
            return new Told(answer, authorization.isEmpty());
        }
        List<Challenge> challenges = Challenge.parse(answer.headers("www-authenticate"));
        // A mirror is a registry of its own, and must not see the credentials for the one that it copies.
        Credentials credentials = options.credentials().find(whose.registry(), whose.repository());
        boolean anonymous = credentials instanceof Credentials.Anonymous;
        Optional<String> better = tokens.answer(
                call,
                challenges,
                credentials,
                authorization,
                (asked, uri) -> exchange(asked, uri, Optional.empty(), whose));
        if (better.isEmpty()) {
            return new Told(answer, anonymous);
        }
        answer.close();
        return new Told(follow(call, better, whose), anonymous);
    }

    private Answer follow(Call call, Optional<String> authorization, Endpoint whose) throws IOException {
        URI uri = call.uri();
        Optional<String> credentials = authorization;
        for (int hops = 0; ; hops++) {
            Answer answer;
            try {
                answer = exchange(call, uri, credentials, whose);
            } catch (IOException e) {
                throw hops == 0 ? e : new PassingException(Failures.of(call.at(uri), e), Optional.empty());
            }
            boolean redirect = answer.status() >= 301 && answer.status() <= 308;
            Optional<String> location = answer.header("location");
            boolean reads = call.method().equals("GET") || call.method().equals("HEAD");
            if (!redirect || !reads || location.isEmpty() || call.expected().contains(answer.status())) {
                return answer;
            }
            answer.close();
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

    private Answer exchange(Call call, URI uri, Optional<String> authorization, Endpoint whose) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>(call.headers());
        headers.put("User-Agent", USER_AGENT);
        authorization.ifPresent(value -> headers.put("Authorization", value));
        Optional<Proxy> proxy = proxies.proxy(uri);
        if (uri.getScheme().equals("http")) {
            // Where there is TLS it would go through the tunnel, to somebody else.
            proxy.flatMap(Proxy::credentials).ifPresent(basic -> headers.put("Proxy-Authorization", basic.header()));
        }
        try {
            return (whose.vouched(uri) ? verified : unverified).get().exchange(call, uri, headers);
        } catch (IOException e) {
            if (proxy.isPresent() && Failures.isRefused(e)) {
                throw new PassingException(Failures.ofProxy(call, proxy.get().toString(), e), Optional.empty());
            }
            throw e;
        }
    }

    /** Ends all requests. */
    @Override
    public void close() {
        verified.ifMade(HttpConnections::close);
        unverified.ifMade(HttpConnections::close);
    }
}
