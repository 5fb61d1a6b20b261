package dev.skiff.containerd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.skiff.containerd.Collector.Received;
import dev.skiff.containerd.RpcException.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spans, and where they go. */
@Timeout(60)
class SpanTracingTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";

    private static SpanTracing tracing(String url, String... more) {
        Map<String, String> environment = new HashMap<>(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", url));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return SpanTracing.start(TraceSettings.of(environment).orElseThrow(), "1.0");
    }

    private static String call(Tracing tracing, Map<String, String> metadata) {
        return tracing.trace("a call", metadata, () -> {
            long begin = System.nanoTime();
            CallTrace.current().attribute("id", "x".repeat(1000));
            CallTrace.current().part("a part", begin, System.nanoTime(), Map.of("kept", "true"));
            return "answer";
        });
    }

    @Test
    void aCallIsASpanAndItsPartsAreItsChildren() throws IOException {
        try (Collector collector = new Collector(200)) {
            try (SpanTracing tracing = tracing(
                    collector.url(),
                    "OTEL_SERVICE_NAME",
                    "node-1",
                    "OTEL_EXPORTER_OTLP_HEADERS",
                    "Authorization=Bearer%20x")) {
                assertThat(call(tracing, Map.of("traceparent", "00-" + TRACE + "-" + PARENT + "-01")))
                        .isEqualTo("answer");
            }
            assertThat(CallTrace.current()).isSameAs(CallTrace.NONE);
            assertThat(collector.requests())
                    .allMatch(request -> request.path().equals("/v1/traces")
                            && request.type().equals("application/x-protobuf")
                            && request.authorization().equals("Bearer x"));
            assertThat(collector.spans()).extracting(Received::name).containsExactlyInAnyOrder("a part", "a call");
            Received part = collector.await("a part", "kept", "true").getFirst();
            Received call = collector.await("a call", "id", "x".repeat(300)).getFirst();
            assertThat(call.service()).isEqualTo("node-1");
            assertThat(call.trace()).isEqualTo(TRACE).isEqualTo(part.trace());
            assertThat(call.parent()).isEqualTo(PARENT);
            assertThat(part.parent()).isEqualTo(call.id());
            assertThat(call.begin()).isPositive().isLessThanOrEqualTo(call.end());
            assertThat(part.begin()).isBetween(call.begin(), part.end());
            assertThat(part.end()).isLessThanOrEqualTo(call.end());
            assertThat(call.isError()).isFalse();
        }
    }

    @Test
    void aCallThatFailsSaysSoAndOneThatNobodyWantsToSeeIsNotSent() throws IOException {
        try (Collector collector = new Collector(200)) {
            try (SpanTracing tracing = tracing(collector.url())) {
                assertThatExceptionOfType(RpcException.class)
                        .isThrownBy(() -> tracing.trace("fails", Map.of("traceparent", "nonsense"), () -> {
                            throw new RpcException(Code.NOT_FOUND, "there is none");
                        }))
                        .withMessage("there is none");
                call(tracing, Map.of("traceparent", "00-" + TRACE + "-" + PARENT + "-00"));
            }
            assertThat(collector.spans()).singleElement().satisfies(span -> {
                assertThat(span.name()).isEqualTo("fails");
                assertThat(span.isError()).isTrue();
                assertThat(span.parent()).isEmpty();
            });
        }
    }

    @Test
    void spansAreSentAsJsonWhereThatIsWanted() throws IOException {
        try (Collector collector = new Collector(200)) {
            try (SpanTracing tracing = tracing(collector.url(), "OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")) {
                call(tracing, Map.of("traceparent", "00-" + TRACE + "-" + PARENT + "-01"));
            }
            Collector.Raw request = collector.requests().getFirst();
            assertThat(request.type()).isEqualTo("application/json");
            JsonObject json =
                    JsonParser.parseString(new String(request.body(), UTF_8)).getAsJsonObject();
            JsonObject span = Json.elements(
                            Json.elements(
                                            Json.elements(json, "resourceSpans")
                                                    .getFirst()
                                                    .getAsJsonObject(),
                                            "scopeSpans")
                                    .getFirst()
                                    .getAsJsonObject(),
                            "spans")
                    .getFirst()
                    .getAsJsonObject();
            assertThat(Json.text(span, "traceId")).contains(TRACE);
        }
    }

    @Test
    void callsGoOnWhereNobodyTakesTheirSpans() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Collector refuses = new Collector(503)) {
            // Neither is closed in order: that would wait for the spans.
            Tracing toSilent = tracing("http://127.0.0.1:" + silent.getLocalPort());
            Tracing toRefusing = tracing(refuses.url());
            for (int i = 0; i < 20_000; i++) {
                call(toSilent, Map.of());
                call(toRefusing, Map.of());
            }
            Containerd.until("one is refused", () -> !refuses.requests().isEmpty());
        }
    }
}
