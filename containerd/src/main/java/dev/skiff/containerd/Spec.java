package dev.skiff.containerd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.Mounts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is wanted of a container (OCI runtime specification, {@code config.json}), as far as it means something to a Wasm program.
 *
 * @param process what runs in it
 * @param root the folder of its files
 * @param readOnly whether it can change none of them
 * @param mounts what else it sees
 * @param annotations what its maker says of it
 * @param network where its sockets are
 * @param sysctls settings of the kernel for its namespaces
 * @param resources what it may use of the machine
 * @param users who its users are
 */
record Spec(
        ProcessSpec process,
        Path root,
        boolean readOnly,
        List<Mount> mounts,
        Map<String, String> annotations,
        ContainerNetwork network,
        Map<String, String> sysctls,
        Resources resources,
        UserMappings users) {
    /** Its name in a bundle. */
    static final String FILE = "config.json";

    /** Where Kubernetes wants to read why a container ended, unless it is told another place. */
    static final String TERMINATION_MESSAGE = "/dev/termination-log";

    private static final int MAX_BYTES = 16 << 20;
    private static final String SANDBOX = "io.kubernetes.cri.sandbox-id";
    private static final String CONTAINER_TYPE = "io.kubernetes.cri.container-type";

    /**
     * A folder or file of this machine, or a file system, that the container sees.
     *
     * @param destination where it sees it
     * @param type {@code bind}, or a file system
     * @param source which it is
     * @param options how
     */
    record Mount(String destination, String type, String source, MountOptions options) {
        /** Whether the container can change nothing in it. */
        boolean readOnly() {
            return (options.flags() & Mounts.READ_ONLY) != 0;
        }
    }

    /**
     * Reads the configuration of a bundle.
     *
     * @throws RpcException if there is none, or it says nothing that could be run
     */
    static Spec read(Path bundle) {
        Path file = bundle.resolve(FILE);
        // Anything else may let who opens it wait for ever.
        if (!Files.isRegularFile(file)) {
            throw new RpcException(Code.NOT_FOUND, "the bundle has no " + file);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] text = in.readNBytes(MAX_BYTES + 1);
            if (text.length > MAX_BYTES) {
                throw invalid(file, "it has more than " + MAX_BYTES + " bytes");
            }
            return Json.read(text, json -> parse(bundle, json));
        } catch (IOException e) {
            throw new RpcException(Code.NOT_FOUND, "the bundle's " + file + " cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw invalid(file, e.getMessage());
        }
    }

    private static RpcException invalid(Path file, String why) {
        return new RpcException(Code.INVALID_ARGUMENT, file + " is no configuration of a container: " + why);
    }

    private static Spec parse(Path bundle, JsonObject json) {
        List<Mount> mounts = new ArrayList<>();
        for (JsonElement each : Json.elements(json, "mounts")) {
            JsonObject mount = each.getAsJsonObject();
            mounts.add(new Mount(
                    path(mount, "destination"),
                    Json.text(mount, "type").orElse(""),
                    path(mount, "source"),
                    MountOptions.parse(Json.texts(mount, "options"))));
        }
        JsonObject root = Json.object(json, "root");
        JsonObject linux = Json.object(json, "linux");
        return new Spec(
                ProcessSpec.parse(Json.object(json, "process")),
                bundle.resolve(Json.text(root, "path").orElse("rootfs")),
                Json.isTrue(root, "readonly"),
                mounts,
                Json.map(json, "annotations"),
                network(linux),
                Json.map(linux, "sysctl"),
                Resources.parse(Json.object(linux, "resources")),
                UserMappings.parse(linux));
    }

    /** Text that can be a path; throws what is none. */
    private static String path(JsonObject json, String name) {
        return Path.of(Json.text(json, name).orElse("")).toString();
    }

    private static ContainerNetwork network(JsonObject linux) {
        for (JsonElement each : Json.elements(linux, "namespaces")) {
            JsonObject namespace = each.getAsJsonObject();
            if (Json.text(namespace, "type").equals(Optional.of("network"))) {
                Optional<String> path = Json.text(namespace, "path").filter(text -> !text.isEmpty());
                return path.isPresent()
                        ? new ContainerNetwork.Named(Path.of(path.get()))
                        : new ContainerNetwork.Nothing();
            }
        }
        return new ContainerNetwork.OfHost();
    }

    /** The container that stands for its pod, if it is in one. */
    Optional<String> sandbox() {
        return Optional.ofNullable(annotations.get(SANDBOX));
    }

    /** The file in which Kubernetes wants to read why it ended, if that can be written. */
    Optional<Mount> terminationMessage() {
        return mounts.stream()
                .filter(mount -> mount.destination().equals(TERMINATION_MESSAGE)
                        && mount.type().equals("bind")
                        && !mount.readOnly())
                .findFirst();
    }

    /** Whether it is the container that stands for a pod, in which nothing runs. */
    boolean isSandbox() {
        return "sandbox".equals(annotations.get(CONTAINER_TYPE));
    }
}
