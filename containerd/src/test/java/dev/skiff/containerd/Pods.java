package dev.skiff.containerd;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A containerd that runs pods, and what speaks to it as the kubelet does. */
record Pods(Containerd containerd, Cri cri) {
    /** Where containerd has what is the kubelet's. */
    static final String NAMESPACE = "k8s.io";

    /**
     * Gives an image to containerd, and waits until pods can have it.
     *
     * @param options of {@code ctr images import}
     */
    void load(String name, TestImage image, String... options) throws IOException {
        ImageArchive.load(containerd, NAMESPACE, name, image, options);
        Containerd.until("the image " + name + " is there", () -> cri.hasImage(name));
    }

    /** The same of a container image of these files, for this kind of machine. */
    void load(String name, LayerFile... files) throws IOException {
        load(name, TestImage.container(TestImage.HERE, Map.of(), List.of(files)));
    }

    /** The same of the image of which pods of runc are made, whose program sleeps. */
    void loadSandbox() throws IOException {
        load(
                CriPlugin.SANDBOX_IMAGE,
                TestImage.container(
                        TestImage.HERE,
                        Map.of("Entrypoint", List.of("/bin/busybox", "sleep", "2147483647")),
                        List.of(Guests.busyboxFile())));
    }

    /** Runs {@code ctr} to its end, for what is the kubelet's. */
    Output ctr(String... arguments) {
        List<String> all = new ArrayList<>(List.of("-n", NAMESPACE));
        all.addAll(List.of(arguments));
        return containerd.ctr(all.toArray(String[]::new));
    }

    /** The process of a container that runs. */
    long pid(String container) {
        return containerd.tasks(NAMESPACE).stream()
                .filter(task -> task.id().equals(container))
                .mapToLong(Containerd.Listed::pid)
                .findFirst()
                .orElseThrow();
    }

    /**
     * What containerd wrote of a container's output: a stream, whether the line is whole, the line.
     *
     * @param logs the folder that the pod names
     * @param container its name
     */
    static List<String> log(Path logs, String container) throws IOException {
        return Files.readAllLines(logs.resolve(ContainerSpec.log(container))).stream()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }
}
