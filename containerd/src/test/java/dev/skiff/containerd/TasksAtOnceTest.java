package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.LocalDaemon.Answer;
import dev.skiff.containerd.LocalDaemon.Client;
import dev.skiff.containerd.LocalDaemon.Event;
import dev.skiff.containerd.TaskModel.Move;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls about the same tasks at the same time. */
@Tag("slow")
@Timeout(60)
class TasksAtOnceTest {
    /** The first version had a Start and a Kill wait for each other for ever, and two that made or deleted the same task both succeed. */
    @Test
    void callsAtOnceAreAnsweredAndLeaveNothingBehind() throws Exception {
        try (LocalDaemon daemon = TaskMovesTest.daemon()) {
            List<Future<?>> callers = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
                for (int seed = 0; seed < 6; seed++) {
                    Random random = new Random(seed);
                    callers.add(threads.submit(() -> {
                        callAtRandom(daemon, random);
                        return null;
                    }));
                }
                for (Future<?> caller : callers) {
                    caller.get();
                }
            }
            try (Client client = daemon.connect()) {
                TaskMovesTest.removeAll(client);
            }
            assertThat(daemon.mounts()).isEmpty();
            for (String task : TaskMovesTest.TASKS) {
                Containerd.until("all is told", () -> isWhole(events(daemon, task)));
            }
        }
    }

    private static void callAtRandom(LocalDaemon daemon, Random random) throws IOException {
        try (Client client = daemon.connect()) {
            for (int i = 0; i < 1500; i++) {
                // Nobody would end what is waited for.
                String method = TaskMovesTest.METHODS
                        .get(random.nextInt(TaskMovesTest.METHODS.size()))
                        .replace("Wait", "Delete");
                Move move = new Move(
                        method,
                        TaskMovesTest.TASKS.get(random.nextInt(TaskMovesTest.TASKS.size())),
                        TaskMovesTest.PROCESSES.get(random.nextInt(TaskMovesTest.PROCESSES.size())));
                Answer answer = TaskMovesTest.call(daemon, client, move);
                assertThat(answer.code())
                        .as("%s: %s", move, answer.message())
                        .isIn(0, TaskModel.NOT_FOUND, TaskModel.ALREADY_EXISTS, TaskModel.FAILED_PRECONDITION);
            }
        }
    }

    /** Those of the task itself, a letter each. */
    private static String events(LocalDaemon daemon, String task) {
        StringBuilder letters = new StringBuilder();
        for (Event event : daemon.told()) {
            if (event.task().equals(task)) {
                letters.append(
                        switch (event.topic()) {
                            case "/tasks/create" -> "c";
                            case "/tasks/start" -> "s";
                            case "/tasks/delete" -> "d";
                            default -> "";
                        });
            }
        }
        return letters.toString();
    }

    private static boolean isWhole(String events) {
        return events.matches("(cs?d)*");
    }
}
