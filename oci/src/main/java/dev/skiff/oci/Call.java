package dev.skiff.oci;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A request to a registry.
 *
 * @param method such as GET
 * @param uri where to
 * @param headers beyond those that all requests have
 * @param body makes what is sent, for each attempt anew
 * @param scopes what a token must allow (distribution specification, token authentication)
 * @param expected the statuses that are no failure
 * @param doing what is being done, for messages: "get the manifest of ..."
 * @param timeout how long the answer may take to begin
 * @param attempts how often it is tried; 1 for what cannot be repeated
 * @param sending says how much of a large body was taken, so that it is noticed when nothing is any more
 */
record Call(
        String method,
        URI uri,
        Map<String, String> headers,
        Optional<Supplier<BodyPublisher>> body,
        List<String> scopes,
        Set<Integer> expected,
        String doing,
        Duration timeout,
        int attempts,
        Optional<Sending> sending) {
    /** How far a body is. Thread-safe. */
    interface Sending {
        /** Bytes that were taken; it changes while some are. */
        long position();

        /** Whether all was taken. */
        boolean isDone();

        /** How long the registry may need at most to look at all of it. */
        Duration digestion();
    }

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    static Call of(String method, URI uri, List<String> scopes, String doing) {
        return new Call(
                method,
                uri,
                Map.of(),
                Optional.empty(),
                scopes,
                Set.of(200),
                doing,
                TIMEOUT,
                Integer.MAX_VALUE,
                Optional.empty());
    }

    Call header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Call(method, uri, more, body, scopes, expected, doing, timeout, attempts, sending);
    }

    Call body(Supplier<BodyPublisher> content) {
        return new Call(
                method, uri, headers, Optional.of(content), scopes, expected, doing, timeout, attempts, sending);
    }

    Call expect(Integer... statuses) {
        return new Call(method, uri, headers, body, scopes, Set.of(statuses), doing, timeout, attempts, sending);
    }

    Call within(Duration time) {
        return new Call(method, uri, headers, body, scopes, expected, doing, time, attempts, sending);
    }

    Call once() {
        return new Call(method, uri, headers, body, scopes, expected, doing, timeout, 1, sending);
    }

    Call at(URI other) {
        return new Call(method, other, headers, body, scopes, expected, doing, timeout, attempts, sending);
    }

    Call watching(Sending progress) {
        return new Call(method, uri, headers, body, scopes, expected, doing, timeout, attempts, Optional.of(progress));
    }
}
