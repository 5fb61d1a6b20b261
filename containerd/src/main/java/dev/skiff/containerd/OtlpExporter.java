package dev.skiff.containerd;

import io.opentelemetry.exporter.internal.otlp.traces.TraceRequestMarshaler;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;

/** Sends spans over HTTP (OTLP/HTTP 1.x); what is not taken is lost. Thread-safe. */
final class OtlpExporter implements SpanExporter {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TraceSettings settings;
    private final HttpClient client;
    private final AtomicBoolean fails = new AtomicBoolean();

    OtlpExporter(TraceSettings settings) {
        this.settings = settings;
        client = HttpClient.newBuilder()
                .connectTimeout(PATIENCE)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** Waits for the answer; who calls is a thread for this alone. */
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        try {
            HttpResponse<Void> answer = client.send(request(spans), BodyHandlers.discarding());
            if (answer.statusCode() / 100 != 2) {
                throw new IOException("it answers with the status " + answer.statusCode());
            }
            fails.set(false);
            return CompletableResultCode.ofSuccess();
        } catch (IOException | RuntimeException e) {
            // Once, until it works again.
            if (!fails.getAndSet(true)) {
                Log.warn("traces do not reach " + settings.endpoint() + ": " + e);
            }
            return CompletableResultCode.ofFailure();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CompletableResultCode.ofFailure();
        }
    }

    private HttpRequest request(Collection<SpanData> spans) throws IOException {
        TraceRequestMarshaler message = TraceRequestMarshaler.create(spans);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (settings.json()) {
            message.writeJsonTo(body);
        } else {
            message.writeBinaryTo(body);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.endpoint())
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofByteArray(body.toByteArray()));
        settings.headers().forEach(request::setHeader);
        return request.setHeader("Content-Type", settings.json() ? "application/json" : "application/x-protobuf")
                .build();
    }

    /** Nothing waits here. */
    @Override
    public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        client.shutdownNow();
        return CompletableResultCode.ofSuccess();
    }
}
