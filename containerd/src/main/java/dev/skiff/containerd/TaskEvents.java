package dev.skiff.containerd;

import java.nio.file.Path;

/** Tells containerd what happens to one task, in its messages ({@code containerd.events}). Thread-safe. */
final class TaskEvents {
    private final TaskKey key;
    private final Events events;

    TaskEvents(TaskKey key, Events events) {
        this.key = key;
        this.events = events;
    }

    private void publish(String topic, String type, ProtoWriter body) {
        events.publish(key.namespace(), "/tasks/" + topic, "Task" + type, body);
    }

    private ProtoWriter body() {
        return new ProtoWriter().text(1, key.id());
    }

    void created(Path bundle, Streams streams) {
        ProtoWriter io = new ProtoWriter()
                .text(1, streams.in())
                .text(2, streams.out())
                .text(3, streams.err())
                .bool(4, streams.terminal());
        publish(
                "create",
                "Create",
                body().text(2, bundle.toString()).message(4, io).number(6, Task.PID));
    }

    void started() {
        publish("start", "Start", body().number(2, Task.PID));
    }

    void processAdded(String process) {
        publish("exec-added", "ExecAdded", body().text(2, process));
    }

    void processStarted(String process) {
        publish("exec-started", "ExecStarted", body().text(2, process).number(3, Task.PID));
    }

    void paused() {
        publish("paused", "Paused", body());
    }

    void resumed() {
        publish("resumed", "Resumed", body());
    }

    void outOfMemory() {
        publish("oom", "OOM", body());
    }

    /**
     * Tells of an end.
     *
     * @param process its ID, or that of the task for the one it was made for
     */
    void exited(String process, Exit exit) {
        publish(
                "exit",
                "Exit",
                body().text(2, process)
                        .number(3, Task.PID)
                        .number(4, exit.status())
                        .time(5, exit.at()));
    }

    void deleted(Exit exit) {
        publish(
                "delete",
                "Delete",
                body().number(2, Task.PID).number(3, exit.status()).time(4, exit.at()));
    }
}
