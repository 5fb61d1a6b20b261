package dev.skiff.containerd;

import java.nio.file.Path;

/** What the kubelet would say of a container that it wants; for one container. Not thread-safe. */
final class ContainerSpec {
    private static final int CONTAINER = 1;

    private final ProtoWriter config = new ProtoWriter();
    private final ProtoWriter resources = new ProtoWriter();
    private final ProtoWriter security = new ProtoWriter().message(3, new ProtoWriter().number(2, CONTAINER));

    private ContainerSpec() {}

    /**
     * A container.
     *
     * @param command in place of the image's own
     */
    static ContainerSpec of(String name, String image, String... command) {
        ContainerSpec container = new ContainerSpec();
        container
                .config
                .message(1, new ProtoWriter().text(1, name))
                .message(2, new ProtoWriter().text(1, image))
                .text(11, log(name));
        for (String word : command) {
            container.config.text(3, word);
        }
        return container;
    }

    /** The name of its log in the pod's folder. */
    static String log(String name) {
        return name + ".log";
    }

    ContainerSpec environment(String name, String value) {
        config.message(6, new ProtoWriter().text(1, name).text(2, value));
        return this;
    }

    ContainerSpec mount(Path source, String destination) {
        config.message(7, new ProtoWriter().text(1, destination).text(2, source.toString()));
        return this;
    }

    ContainerSpec mountReadOnly(Path source, String destination) {
        config.message(
                7,
                new ProtoWriter()
                        .text(1, destination)
                        .text(2, source.toString())
                        .bool(3, true));
        return this;
    }

    /** Lets it change none of the image's files. */
    ContainerSpec readOnlyRoot() {
        security.bool(7, true);
        return this;
    }

    /** Has it run as a user. */
    ContainerSpec user(long user) {
        security.message(5, new ProtoWriter().number(1, user));
        return this;
    }

    /** Takes a capability away, under its name without {@code CAP_}, or {@code ALL}. */
    ContainerSpec withoutCapability(String name) {
        security.message(1, new ProtoWriter().text(2, name));
        return this;
    }

    ContainerSpec annotation(String name, String value) {
        config.message(10, new ProtoWriter().text(1, name).text(2, value));
        return this;
    }

    /** Limits its memory, in bytes. */
    ContainerSpec memory(long bytes) {
        resources.number(4, bytes);
        return this;
    }

    /** Limits its processor time, in microseconds of each 100 ms. */
    ContainerSpec quota(long micros) {
        resources.number(1, 100_000).number(2, micros);
        return this;
    }

    /** Has it run as a user of a group, with further groups. */
    ContainerSpec user(long uid, long gid, long... groups) {
        security.message(5, new ProtoWriter().number(1, uid)).message(12, new ProtoWriter().number(1, gid));
        for (long group : groups) {
            security.number(8, group);
        }
        return this;
    }

    /** A {@code ContainerConfig}; nothing can be added any more. */
    byte[] toBytes() {
        return config.message(15, new ProtoWriter().message(1, resources).message(2, security))
                .toBytes();
    }
}
