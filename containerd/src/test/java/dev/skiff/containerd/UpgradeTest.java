package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of tasks when another Skiff is installed. */
@Tag("slow")
class UpgradeTest {
    private static final String IMAGE = "localhost/guests:v1";

    private Optional<Containerd> started = Optional.empty();

    private Containerd start(Containerd.Version version) throws IOException {
        Optional<String> lacking = Containerd.lacking(version);
        if (lacking.isPresent()) {
            Assumptions.abort(lacking.get());
        }
        Containerd containerd = Containerd.start(Files.createTempDirectory(Path.of("/tmp"), "ctd"), version);
        started = Optional.of(containerd);
        Path archive = containerd.folder().resolve("guests.tar");
        ImageArchive.write(archive, IMAGE, List.of(LayerFile.of("loop.wasm", Guests.LOOP, 0755)));
        assertThat(containerd.ctr("images", "import", archive.toString()).status())
                .isZero();
        return containerd;
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (started.isPresent()) {
            started.get().close();
        }
    }

    /** Starts a task, and says which daemon has it. */
    private static long run(Containerd containerd, String id, String... annotations) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--runtime", "io.containerd.skiff.v1"));
        for (String annotation : annotations) {
            command.addAll(List.of("--annotation", annotation));
        }
        command.addAll(List.of(IMAGE, id, "/loop.wasm"));
        Output output = containerd.ctr(command.toArray(String[]::new));
        assertThat(output.status()).as(output.err()).isZero();
        return pid(containerd, id);
    }

    private static long pid(Containerd containerd, String id) {
        return containerd
                .ctr("task", "ls")
                .out()
                .lines()
                .filter(line -> line.startsWith(id + " "))
                .mapToLong(line -> Long.parseLong(line.split(" +")[1]))
                .findFirst()
                .orElse(0);
    }

    private static void end(Containerd containerd, String id) {
        containerd.ctr("task", "kill", "-s", "SIGKILL", id);
        Containerd.until("it has ended", () -> containerd.ctr("task", "rm", id).status() == 0);
        containerd.ctr("container", "rm", id);
    }

    @ParameterizedTest
    @EnumSource(Containerd.Version.class)
    void whatRunsStaysWhereItIsAndWhatComesIsTheNewOnes(Containerd.Version version) throws IOException {
        Containerd containerd = start(version);
        long old = run(containerd, "task");
        String sandbox = "io.kubernetes.cri.container-type=sandbox";
        assertThat(run(containerd, "pod", sandbox)).isEqualTo(old);

        containerd.install("-Dskiff.test.upgrade=true");

        long next = run(containerd, "next");
        assertThat(next).isNotEqualTo(old);
        assertThat(run(containerd, "other-pod", sandbox)).isEqualTo(next);
        assertThat(run(containerd, "inside", "io.kubernetes.cri.sandbox-id=pod"))
                .isEqualTo(old);
        assertThat(run(containerd, "beside", "io.kubernetes.cri.sandbox-id=other-pod"))
                .isEqualTo(next);
        end(containerd, "task");
        end(containerd, "inside");
        assertThat(ProcessHandle.of(old)).isPresent();
        assertThat(pid(containerd, "pod")).isEqualTo(old);
        end(containerd, "pod");
        Containerd.until("the old daemon ends", () -> containerd.daemons().size() == 1);
        assertThat(pid(containerd, "next")).isEqualTo(next);
        assertThat(containerd.ctr("task", "ls").out()).contains("next", "RUNNING");
    }
}
