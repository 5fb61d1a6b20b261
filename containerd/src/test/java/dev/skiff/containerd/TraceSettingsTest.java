package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The variables of OpenTelemetry. */
class TraceSettingsTest {
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

    @Test
    void withoutAnEndpointThereAreNoTraces() {
        assertThat(TraceSettings.of(Map.of())).isEmpty();
        assertThat(TraceSettings.of(Map.of(ENDPOINT, " ", "OTEL_SERVICE_NAME", "x")))
                .isEmpty();
        assertThat(TraceSettings.of(Map.of(ENDPOINT, "http://c:4318", "OTEL_SDK_DISABLED", "TRUE")))
                .isEmpty();
        assertThat(TraceSettings.of(Map.of(ENDPOINT, "http://c:4318", "OTEL_TRACES_EXPORTER", "none")))
                .isEmpty();
    }

    @Test
    void anEndpointForAllHasAPlaceForTraces() {
        assertThat(TraceSettings.of(Map.of(ENDPOINT, "http://c:4318/")))
                .contains(new TraceSettings(URI.create("http://c:4318/v1/traces"), false, "skiff", Map.of()));
    }

    @Test
    void whatIsSaidOfTracesCounts() {
        assertThat(TraceSettings.of(Map.of(
                        ENDPOINT,
                        "http://c:4318",
                        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                        "https://t/in",
                        "OTEL_EXPORTER_OTLP_PROTOCOL",
                        "grpc",
                        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                        "http/json",
                        "OTEL_EXPORTER_OTLP_HEADERS",
                        "Authorization=Basic%20eA==, x=a+b,",
                        "OTEL_SERVICE_NAME",
                        "node-1")))
                .contains(new TraceSettings(
                        URI.create("https://t/in"), true, "node-1", Map.of("Authorization", "Basic eA==", "x", "a+b")));
    }

    @Test
    void whatThereIsNotIsSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        TraceSettings.of(Map.of(ENDPOINT, "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))
                .withMessage("the protocol is http/protobuf or http/json, not grpc");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TraceSettings.of(Map.of(ENDPOINT, "collector:4318")))
                .withMessageContaining("a URL of HTTP");
    }
}
