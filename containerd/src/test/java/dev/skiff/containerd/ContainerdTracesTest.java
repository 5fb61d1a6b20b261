package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Collector.Received;
import dev.skiff.containerd.Containerd.Output;
import dev.skiff.containerd.Containerd.Version;
import dev.skiff.oci.LayerFile;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Spans of tasks of a real containerd, which says where they go. */
@Tag("slow")
class ContainerdTracesTest {
    @ParameterizedTest
    @EnumSource(Version.class)
    void theStartOfATaskIsTraced(Version version) throws Exception {
        try (Collector collector = new Collector(200)) {
            Map<String, String> environment = Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    collector.url(),
                    "OTEL_EXPORTER_OTLP_PROTOCOL",
                    "http/protobuf",
                    "OTEL_SERVICE_NAME",
                    "node-1");
            try (Containerd containerd = Containerds.open(version, environment)) {
                CtrTasks tasks = CtrTasks.of(containerd, LayerFile.of("exit.wasm", Guests.bytes("exit-c"), 0755));

                run(tasks, "one", "/exit.wasm");
                run(tasks, "two", "/exit.wasm");
                run(tasks, "three", "/no.wasm");

                Received first = one(collector.await("skiff.task.create", "container.id", "one"));
                assertThat(first.service()).isEqualTo("node-1");
                assertThat(first.attributes())
                        .containsEntry("containerd.namespace", "default")
                        .containsEntry("k8s.pod.name", "cart-1");
                assertThat(first.isError()).isFalse();
                one(collector.await("skiff.task.start", "container.id", "one"));
                assertThat(one(collector.await("skiff.task.create", "container.id", "three"))
                                .isError())
                        .isTrue();
                for (String remembered : List.of("false", "true")) {
                    Received load = one(collector.await("skiff.module.load", "skiff.module.remembered", remembered));
                    String task = remembered.equals("true") ? "two" : "one";
                    Received create = one(collector.await("skiff.task.create", "container.id", task));
                    assertThat(load.trace()).isEqualTo(create.trace());
                    assertThat(collector.spans())
                            .filteredOn(span -> span.parent().equals(create.id()))
                            .extracting(Received::name)
                            .containsExactlyInAnyOrder("skiff.mount", "skiff.module.load", "skiff.module.link");
                }
                // One that traces itself has ours among its own.
                if (version == Version.V2) {
                    Containerd.until(
                            "containerd sends the span that ours is part of",
                            () -> collector.spans().stream()
                                    .anyMatch(span -> span.id().equals(first.parent())));
                }
            }
        }
    }

    private static void run(CtrTasks tasks, String id, String program) {
        Output output = tasks.runAs(id, List.of("--annotation", "io.kubernetes.cri.sandbox-name=cart-1"), program);
        assertThat(output.out()).isEmpty();
    }

    private static Received one(List<Received> spans) {
        assertThat(spans).hasSize(1);
        return spans.getFirst();
    }
}
