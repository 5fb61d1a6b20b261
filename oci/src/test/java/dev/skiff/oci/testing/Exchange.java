package dev.skiff.oci.testing;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request that went through a {@link FaultProxy}, and what became of it so far.
 *
 * @param method such as {@code GET}
 * @param path with the query
 * @param headers of the request, by names in any case
 * @param status that the client was sent; 0 if none was
 * @param requestBytes how much of the request's body was passed on
 * @param responseBytes how much of a body the client was sent
 */
public record Exchange(
        String method,
        String path,
        Map<String, List<String>> headers,
        int status,
        long requestBytes,
        long responseBytes) {

    /** The first value of a header of the request. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }
}
