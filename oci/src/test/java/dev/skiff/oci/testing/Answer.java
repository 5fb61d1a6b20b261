package dev.skiff.oci.testing;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An answer that does not come from the registry: a fault that a {@link FaultProxy} answers with, after it has read the request's
 * body.
 *
 * @param status of the response
 * @param headers of the response, without those of its length
 * @param body of the response
 */
public record Answer(int status, Map<String, String> headers, String body) implements Fault {

    /** An answer with a status alone. */
    public static Answer of(int status) {
        return new Answer(status, Map.of(), "");
    }

    /** An answer with the error body of the distribution specification, such as 403 with {@code DENIED}. */
    public static Answer error(int status, String code, String message) {
        String json = "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\",\"detail\":null}]}";
        return new Answer(status, Map.of("Content-Type", "application/json"), json);
    }

    /** 429, to be asked again after a time in whole seconds. */
    public static Answer tooManyRequests(Duration retryAfter) {
        return error(429, "TOOMANYREQUESTS", "slow down").with("Retry-After", Long.toString(retryAfter.toSeconds()));
    }

    /** A redirect to one address. */
    public static Answer redirect(int status, URI location) {
        return of(status).with("Location", location.toString());
    }

    /** The same with another header. */
    public Answer with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Answer(status, more, body);
    }

    /** The same with another body. */
    public Answer withBody(String other) {
        return new Answer(status, headers, other);
    }

    @Override
    public Optional<Answer> answer(String path) {
        return Optional.of(this);
    }
}
