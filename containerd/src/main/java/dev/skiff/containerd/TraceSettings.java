package dev.skiff.containerd;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where traces go: the variables of OpenTelemetry that mean something here, which the daemon has from containerd.
 *
 * @param endpoint takes spans by HTTP
 * @param json whether it takes them as JSON, not as protocol buffers
 * @param service what the daemon is called there
 * @param headers of each request
 */
record TraceSettings(URI endpoint, boolean json, String service, Map<String, String> headers) {
    private static final String OTLP = "OTEL_EXPORTER_OTLP_";

    /**
     * Reads the environment.
     *
     * @return empty if no traces are wanted
     * @throws IllegalArgumentException if they are wanted in a way that there is not
     */
    static Optional<TraceSettings> of(Map<String, String> environment) {
        boolean isOff = "true".equalsIgnoreCase(environment.get("OTEL_SDK_DISABLED"))
                || "none".equals(environment.get("OTEL_TRACES_EXPORTER"));
        Optional<String> own = variable(environment, OTLP + "TRACES_ENDPOINT");
        Optional<String> common = variable(environment, OTLP + "ENDPOINT");
        if (isOff || (own.isEmpty() && common.isEmpty())) {
            return Optional.empty();
        }
        String endpoint = own.orElseGet(() -> common.get().replaceFirst("/+$", "") + "/v1/traces");
        return Optional.of(new TraceSettings(
                http(endpoint),
                isJson(of(environment, "PROTOCOL").orElse("http/protobuf")),
                variable(environment, "OTEL_SERVICE_NAME").orElse("skiff"),
                headers(of(environment, "HEADERS").orElse(""))));
    }

    /** What is said of traces, or else of all. */
    private static Optional<String> of(Map<String, String> environment, String name) {
        return variable(environment, OTLP + "TRACES_" + name).or(() -> variable(environment, OTLP + name));
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    private static URI http(String text) {
        URI uri = URI.create(text);
        boolean isHttp = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!isHttp || uri.getHost() == null) {
            throw new IllegalArgumentException("an endpoint is a URL of HTTP, not " + text);
        }
        return uri;
    }

    private static boolean isJson(String protocol) {
        return switch (protocol) {
            case "http/protobuf" -> false;
            case "http/json" -> true;
            default ->
                throw new IllegalArgumentException("the protocol is http/protobuf or http/json, not " + protocol);
        };
    }

    /** As W3C Baggage has them: {@code key=value,key=value}, with percent signs. */
    private static Map<String, String> headers(String text) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String pair : text.split(",")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String value = pair.substring(equals + 1).strip().replace("+", "%2B");
                headers.put(pair.substring(0, equals).strip(), URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        return headers;
    }
}
