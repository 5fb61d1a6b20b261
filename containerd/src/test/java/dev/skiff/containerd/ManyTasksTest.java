package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.LocalDaemon.Client;
import dev.skiff.host.Execution;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A daemon that has had many tasks has nothing of them. */
@Tag("slow")
@Timeout(120)
class ManyTasksTest {
    private static final int AT_ONCE = 4;
    private static final long MEBIBYTE = 1 << 20;

    /** One with another process, of which each fourth never begins, and each fourth is killed. */
    private static void task(LocalDaemon daemon, Client client, String id, int number) throws IOException {
        String program = number % 4 == 0 ? "/loop.wasm" : "/exit.wasm";
        client.call(
                        "Create",
                        daemon.create(id, daemon.bundle(id, program))
                                .text(6, "file://" + daemon.folder().resolve("out")))
                .success();
        if (number % 4 != 1) {
            client.call("Start", id, "").success();
        }
        if (number % 4 == 0) {
            client.exec(id, "x", "/exit.wasm").success();
            client.call("Start", id, "x").success();
            client.call("Wait", id, "x").success();
            client.exec(id, "y", "/loop.wasm").success();
            client.kill(id, "", 9).success();
        }
        if (number % 4 != 1) {
            client.call("Wait", id, "").success();
        }
        client.call("Delete", id, "").success();
    }

    private static void tasks(LocalDaemon daemon, int count) throws Exception {
        List<Future<?>> threads = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int thread = 0; thread < AT_ONCE; thread++) {
                String id = "t" + thread;
                threads.add(executor.submit(() -> {
                    try (Client client = daemon.connect()) {
                        for (int i = 0; i < count / AT_ONCE; i++) {
                            task(daemon, client, id, i);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> thread : threads) {
                thread.get();
            }
        }
        daemon.forgetTold();
    }

    @Test
    void twoThousandTasksLeaveNeitherMemoryNorDescriptorsNorThreads() throws Exception {
        long pid = Task.PID;
        try (LocalDaemon daemon =
                LocalDaemon.startWith(Map.of("loop.wasm", Guests.LOOP, "exit.wasm", Guests.bytes("exit-c")))) {
            tasks(daemon, 400);
            long heap = Belongings.heap(pid);
            Belongings before = Belongings.of(pid);

            tasks(daemon, 2000);

            Containerd.until(
                    "all that is told is taken", () -> Belongings.of(pid).descriptors() <= before.descriptors());
            for (Class<?> type : List.of(
                    Task.class,
                    TaskProcess.class,
                    TaskIo.class,
                    WasmContainer.class,
                    Execution.class,
                    Store.class,
                    Instance.class)) {
                Containerd.until("there is no " + type, () -> Belongings.instances(pid, type) == 0);
            }
            assertThat(Belongings.heap(pid)).isLessThan(heap + 2 * MEBIBYTE);
            Belongings after = Belongings.of(pid);
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + AT_ONCE);
            assertThat(after.mappings()).isLessThan(before.mappings() + 100);
            assertThat(daemon.mounts()).isEmpty();
        }
    }
}
