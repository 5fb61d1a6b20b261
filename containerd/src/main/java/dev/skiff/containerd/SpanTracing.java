package dev.skiff.containerd;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Sends spans to a collector of OpenTelemetry. Calls never wait for it: spans do, up to a number, and more are dropped. It and {@link
 * OtlpExporter} are the classes that need the library, which is loaded only where traces are wanted.
 */
final class SpanTracing implements Tracing, AutoCloseable {
    private static final int MAX_WAITING = 2048;
    private static final int MAX_VALUE = 300;
    private static final Duration BETWEEN = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final TextMapGetter<Map<String, String>> METADATA = (metadata, key) -> metadata.get(key);

    /** Would write a line of a form of its own for each failure; {@link OtlpExporter} says what there is to say. Kept, as nobody else does. */
    private static final Logger OF_LIBRARY = Logger.getLogger("io.opentelemetry");

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    private SpanTracing(SdkTracerProvider provider) {
        this.provider = provider;
        tracer = provider.get("dev.skiff.containerd");
    }

    /** Begins to send what is traced. */
    static SpanTracing start(TraceSettings settings, String version) {
        OF_LIBRARY.setLevel(Level.OFF);
        Resource daemon = Resource.getDefault().toBuilder()
                .put("service.name", settings.service())
                .put("service.version", version)
                .build();
        BatchSpanProcessor sender = BatchSpanProcessor.builder(new OtlpExporter(settings))
                .setMaxQueueSize(MAX_WAITING)
                .setScheduleDelay(BETWEEN)
                .setExporterTimeout(PATIENCE)
                .build();
        return new SpanTracing(SdkTracerProvider.builder()
                .setResource(daemon)
                .setSpanLimits(SpanLimits.builder()
                        .setMaxAttributeValueLength(MAX_VALUE)
                        .build())
                .addSpanProcessor(sender)
                .build());
    }

    @Override
    public <T> T trace(String name, Map<String, String> metadata, Supplier<T> call) {
        Context context = W3CTraceContextPropagator.getInstance().extract(Context.root(), metadata, METADATA);
        // One look at the clock for all, so that parts are within their call.
        long offset = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now()) - System.nanoTime();
        Span span = tracer.spanBuilder(name)
                .setParent(context)
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(System.nanoTime() + offset, TimeUnit.NANOSECONDS)
                .startSpan();
        try {
            return ScopedValue.where(CallTrace.CURRENT, new OfSpan(tracer, span, offset))
                    .call(call::get);
        } catch (RuntimeException | Error e) {
            String why = String.valueOf(e.getMessage());
            span.setStatus(StatusCode.ERROR, why.length() > MAX_VALUE ? why.substring(0, MAX_VALUE) : why);
            throw e;
        } finally {
            span.end(System.nanoTime() + offset, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * One call.
     *
     * @param offset from {@link System#nanoTime} to nanoseconds since 1970
     */
    private record OfSpan(Tracer tracer, Span span, long offset) implements CallTrace {
        @Override
        public void attribute(String key, String value) {
            span.setAttribute(key, value);
        }

        @Override
        public void part(String name, long begin, long end, Map<String, String> attributes) {
            Span part = tracer.spanBuilder(name)
                    .setParent(Context.root().with(span))
                    .setStartTimestamp(begin + offset, TimeUnit.NANOSECONDS)
                    .startSpan();
            attributes.forEach(part::setAttribute);
            part.end(end + offset, TimeUnit.NANOSECONDS);
        }
    }

    /** Sends what waits, if that does not take long. */
    @Override
    public void close() {
        provider.shutdown().join(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
