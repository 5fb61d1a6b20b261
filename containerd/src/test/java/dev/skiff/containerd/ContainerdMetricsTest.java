package dev.skiff.containerd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a daemon of a real containerd says of its tasks: metrics and log. */
@Tag("slow")
class ContainerdMetricsTest {
    private static final byte[] REQUEST = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8);

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static CtrTasks tasks;

    @BeforeAll
    static void start() throws IOException {
        containerd = CONTAINERDS.start(Containerd.Version.INSTALLED);
        tasks = CtrTasks.of(
                containerd,
                LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755),
                LayerFile.of("large.wasm", Guests.LARGE, 0755),
                LayerFile.of("loop.wasm", Guests.LOOP, 0755),
                LayerFile.of("trap.wasm", Guests.TRAP, 0755));
        assertThat(tasks.run("/exit.wasm", "0").status()).isZero();
    }

    private static Exposition page(byte[] answer) {
        String[] parts = new String(answer, UTF_8).split("\r\n\r\n", 2);
        assertThat(parts[0]).startsWith("HTTP/1.1 200 OK\r\n").contains("Content-Type: text/plain; version=0.0.4;");
        return Exposition.parse(parts[1]);
    }

    private static Exposition scrapePort() throws IOException {
        try (Socket socket = new Socket(
                containerd.metrics().getAddress(), containerd.metrics().getPort())) {
            socket.getOutputStream().write(REQUEST);
            return page(socket.getInputStream().readAllBytes());
        }
    }

    private static Exposition scrapeSocket() throws IOException {
        Path path = containerd.daemonFolder().resolve("metrics.sock");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            channel.write(ByteBuffer.wrap(REQUEST));
            return page(Channels.newInputStream(channel).readAllBytes());
        }
    }

    @Test
    void whatTasksDoIsCountedAndLogged() throws IOException {
        Exposition before = scrapePort();

        assertThat(tasks.runAs("one", List.of(), "/exit.wasm", "3").status()).isEqualTo(3);
        tasks.runAs("two", List.of(), "/trap.wasm");
        tasks.runAs("three", List.of("--memory-limit", "524288"), "/large.wasm");
        tasks.runAs("four", List.of("--annotation", "skiff.dev/timeout=50ms"), "/loop.wasm");
        tasks.detachedAs("pod", List.of("--annotation", "io.kubernetes.cri.container-type=sandbox"), "/pause");
        tasks.detachedAs("five", List.of(), "/loop.wasm");
        containerd.ctr("task", "exec", "--exec-id", "look", "five", "/skiff/ls", "/");
        tasks.runAs("six", List.of(), "/no.wasm");

        Exposition page = scrapeSocket();
        assertThat(page.types()).containsEntry("skiff_start_duration_seconds", "histogram");
        assertThat(page.value("skiff_instances{namespace=\"default\"}")).isEqualTo(1);
        assertThat(page.value("skiff_pods{namespace=\"default\"}")).isEqualTo(1);
        assertThat(page.value("skiff_daemon_resident_memory_bytes")).isGreaterThan(1 << 20);
        assertThat(page.value("skiff_daemon_heap_used_bytes")).isPositive();
        assertThat(page.value("skiff_daemon_start_time_seconds")).isBetween(1.7e9, System.currentTimeMillis() / 1000.0);
        assertThat(page.value("skiff_ttrpc_connections")).isPositive();
        assertThat(page.value("skiff_events_waiting")).isNotNegative();
        assertThat(page.samples().keySet())
                .anyMatch(sample -> sample.startsWith("skiff_daemon_info{"))
                .allMatch(sample -> sample.startsWith("skiff_"))
                .noneMatch(sample -> sample.contains("five") || sample.contains("wasm"));
        Map<String, Double> more = page.since(before);
        assertThat(more)
                .containsEntry("skiff_starts_total{kind=\"container\"}", 5.0)
                .containsEntry("skiff_starts_total{kind=\"exec\"}", 1.0)
                .containsEntry("skiff_starts_total{kind=\"pod\"}", 1.0)
                .containsEntry("skiff_create_duration_seconds_count{kind=\"container\"}", 5.0)
                .containsEntry("skiff_create_duration_seconds_count{kind=\"exec\"}", 1.0)
                .containsEntry("skiff_start_duration_seconds_bucket{kind=\"pod\",le=\"+Inf\"}", 1.0)
                .containsEntry("skiff_ends_total{reason=\"exited\",trap=\"\"}", 2.0)
                .containsEntry("skiff_ends_total{reason=\"trap\",trap=\"unreachable\"}", 1.0)
                .containsEntry("skiff_ends_total{reason=\"out_of_memory\",trap=\"\"}", 1.0)
                .containsEntry("skiff_ends_total{reason=\"limit\",trap=\"\"}", 1.0)
                .doesNotContainKey("skiff_ends_total{reason=\"signal\",trap=\"\"}")
                .containsEntry("skiff_module_cache_hits_total", 2.0)
                .containsEntry("skiff_module_cache_misses_total", 4.0)
                .containsEntry("skiff_ttrpc_calls_total{code=\"OK\",method=\"Create\"}", 6.0)
                .containsEntry("skiff_ttrpc_calls_total{code=\"NOT_FOUND\",method=\"Create\"}", 1.0)
                .doesNotContainKey("skiff_events_lost_total");
        assertThat(more.get("skiff_create_duration_seconds_sum{kind=\"container\"}"))
                .isPositive();
        assertThat(more.get("skiff_guest_cpu_seconds_total")).isPositive();
        assertThat(more.get("skiff_module_load_seconds_total")).isPositive();

        for (String id : List.of("five", "pod")) {
            containerd.ctr("task", "rm", "-f", id);
        }
        Exposition later = scrapePort();
        assertThat(later.samples()).doesNotContainKey("skiff_instances{namespace=\"default\"}");
        assertThat(later.since(page)).containsEntry("skiff_ends_total{reason=\"signal\",trap=\"\"}", 1.0);
        assertThat(later.value("skiff_guest_memory_bytes")).isZero();
        assertThat(later.value("skiff_guest_cpu_seconds_total"))
                .isGreaterThanOrEqualTo(page.value("skiff_guest_cpu_seconds_total"));

        assertThat(containerd.log())
                .contains("level=info msg=\"task started\" namespace=\"default\" id=\"one\"\n")
                .contains("level=info msg=\"task ended\" namespace=\"default\" id=\"one\" status=\"3\"\n")
                .contains("id=\"two\" status=\"134\" reason=\"trap: unreachable")
                .contains("level=info msg=\"pod started\" namespace=\"default\" id=\"pod\"\n");
    }

    @Test
    void theLogNamesThePodAndContainer() throws IOException {
        tasks.runAs(
                "named",
                List.of(
                        "--annotation",
                        "io.kubernetes.cri.sandbox-namespace=shop",
                        "--annotation",
                        "io.kubernetes.cri.sandbox-name=cart-1",
                        "--annotation",
                        "io.kubernetes.cri.container-name=app"),
                "/exit.wasm",
                "0");

        assertThat(containerd.log())
                .contains("msg=\"task ended\" namespace=\"default\" id=\"named\" pod=\"shop/cart-1\""
                        + " container=\"app\" status=\"0\"\n");
    }
}
