package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.LocalDaemon.Answer;
import dev.skiff.containerd.LocalDaemon.Client;
import dev.skiff.containerd.TaskModel.Move;
import dev.skiff.containerd.TaskModel.Status;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/** Calls in any order, compared with a model of it. */
class TaskMovesTest {
    static final List<String> TASKS = List.of("a", "b");
    /** The process that a task is for, and one more. */
    static final List<String> PROCESSES = List.of("", "x");

    static final List<String> METHODS = List.of(
            "Create",
            "Start",
            "Exec",
            "Kill",
            "Pause",
            "Resume",
            "Wait",
            "State",
            "Delete",
            "Pids",
            "Stats",
            "CloseIO",
            "Connect",
            "ResizePty");

    static Answer call(LocalDaemon daemon, Client client, Move move) throws IOException {
        return switch (move.method()) {
            case "Create" -> client.call("Create", daemon.create(move.task(), daemon.bundle(move.task())));
            case "Exec" -> client.exec(move.task(), move.process().isEmpty() ? "x" : move.process(), "/loop.wasm");
            case "Kill" -> client.kill(move.task(), move.process(), 9);
            default -> client.call(move.method(), move.task(), move.process());
        };
    }

    static LocalDaemon daemon() throws IOException {
        LocalDaemon daemon = LocalDaemon.startWith(Map.of("loop.wasm", Guests.LOOP));
        for (String task : TASKS) {
            daemon.bundle(task, "/loop.wasm");
        }
        return daemon;
    }

    @Provide
    static Arbitrary<List<Move>> moves() {
        // What makes and starts comes more often, so that there is something to do the others to.
        Arbitrary<String> methods = Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.of(METHODS)), Tuple.of(1, Arbitraries.of("Create", "Start", "Exec", "Start")));
        return Combinators.combine(methods, Arbitraries.of(TASKS), Arbitraries.of(PROCESSES))
                .as((method, task, process) -> new Move(method, task, method.equals("Exec") ? "x" : process))
                .list()
                .ofMaxSize(40);
    }

    @Tag("slow")
    @Property(tries = 150)
    void everyCallIsAnsweredAsItsTaskIs(@ForAll("moves") List<Move> moves) throws Exception {
        TaskModel model = new TaskModel();
        try (LocalDaemon daemon = daemon();
                Client client = daemon.connect()) {
            for (Move move : moves) {
                boolean waits = model.status(move)
                        .filter(status -> status != Status.STOPPED)
                        .isPresent();
                if (waits && move.method().equals("Wait")) {
                    continue;
                }
                int expected = model.expected(move);
                Answer answer = call(daemon, client, move);
                assertThat(answer.code()).as("%s: %s", move, answer.message()).isEqualTo(expected);
                if (move.method().equals("Kill") && expected == 0) {
                    client.call("Wait", move.task(), move.process());
                }
                if (move.method().equals("State") && expected == 0) {
                    assertThat(answer.body().number(4))
                            .isEqualTo(model.status(move).orElseThrow().ordinal() + 1);
                }
            }
            removeAll(client);
            assertThat(daemon.mounts()).isEmpty();
        }
    }

    static void removeAll(Client client) throws IOException {
        for (String task : TASKS) {
            client.kill(task, "", 9);
            client.call("Wait", task, "");
            assertThat(client.call("Delete", task, "").code()).isIn(0, TaskModel.NOT_FOUND);
        }
    }
}
