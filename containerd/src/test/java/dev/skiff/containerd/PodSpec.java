package dev.skiff.containerd;

import java.nio.file.Path;

/** What the kubelet would say of a pod that it wants; for one pod. Not thread-safe. */
final class PodSpec {
    private static final int CONTAINER = 1;
    private static final int NODE = 2;

    private final String handler;
    private final ProtoWriter config = new ProtoWriter();
    private final ProtoWriter namespaces = new ProtoWriter().number(2, CONTAINER);

    private PodSpec(String handler) {
        this.handler = handler;
    }

    /**
     * A pod with a network of its own.
     *
     * @param handler the name of a runtime in containerd's configuration
     * @param logs the folder where its containers' logs will be
     */
    static PodSpec of(String name, String handler, Path logs) {
        PodSpec pod = new PodSpec(handler);
        pod.config
                .message(
                        1,
                        new ProtoWriter().text(1, name).text(2, name + "-uid").text(3, "default"))
                .text(2, name)
                .text(3, logs.toString());
        return pod;
    }

    /** Has a TCP port of this machine lead to one of the pod. */
    PodSpec port(int host, int pod) {
        config.message(5, new ProtoWriter().number(2, pod).number(3, host));
        return this;
    }

    PodSpec annotation(String name, String value) {
        config.message(7, new ProtoWriter().text(1, name).text(2, value));
        return this;
    }

    /** Without a network of its own. */
    PodSpec onHostNetwork() {
        namespaces.number(1, NODE);
        return this;
    }

    String handler() {
        return handler;
    }

    /** A {@code PodSandboxConfig}; nothing can be added any more. */
    byte[] toBytes() {
        ProtoWriter security = new ProtoWriter().message(1, namespaces);
        return config.message(8, new ProtoWriter().message(2, security)).toBytes();
    }
}
