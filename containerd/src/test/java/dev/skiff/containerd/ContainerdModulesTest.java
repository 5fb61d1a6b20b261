package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.Cri.Pod;
import dev.skiff.oci.LayerFile;
import dev.skiff.wasm.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a daemon remembers of modules, and what of that outlives it. */
@Tag("slow")
class ContainerdModulesTest {
    private static final String FIRST = "localhost/first:v1";
    private static final String SECOND = "localhost/second:v1";
    private static final String MARK = "localhost/mark:v1";
    private static final String REMEMBERED = "skiff_modules_remembered";
    private static final String DROPPED = "skiff_modules_dropped_total";

    private Containerd containerd;

    private void start(Containerd.Version version) throws IOException {
        started(Containerds.open(version));
    }

    private Pods startWithPods(Containerd.Version version) throws IOException {
        Pods pods = Containerds.openWithPods(version);
        started(pods.containerd());
        return pods;
    }

    private void started(Containerd made) throws IOException {
        containerd = made;
        containerd.install("-Dskiff.test.maintenance=PT0.2S");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (containerd != null) {
            // What is mounted for one would stay, and its folder with it.
            containerd.tasks("default").forEach(task -> containerd.ctr("task", "rm", "-f", task.id()));
            containerd.close();
        }
    }

    private static LayerFile file(String name, byte[] module) {
        return LayerFile.of(name, module, 0755);
    }

    private Output run(String image, String id, String... more) {
        List<String> command = new ArrayList<>(List.of("run", "--runtime", CtrTasks.RUNTIME));
        command.addAll(List.of(more));
        command.addAll(List.of(image, id, "/a.wasm"));
        return containerd.ctr(command.toArray(String[]::new));
    }

    private void remove(String image) {
        containerd.succeed("images", "rm", "--sync", image);
    }

    private Exposition metrics() {
        URI page = URI.create("http://127.0.0.1:" + containerd.metrics().getPort() + "/metrics");
        try (InputStream in = page.toURL().openStream()) {
            return Exposition.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private double metric(String name) {
        return metrics().value(name);
    }

    private void untilDropped(int modules) {
        Containerd.until(
                modules + " modules are dropped",
                () -> metric(DROPPED) == modules,
                () -> metrics().samples().toString());
    }

    /** Has the daemon forget another module, so that it has looked at all. */
    private void letItLook() throws IOException {
        double before = metric(DROPPED);
        ImageArchive.load(containerd, MARK, file("a.wasm", Guests.TRAP));
        run(MARK, "mark");
        remove(MARK);
        untilDropped((int) before + 1);
        containerd.ctr("container", "rm", "mark");
    }

    /** Where the daemon has its code. */
    private Path code() throws IOException {
        try (Stream<Path> folders = Files.list(containerd.folder().resolve("code"))) {
            return folders.findFirst().orElseThrow();
        }
    }

    private void untilOnDisk(boolean is) throws IOException {
        Path folder = code();
        Containerd.until("there is code on disk: " + is, () -> Engine.codeCacheSize(folder) > 0 == is);
    }

    @ParameterizedTest
    @EnumSource(Containerd.Version.class)
    void aModuleGoesFromMemoryAndDiskWithItsImage(Containerd.Version version) throws IOException {
        start(version);
        ImageArchive.load(containerd, FIRST, file("a.wasm", Guests.bytes("hello-c")));
        assertThat(run(FIRST, "one").status()).isZero();
        untilOnDisk(true);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(code())))
                .isEqualTo("rwx------");
        letItLook();
        assertThat(metric(REMEMBERED)).isEqualTo(1);

        remove(FIRST);

        untilDropped(2);
        assertThat(metric(REMEMBERED)).isZero();
        untilOnDisk(false);
    }

    @Test
    void aModuleOfTwoImagesGoesWithTheLast() throws IOException {
        start(Containerd.Version.INSTALLED);
        ImageArchive.load(containerd, FIRST, file("a.wasm", Guests.bytes("hello-c")));
        ImageArchive.load(containerd, SECOND, file("a.wasm", Guests.bytes("hello-c")), file("more", new byte[9]));
        run(FIRST, "one");
        run(SECOND, "two");
        assertThat(metric(REMEMBERED)).isEqualTo(1);

        remove(FIRST);
        letItLook();
        assertThat(metric(REMEMBERED)).isEqualTo(1);

        remove(SECOND);
        untilDropped(2);
    }

