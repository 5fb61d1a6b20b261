package dev.skiff.containerd;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A task for people who look after it.
 *
 * @param key what containerd calls it
 * @param podNamespace that of Kubernetes, where it is of a pod
 * @param podName which it is there
 * @param container what it is in the pod; empty for the one that stands for the pod
 */
record TaskName(TaskKey key, Optional<String> podNamespace, Optional<String> podName, Optional<String> container) {
    private static final String CRI = "io.kubernetes.cri.";

    /** As the annotations of its container have it. */
    static TaskName of(TaskKey key, Map<String, String> annotations) {
        return new TaskName(
                key,
                Optional.ofNullable(annotations.get(CRI + "sandbox-namespace")),
                Optional.ofNullable(annotations.get(CRI + "sandbox-name")),
                Optional.ofNullable(annotations.get(CRI + "container-name")));
    }

    /** It in the log. */
    LogFields fields() {
        LogFields fields = LogFields.NONE.with("namespace", key.namespace()).with("id", key.id());
        if (podNamespace.isPresent() && podName.isPresent()) {
            fields = fields.with("pod", podNamespace.get() + "/" + podName.get());
        }
        return container.isPresent() ? fields.with("container", container.get()) : fields;
    }

    /** It in traces, as OpenTelemetry calls such things. */
    Map<String, String> attributes() {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("containerd.namespace", key.namespace());
        attributes.put("container.id", key.id());
        podNamespace.ifPresent(name -> attributes.put("k8s.namespace.name", name));
        podName.ifPresent(name -> attributes.put("k8s.pod.name", name));
        container.ifPresent(name -> attributes.put("k8s.container.name", name));
        return attributes;
    }
}
