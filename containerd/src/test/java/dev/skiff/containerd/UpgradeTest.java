package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.LayerFile;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of tasks when another Skiff is installed. */
@Tag("slow")
class UpgradeTest {
    /** Starts a task, and says which daemon has it. */
    private static long run(CtrTasks tasks, String id, String... annotations) {
        List<String> options = new ArrayList<>();
        for (String annotation : annotations) {
            options.addAll(List.of("--annotation", annotation));
        }
        tasks.detachedAs(id, options, "/loop.wasm");
        return tasks.pid(id);
    }

    private static void end(Containerd containerd, String id) {
        containerd.ctr("task", "kill", "-s", "SIGKILL", id);
        Containerd.until("it has ended", () -> containerd.ctr("task", "rm", id).status() == 0);
        containerd.ctr("container", "rm", id);
    }

    @ParameterizedTest
    @EnumSource(Containerd.Version.class)
    void whatRunsStaysWhereItIsAndWhatComesIsTheNewOnes(Containerd.Version version) throws Exception {
        try (Containerd containerd = Containerds.open(version)) {
            CtrTasks tasks = CtrTasks.of(containerd, LayerFile.of("loop.wasm", Guests.LOOP, 0755));
            long old = run(tasks, "task");
            String sandbox = "io.kubernetes.cri.container-type=sandbox";
            assertThat(run(tasks, "pod", sandbox)).isEqualTo(old);

            containerd.install("-Dskiff.test.upgrade=true");

            long next = run(tasks, "next");
            assertThat(next).isNotEqualTo(old);
            assertThat(run(tasks, "other-pod", sandbox)).isEqualTo(next);
            assertThat(run(tasks, "inside", "io.kubernetes.cri.sandbox-id=pod")).isEqualTo(old);
            assertThat(run(tasks, "beside", "io.kubernetes.cri.sandbox-id=other-pod"))
                    .isEqualTo(next);
            end(containerd, "task");
            end(containerd, "inside");
            assertThat(ProcessHandle.of(old)).isPresent();
            assertThat(tasks.pid("pod")).isEqualTo(old);
            end(containerd, "pod");
            Containerd.until("the old daemon ends", () -> containerd.daemons().size() == 1);
            assertThat(tasks.pid("next")).isEqualTo(next);
            assertThat(containerd.ctr("task", "ls").out()).contains("next", "RUNNING");
            for (String id : List.of("next", "beside", "other-pod")) {
                end(containerd, id);
            }
        }
    }
}
