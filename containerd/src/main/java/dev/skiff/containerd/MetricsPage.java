package dev.skiff.containerd;

import dev.skiff.containerd.Metrics.Kind;
import dev.skiff.host.ModuleUse;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the daemon tells Prometheus, in its text format. Labels are words of which there are few: none is of a guest's or an image's making.
 * The one class that needs the library, which is loaded when it is first asked. Thread-safe.
 */
final class MetricsPage implements Supplier<byte[]> {
    /** What it is to HTTP. */
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Tasks tasks;
    private final Events events;
    private final TtrpcServer server;
    private final DaemonProcess process;

    MetricsPage(Tasks tasks, Events events, TtrpcServer server, DaemonProcess process) {
        this.tasks = tasks;
        this.events = events;
        this.server = server;
        this.process = process;
    }

    @Override
    public byte[] get() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, new MetricSnapshots(all()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private List<MetricSnapshot> all() {
        List<MetricSnapshot> all = new ArrayList<>();
        addTasks(all);
        addModules(all);
        addContainerd(all);
        addDaemon(all);
        return all;
    }

    private void addTasks(List<MetricSnapshot> all) {
        Census census = tasks.census();
        all.add(gauges(
                "skiff_instances", "Programs that run, by containerd's namespace.", "namespace", census.instances()));
        all.add(gauges("skiff_pods", "Pods that run, by containerd's namespace.", "namespace", census.pods()));
        all.add(gauge(
                "skiff_guest_memory_bytes",
                "Linear memory and tables of all programs that run.",
                census.memoryBytes()));
        all.add(counter("skiff_guest_cpu_seconds", "Processor time that programs have taken.", seconds(census.cpu())));
        all.add(counter(
                "skiff_guest_cpu_throttled_seconds",
                "Time for which programs were held back by their share of a processor.",
                seconds(census.throttled())));
        Metrics metrics = tasks.metrics();
        all.add(starts(metrics));
        all.add(latencies("skiff_create_duration_seconds", "Time to make ready, without failures.", metrics::creates));
        all.add(latencies("skiff_start_duration_seconds", "Time to start, without failures.", metrics::starts));
        all.add(ends(metrics));
    }

    private static CounterSnapshot starts(Metrics metrics) {
        return new CounterSnapshot(
                metadata("skiff_starts", "Programs and pods that were started."),
                Arrays.stream(Kind.values())
                        .map(kind -> point(metrics.starts(kind).all(), Labels.of("kind", kind.word())))
                        .toList());
    }

    private static HistogramSnapshot latencies(String name, String help, Function<Kind, Latencies.Counts> of) {
        return new HistogramSnapshot(
                metadata(name, help),
                Arrays.stream(Kind.values())
                        .map(kind -> HistogramDataPointSnapshot.builder()
                                .classicHistogramBuckets(ClassicHistogramBuckets.of(
                                        of.apply(kind).bounds(), of.apply(kind).counts()))
                                .sum(of.apply(kind).seconds())
                                .labels(Labels.of("kind", kind.word()))
                                .build())
                        .toList());
    }

    private static CounterSnapshot ends(Metrics metrics) {
        List<CounterDataPointSnapshot> points = new ArrayList<>();
        metrics.ends()
                .forEach((reason, count) ->
                        points.add(point(count, Labels.of("reason", reason.kind(), "trap", reason.trap()))));
        return new CounterSnapshot(metadata("skiff_ends", "Programs that ended, by reason."), points);
    }

    private void addModules(List<MetricSnapshot> all) {
        ModuleUse use = tasks.moduleUse();
        all.add(counter("skiff_module_cache_hits", "Modules that were remembered.", use.hits()));
        all.add(counter("skiff_module_cache_misses", "Modules that had to be read and checked.", use.misses()));
        all.add(counter("skiff_module_code_found", "Modules whose code was on disk when they were read.", use.found()));
        all.add(gauge("skiff_modules_remembered", "Modules in memory.", use.remembered()));
        all.add(counter("skiff_modules_dropped", "Modules that were forgotten with their images.", use.forgotten()));
        all.add(counter(
                "skiff_module_load_seconds",
                "Time to read and check modules, without the translation of their functions.",
                seconds(use.loading())));
    }

    private void addContainerd(List<MetricSnapshot> all) {
        all.add(gauge("skiff_events_waiting", "Events that containerd has not taken yet.", events.waiting()));
        all.add(counter("skiff_events_lost", "Events that containerd never took.", events.lost()));
        all.add(gauge("skiff_ttrpc_connections", "Connections of containerd.", server.connections()));
        List<CounterDataPointSnapshot> calls = new ArrayList<>();
        server.calls()
                .forEach((answer, count) ->
                        calls.add(point(count, Labels.of("method", answer.method(), "code", answer.code()))));
        all.add(new CounterSnapshot(metadata("skiff_ttrpc_calls", "Calls of containerd that were answered."), calls));
    }

    private void addDaemon(List<MetricSnapshot> all) {
        all.add(new InfoSnapshot(
                metadata("skiff_daemon", "Which daemon this is."),
                List.of(new InfoDataPointSnapshot(
                        Labels.of("version", process.version(), "java", process.javaVersion())))));
        all.add(gauge(
                "skiff_daemon_start_time_seconds",
                "When the daemon began, since 1970.",
                process.started().toEpochMilli() / 1000.0));
        all.add(gauge("skiff_daemon_heap_used_bytes", "Java heap in use.", process.heapUsed()));
        all.add(gauge("skiff_daemon_heap_committed_bytes", "Java heap with memory.", process.heapCommitted()));
        process.resident()
                .ifPresent(
                        bytes -> all.add(gauge("skiff_daemon_resident_memory_bytes", "Memory of the process.", bytes)));
    }

    private static MetricMetadata metadata(String name, String help) {
        return new MetricMetadata(name, help);
    }

    private static GaugeSnapshot gauge(String name, String help, double value) {
        return new GaugeSnapshot(metadata(name, help), List.of(new GaugeDataPointSnapshot(value, Labels.EMPTY, null)));
    }

    private static GaugeSnapshot gauges(String name, String help, String label, Map<String, Long> values) {
        List<GaugeDataPointSnapshot> points = new ArrayList<>();
        values.forEach((value, count) -> points.add(new GaugeDataPointSnapshot(count, Labels.of(label, value), null)));
        return new GaugeSnapshot(metadata(name, help), points);
    }

    private static CounterSnapshot counter(String name, String help, double value) {
        return new CounterSnapshot(metadata(name, help), List.of(point(value, Labels.EMPTY)));
    }

    private static CounterDataPointSnapshot point(double value, Labels labels) {
        return CounterDataPointSnapshot.builder().value(value).labels(labels).build();
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
