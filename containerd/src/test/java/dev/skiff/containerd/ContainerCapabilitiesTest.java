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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
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
    private static final String SKIFF = "io.containerd.skiff.v1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** As WASI has it. */
    private static final int EACCES = 2;

    private static final AtomicInteger NEXT = new AtomicInteger();

    private static Optional<Containerd> started = Optional.empty();
    private static Containerd containerd;
    private static Cri cri;

    private final String id;
    private Path others;

    ContainerCapabilitiesTest(Containerd.Version version) {
        id = "c" + NEXT.incrementAndGet() + "-" + version.name().replace("_", "-");
    }

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        Optional<String> lacking = Containerd.lacking(version).or(CriPlugin::lacking);
        if (lacking.isPresent()) {
            Assumptions.abort(lacking.get());
        }
        // Sockets have short paths.
        containerd = Containerd.startWithPods(Files.createTempDirectory(Path.of("/tmp"), "ctd"), version);
        started = Optional.of(containerd);
        cri = new Cri(containerd.socket());
        TestImage image = TestImage.container(
                TestImage.HERE,
                Map.of("Entrypoint", List.of("/bin/busybox", "sleep", "2147483647")),
                List.of(
                        LayerFile.of("bin/busybox", Guests.busybox(), 0755),
                        LayerFile.of("loop.wasm", Guests.LOOP, 0755),
                        LayerFile.of("make.wasm", Guests.MAKE, 0755)));
        load("default", IMAGE, image);
        for (String name : List.of(IMAGE, CriPlugin.SANDBOX_IMAGE)) {
            load("k8s.io", name, image);
            Containerd.until("the image " + name + " is there", () -> cri.hasImage(name));
        }
    }

    private static void load(String namespace, String name, TestImage image) throws IOException {
        Path archive = containerd.folder().resolve("image.tar");
        ImageArchive.write(archive, name, image);
        Output imported = containerd.ctr("-n", namespace, "images", "import", archive.toString());
        assertThat(imported.status()).as(imported.err()).isZero();
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException, InterruptedException {
        if (started.isPresent()) {
            started.get().close();
            started = Optional.empty();
        }
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

    private List<String> run(String kind, String runtime, String... options) {
        List<String> command = new ArrayList<>(List.of("run", kind, "--runtime", runtime));
        command.addAll(List.of("--mount", "type=bind,src=" + others + ",dst=/data,options=rbind:rw"));
        command.addAll(List.of(options));
        command.addAll(List.of(IMAGE, id));
        return command;
    }

    private Output ctr(List<String> command, String... words) {
        return containerd.ctr(Stream.concat(command.stream(), Stream.of(words)).toArray(String[]::new));
    }

    private static Output exec(String id, String... words) {
        return containerd.ctr(Stream.concat(Stream.of("task", "exec", "--exec-id", "x", id), Stream.of(words))
                .toArray(String[]::new));
    }

    @Test
    void rootHasByDefaultWhatReachesTheFilesOfOthers() {
        assertThat(ctr(run("--rm", SKIFF), "/make.wasm").status()).isZero();
        assertThat(others.resolve("made")).exists();
    }

    @Test
    void rootReachesNoFilesOfOthersWithoutTheCapabilityAsWithRunc() {
        String[] dropped = {"--cap-drop", "CAP_DAC_OVERRIDE"};

        assertThat(ctr(run("--rm", "io.containerd.runc.v2", dropped), "/bin/busybox", "touch", "/data/made")
                        .err())
                .contains("Permission denied");
        assertThat(ctr(run("--rm", SKIFF, dropped), "/make.wasm").status()).isEqualTo(EACCES);
        assertThat(others.resolve("made")).doesNotExist();
    }

    @Test
    void aProcessThatIsAddedHasTheCapabilitiesOfItsContainer() throws IOException {
        assertThat(ctr(run("-d", SKIFF, "--cap-drop", "CAP_DAC_OVERRIDE"), "/loop.wasm")
                        .status())
                .isZero();
        try {
            assertThat(exec(id, "/skiff/cat", "/data/secret").status()).isNotZero();
            assertThat(exec(id, "/skiff/ls", "/").out()).contains("loop.wasm\n");

            long daemon = containerd.daemon().orElseThrow().pid();
            List<String> own = capabilities(Path.of("/proc/" + daemon));
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + daemon + "/task"))) {
                assertThat(threads.toList())
                        .allSatisfy(thread -> assertThat(capabilities(thread)).isIn(own, List.of()));
            }
        } finally {
            containerd.ctr("task", "rm", "-f", id);
            containerd.ctr("container", "rm", id);
        }
    }

    /** Of a thread, as the kernel tells them; nothing if it is no more. */
    private static List<String> capabilities(Path thread) {
        try {
            return Files.readAllLines(thread.resolve("status")).stream()
                    .filter(line -> line.startsWith("Cap"))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** What a process of root's has in its memory is for those who have all of its capabilities, or CAP_SYS_PTRACE. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rootHasNoneThatTheContainerDoesNotHave(boolean added) throws IOException {
        Process other = new ProcessBuilder("sleep", "1000").start();
        try {
            String maps = "type=bind,src=/proc/" + other.pid() + "/maps,dst=/maps,options=bind:ro";
            String[] options = added
                    ? new String[] {"--mount", maps, "--cap-add", "CAP_SYS_PTRACE"}
                    : new String[] {"--mount", maps};
            assertThat(ctr(run("-d", SKIFF, options), "/loop.wasm").status()).isZero();

            Output cat = exec(id, "/skiff/cat", "/maps");

            assertThat(cat.status() == 0).as(cat.err()).isEqualTo(added);
            assertThat(cat.out().contains("[stack]")).isEqualTo(added);
        } finally {
            containerd.ctr("task", "rm", "-f", id);
            containerd.ctr("container", "rm", id);
            other.destroy();
        }
    }

    @Test
    void theSecurityContextOfAPodDropsCapabilities() throws IOException {
        Path logs = Files.createDirectories(containerd.folder().resolve("logs").resolve(id));
        Pod pod = cri.run(PodSpec.of(id, CriPlugin.SKIFF, logs));
        String usual =
                cri.create(pod, ContainerSpec.of("usual", IMAGE, "/loop.wasm").mount(others, "/data"));
        String dropped = cri.create(
                pod,
                ContainerSpec.of("dropped", IMAGE, "/loop.wasm")
                        .mount(others, "/data")
                        .withoutCapability("ALL"));
        cri.start(usual);
        cri.start(dropped);

        assertThat(cri.exec(usual, PATIENCE, "/skiff/cat", "/data/secret")).isEqualTo(new Exec(0, "theirs", ""));
        assertThat(cri.exec(dropped, PATIENCE, "/skiff/cat", "/data/secret")).satisfies(exec -> {
            assertThat(exec.exitCode()).isNotZero();
            assertThat(exec.out()).isEmpty();
        });
    }
}
