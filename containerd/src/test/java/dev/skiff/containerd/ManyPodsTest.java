package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Cri.Pod;
import dev.skiff.host.Execution;
import dev.skiff.oci.LayerFile;
import dev.skiff.wasm.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A daemon that has had many pods has nothing of them. */
@Tag("slow")
@Timeout(300)
class ManyPodsTest {
    private static final String IMAGE = "localhost/guests:v1";
    private static final int AT_ONCE = 4;

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static Cri cri;

    @BeforeAll
    static void start() throws IOException {
        Pods pods = CONTAINERDS.startWithPods(Containerd.Version.INSTALLED);
        containerd = pods.containerd();
        cri = pods.cri();
        pods.load(CriPlugin.SANDBOX_IMAGE, image(LayerFile.of("pause.wasm", Guests.LOOP, 0755)));
        pods.load(IMAGE, image(LayerFile.of("http.wasm", Guests.bytes("http-c"), 0755)));
    }

    private static TestImage image(LayerFile file) throws IOException {
        return TestImage.container(TestImage.HERE, Map.of("Entrypoint", List.of("/" + file.path())), List.of(file));
    }

    private static void pod(String name) throws IOException {
        Path logs = Files.createDirectories(containerd.folder().resolve("logs").resolve(name));
        Pod pod = cri.run(PodSpec.of(name, CriPlugin.SKIFF, logs).annotation("skiff.dev/listen", "8080"));
        cri.run(pod, ContainerSpec.of("web", IMAGE, "/http.wasm"));
        stop(pod);
        cri.remove(pod);
    }

    private static void pods(String prefix, int count) throws Exception {
        List<Future<?>> pods = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int i = 0; i < count; i++) {
                String name = prefix + i;
                pods.add(executor.submit(() -> {
                    pod(name);
                    return null;
                }));
            }
            for (Future<?> pod : pods) {
                pod.get();
            }
        }
    }

    /** As the kubelet does: the connection on which a kill is answered may end before the answer is read. */
    private static void stop(Pod pod) {
        try {
            cri.stop(pod);
        } catch (RpcException e) {
            cri.stop(pod);
        }
    }

    @Test
    void twoHundredPodsLeaveNothingBehind() throws Exception {
        pods("warm", 20);
        long pid = containerd.daemon().orElseThrow().pid();
        // This opens a socket, for those who ask later too.
        long heap = Belongings.heap(pid);
        Belongings before = Belongings.of(pid);

        pods("many", 200);

        assertThat(containerd.daemon().orElseThrow().pid()).isEqualTo(pid);
        assertThat(containerd.mounts()).isEmpty();
        assertThat(CriPlugin.addresses(containerd.folder())).isEmpty();
        for (Class<?> type :
                List.of(Task.class, TaskProcess.class, PodSandbox.class, Execution.class, Instance.class)) {
            Containerd.until("there is no " + type, () -> Belongings.instances(pid, type) == 0);
        }
        Containerd.until(
                "descriptors are closed",
                () -> Belongings.of(pid).descriptors() <= before.descriptors(),
                () -> before + " " + Belongings.of(pid));
        // What is loaded late, such as another method that became hot, has some room.
        assertThat(Belongings.heap(pid)).isLessThan(heap + (2 << 20));
        assertThat(Belongings.of(pid).threads()).isLessThanOrEqualTo(before.threads() + AT_ONCE);
        assertThat(networksOf(pid)).isEqualTo(1);
    }

    /** In how many network namespaces the threads of a process are. */
    private static long networksOf(long pid) {
        try (var threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.map(thread -> {
                        try {
                            return Files.readSymbolicLink(thread.resolve("ns/net"))
                                    .toString();
                        } catch (IOException e) {
                            // It has ended.
                            return "";
                        }
                    })
                    .filter(name -> !name.isEmpty())
                    .distinct()
                    .count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
