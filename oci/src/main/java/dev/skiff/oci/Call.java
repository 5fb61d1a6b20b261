package dev.skiff.oci;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A request to a registry.
 *
 * @param method such as GET
 * @param uri where to
 * @param headers beyond those that all requests have
 * @param body what is sent
 * @param scopes what a token must allow (distribution specification, token authentication)
 * @param expected the statuses that are no failure
 * @param doing what is being done, for messages: "get the manifest of ..."
 * @param timeout how long the answer may take to begin when all is sent
 * @param attempts how often it is tried; 1 for what cannot be repeated
 */
record Call(
        String method,
        URI uri,
        Map<String, String> headers,
        Optional<Body> body,
        List<String> scopes,
        Set<Integer> expected,
        String doing,
        Duration timeout,
        int attempts) {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    static Call of(String method, URI uri, List<String> scopes, String doing) {
        return new Call(
                method, uri, Map.of(), Optional.empty(), scopes, Set.of(200), doing, TIMEOUT, Integer.MAX_VALUE);
    }

    Call header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Call(method, uri, more, body, scopes, expected, doing, timeout, attempts);
    }

    Call body(Body content) {
        return new Call(method, uri, headers, Optional.of(content), scopes, expected, doing, timeout, attempts);
    }

    Call expect(Integer... statuses) {
        return new Call(method, uri, headers, body, scopes, Set.of(statuses), doing, timeout, attempts);
    }

    Call within(Duration time) {
        return new Call(method, uri, headers, body, scopes, expected, doing, time, attempts);
    }

    Call once() {
        return new Call(method, uri, headers, body, scopes, expected, doing, timeout, 1);
    }

    Call at(URI other) {
        return new Call(method, other, headers, body, scopes, expected, doing, timeout, attempts);
    }
}
