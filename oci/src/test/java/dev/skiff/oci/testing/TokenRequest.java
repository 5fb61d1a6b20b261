package dev.skiff.oci.testing;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request that a {@link TokenServer} answered.
 *
 * @param method {@code GET}, or {@code POST} for the OAuth2 form
 * @param parameters of the query, or of the form
 * @param authorization the header {@code Authorization}
 * @param status what was answered
 */
public record TokenRequest(
        String method, Map<String, List<String>> parameters, Optional<String> authorization, int status) {

    /** The first value of a parameter. */
    public Optional<String> parameter(String name) {
        return parameters.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** Each scope that was asked for, as in {@code repository:tools/hello:pull}. */
    public List<String> scopes() {
        return parameters.getOrDefault("scope", List.of()).stream()
                .flatMap(value -> List.of(value.split(" ")).stream())
                .filter(scope -> !scope.isEmpty())
                .toList();
    }
}
