package dev.skiff.containerd;

import dev.skiff.containerd.Metrics.Kind;
import dev.skiff.host.ExitStatus;

/** Logs and counts what happens to one task, for the people who look after the machine. Thread-safe. */
final class TaskJournal {
    private final TaskName name;
    private final Kind kind;
    private final Metrics metrics;

    /** One with nothing in it; the kind is {@code CONTAINER} or {@code POD}. */
    TaskJournal(TaskName name, Kind kind, Metrics metrics) {
        this.name = name;
        this.kind = kind;
        this.metrics = metrics;
    }

    void started() {
        Log.info(kind == Kind.POD ? "pod started" : "task started", name.fields());
    }

    void ended(ExitStatus how) {
        Log.info(kind == Kind.POD ? "pod ended" : "task ended", end(name.fields(), how));
        if (kind != Kind.POD) {
            metrics.ended(how);
        }
    }

    /** Probes of Kubernetes are processes too, and would fill the log. */
    void processStarted(String process) {
        Log.debug("process started", name.fields().with("process", process));
    }

    void processEnded(String process, ExitStatus how) {
        Log.debug("process ended", end(name.fields().with("process", process), how));
        metrics.ended(how);
    }

    private static LogFields end(LogFields fields, ExitStatus how) {
        LogFields status = fields.with("status", Integer.toString(how.code()));
        return how.reason().map(reason -> status.with("reason", reason)).orElse(status);
    }
}
