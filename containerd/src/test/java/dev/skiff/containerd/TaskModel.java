package dev.skiff.containerd;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What should become of tasks, by the names of their processes, when they are told to move. The answers are codes of gRPC. */
final class TaskModel {
    static final int NOT_FOUND = 5;
    static final int ALREADY_EXISTS = 6;
    static final int FAILED_PRECONDITION = 9;

    /** A call. */
    record Move(String method, String task, String process) {}

    enum Status {
        CREATED,
        RUNNING,
        STOPPED,
        PAUSED
    }

    private final Map<String, Map<String, Status>> tasks = new HashMap<>();

    /** The code of the answer to a call, which changes what is so if it succeeds. */
    int expected(Move move) {
        if (move.method().equals("Create")) {
            return tasks.putIfAbsent(move.task(), new HashMap<>(Map.of("", Status.CREATED))) == null
                    ? 0
                    : ALREADY_EXISTS;
        }
        Map<String, Status> task = tasks.get(move.task());
        if (task == null) {
            return NOT_FOUND;
        }
        boolean isAboutProcess =
                !List.of("Exec", "Pause", "Resume", "Pids", "Stats", "Connect").contains(move.method());
        if (isAboutProcess && !task.containsKey(move.process())) {
            return NOT_FOUND;
        }
        return expected(move, task);
    }

    private int expected(Move move, Map<String, Status> task) {
        Status main = task.get("");
        Status process = task.get(move.process());
        return switch (move.method()) {
            case "Start" -> {
                boolean can = process == Status.CREATED && (move.process().isEmpty() || main == Status.RUNNING);
                yield change(can, () -> task.put(move.process(), Status.RUNNING));
            }
            case "Exec" -> {
                boolean can = main == Status.RUNNING;
                yield can && process != null
                        ? ALREADY_EXISTS
                        : change(can, () -> task.put(move.process(), Status.CREATED));
            }
            case "Kill" -> {
                if (process == Status.STOPPED) {
                    yield NOT_FOUND;
                }
                task.replaceAll((name, status) ->
                        move.process().isEmpty() || name.equals(move.process()) ? Status.STOPPED : status);
                yield 0;
            }
            case "Pause" ->
                change(
                        main == Status.RUNNING,
                        () -> task.replaceAll((n, status) -> status == Status.RUNNING ? Status.PAUSED : status));
            case "Resume" ->
                change(
                        main == Status.PAUSED,
                        () -> task.replaceAll((n, status) -> status == Status.PAUSED ? Status.RUNNING : status));
            case "Delete" ->
                change(process == Status.CREATED || process == Status.STOPPED, () -> {
                    task.remove(move.process());
                    if (move.process().isEmpty()) {
                        tasks.remove(move.task());
                    }
                });
            default -> 0;
        };
    }

    private static int change(boolean can, Runnable change) {
        if (can) {
            change.run();
        }
        return can ? 0 : FAILED_PRECONDITION;
    }

    /** Where a process is in its life; empty if there is none. */
    Optional<Status> status(Move move) {
        return Optional.ofNullable(tasks.getOrDefault(move.task(), Map.of()).get(move.process()));
    }
}
