package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.Cri.Exec;
import dev.skiff.containerd.Cri.Pod;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The capabilities of containers of a real containerd count for their files. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class ContainerCapabilitiesTest {
    private static final String IMAGE = "localhost/guests:v1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** As WASI has it. */
    private static final int EACCES = 2;

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static Cri cri;
    private static CtrTasks tasks;

    // JUnit tells start() only what a field or the constructor asks for.
    @Parameter
    @SuppressWarnings("UnusedVariable")
    private Containerd.Version version;

    private final String id = CtrTasks.id();
    private Path others;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        Pods pods = CONTAINERDS.startWithPods(version);
        containerd = pods.containerd();
        cri = pods.cri();
        LayerFile[] files = {
            Guests.busyboxFile(),
            LayerFile.of("loop.wasm", Guests.LOOP, 0755),
            LayerFile.of("make.wasm", Guests.MAKE, 0755)
        };
        pods.loadSandbox();
        pods.load(IMAGE, files);
        tasks = CtrTasks.of(containerd, files);
    }

    /** A folder and a file in it that are somebody else's alone. */
    @BeforeEach
    void makeFolder() throws IOException {
        others = Files.createDirectories(containerd.folder().resolve(id));
        Path secret = Files.writeString(others.resolve("secret"), "theirs");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(others, PosixFilePermissions.fromString("rwx------"));
        for (Path file : List.of(secret, others)) {
            Files.setAttribute(file, "unix:uid", 5);
            Files.setAttribute(file, "unix:gid", 5);
        }
    }

    @AfterEach
    void removePods() {
        cri.removeAll();
    }

    /** With the folder of others at {@code /data}. */
    private List<String> options(String... more) {
        List<String> options =
                new ArrayList<>(List.of("--mount", "type=bind,src=" + others + ",dst=/data,options=rbind:rw"));
        options.addAll(List.of(more));
        return options;
    }

    @Test
    void rootHasByDefaultWhatReachesTheFilesOfOthers() {
        assertThat(tasks.run(options(), "/make.wasm").status()).isZero();
        assertThat(others.resolve("made")).exists();
    }

    @Test
    void rootReachesNoFilesOfOthersWithoutTheCapabilityAsWithRunc() {
        List<String> dropped = options("--cap-drop", "CAP_DAC_OVERRIDE");

        assertThat(tasks.with("io.containerd.runc.v2")
                        .run(dropped, "/bin/busybox", "touch", "/data/made")
                        .err())
                .contains("Permission denied");
        assertThat(tasks.run(dropped, "/make.wasm").status()).isEqualTo(EACCES);
        assertThat(others.resolve("made")).doesNotExist();
    }

    @Test
    void aProcessThatIsAddedHasTheCapabilitiesOfItsContainer() throws IOException {
        tasks.detachedAs(id, options("--cap-drop", "CAP_DAC_OVERRIDE"), "/loop.wasm");
        try {
            assertThat(tasks.exec(id, "/skiff/cat", "/data/secret").status()).isNotZero();
            assertThat(tasks.exec(id, "/skiff/ls", "/").out()).contains("loop.wasm\n");

            long daemon = containerd.daemon().orElseThrow().pid();
            assertThat(Belongings.rightsOfThreads(daemon)).containsOnly(Belongings.rights(daemon));
        } finally {
            tasks.remove(id);
        }
    }

    /** What a process of root's has in its memory is for those who have all of its capabilities, or CAP_SYS_PTRACE. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rootHasNoneThatTheContainerDoesNotHave(boolean added) throws IOException {
        Process other = new ProcessBuilder("sleep", "1000").start();
        try {
            String maps = "type=bind,src=/proc/" + other.pid() + "/maps,dst=/maps,options=bind:ro";
            List<String> options = options("--mount", maps);
            if (added) {
                options.addAll(List.of("--cap-add", "CAP_SYS_PTRACE"));
            }
            tasks.detachedAs(id, options, "/loop.wasm");

            Output cat = tasks.exec(id, "/skiff/cat", "/maps");

            assertThat(cat.status() == 0).as(cat.err()).isEqualTo(added);
            assertThat(cat.out().contains("[stack]")).isEqualTo(added);
        } finally {
            other.destroy();
            tasks.remove(id);
        }
    }

    @Test
    void theSecurityContextOfAPodDropsCapabilities() throws IOException {
        Path logs = Files.createDirectories(containerd.folder().resolve("logs").resolve(id));
        Pod pod = cri.run(PodSpec.of(id, CriPlugin.SKIFF, logs));
        String usual =
                cri.run(pod, ContainerSpec.of("usual", IMAGE, "/loop.wasm").mount(others, "/data"));
        String dropped = cri.run(
                pod,
                ContainerSpec.of("dropped", IMAGE, "/loop.wasm")
                        .mount(others, "/data")
                        .withoutCapability("ALL"));

        assertThat(cri.exec(usual, PATIENCE, "/skiff/cat", "/data/secret")).isEqualTo(new Exec(0, "theirs", ""));
        assertThat(cri.exec(dropped, PATIENCE, "/skiff/cat", "/data/secret")).satisfies(exec -> {
            assertThat(exec.exitCode()).isNotZero();
            assertThat(exec.out()).isEmpty();
        });
    }
}