    @Test
    void aModuleThatRunsStaysUntilItEnds() throws IOException {
        start(Containerd.Version.INSTALLED);
        ImageArchive.load(containerd, FIRST, file("a.wasm", Guests.LOOP));
        run(FIRST, "one", "-d");
        remove(FIRST);
        letItLook();
        assertThat(metric(REMEMBERED)).isEqualTo(1);

        containerd.ctr("task", "kill", "-s", "SIGKILL", "one");

        untilDropped(2);
    }

    @ParameterizedTest
    @EnumSource(Containerd.Version.class)
    void aModuleOfAPodGoesWithItsImage(Containerd.Version version) throws IOException {
        Pods pods = startWithPods(version);
        pods.loadSandbox();
        pods.load(FIRST, file("a.wasm", Guests.bytes("hello-c")));
        Cri cri = pods.cri();
        Path logs = Files.createDirectories(containerd.folder().resolve("logs"));
        Pod pod = cri.run(PodSpec.of("pod", CriPlugin.SKIFF, logs));
        try {
            String container = cri.run(pod, ContainerSpec.of("hello", FIRST, "/a.wasm"));
            assertThat(cri.ended(container).exitCode()).isZero();
            assertThat(metric(REMEMBERED)).isEqualTo(1);
            letItLook();
            assertThat(metric(REMEMBERED)).isEqualTo(1);
        } finally {
            cri.removeAll();
        }

        cri.removeImage(FIRST);

        untilDropped(2);
    }

    @Test
    void aDaemonThatStartsAnewFindsTheCodeOnDisk() throws IOException {
        start(Containerd.Version.INSTALLED);
        ImageArchive.load(containerd, FIRST, file("a.wasm", Guests.bytes("hello-c")));
        run(FIRST, "one");
        untilOnDisk(true);
        assertThat(metric("skiff_module_code_found_total")).isZero();
        ProcessHandle first = containerd.killDaemon();

        assertThat(run(FIRST, "two").out()).contains("hello from C");

        assertThat(containerd.daemon().orElseThrow().pid()).isNotEqualTo(first.pid());
        assertThat(metric("skiff_module_cache_misses_total")).isEqualTo(1);
        assertThat(metric("skiff_module_code_found_total")).isEqualTo(1);
    }

    @Test
    void codeOfAnEarlierDaemonGoesWithItsImage() throws IOException {
        start(Containerd.Version.INSTALLED);
        ImageArchive.load(containerd, FIRST, file("a.wasm", Guests.bytes("hello-c")));
        ImageArchive.load(containerd, SECOND, file("a.wasm", Guests.LARGE));
        run(FIRST, "one");
        untilOnDisk(true);
        Path notes = code().resolve(Modules.NOTES);
        Containerd.until(
                "the image is noted", () -> Files.exists(notes) && Containerd.has(notes, " default " + FIRST + "\n"));
        containerd.killDaemon();
        run(SECOND, "two");
        letItLook();
        untilOnDisk(true);

        remove(FIRST);
        remove(SECOND);

        untilOnDisk(false);
        Containerd.until("it is noted", () -> Containerd.text(notes).isEmpty());
        assertThat(metric("skiff_module_cache_misses_total")).isEqualTo(2);
    }

    @Test
    void whereNoCodeCanBeKeptTasksRun() throws IOException {
        start(Containerd.Version.INSTALLED);
        ImageArchive.load(containerd, FIRST, file("a.wasm", Guests.bytes("hello-c")));
        Files.writeString(containerd.folder().resolve("code"), "in the way");

        assertThat(run(FIRST, "one").status()).isZero();

        letItLook();
        assertThat(containerd.log()).containsOnlyOnce("code is kept in memory only");
    }

    @Test
    void aFolderThatIsGoneIsSaidOnce() throws IOException {
        start(Containerd.Version.INSTALLED);
        ImageArchive.load(containerd, FIRST, file("a.wasm", Guests.bytes("hello-c")));
        ImageArchive.load(containerd, SECOND, file("a.wasm", Guests.LOOP));
        run(SECOND, "one", "-d");
        untilOnDisk(true);
        Files.move(code(), containerd.folder().resolve("elsewhere"));

        assertThat(run(FIRST, "two").status()).isZero();
        letItLook();

        Containerd.until("it is said", () -> {
            try {
                return containerd.log().contains("tasks run all the same");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        letItLook();
        assertThat(containerd.log()).containsOnlyOnce("tasks run all the same");
        assertThat(metric(REMEMBERED)).isEqualTo(2);
    }
}
