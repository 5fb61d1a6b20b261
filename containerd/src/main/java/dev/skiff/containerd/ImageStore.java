package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.oci.Artifact;
import dev.skiff.oci.ChosenManifest;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.Digest;
import dev.skiff.oci.ImageConfig;
import dev.skiff.oci.OciException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The images of a containerd. Thread-safe. */
final class ImageStore {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path socket;

    /**
     * Asks for nothing yet.
     *
     * @param socket where containerd answers gRPC
     */
    ImageStore(Path socket) {
        this.socket = socket;
    }

    /**
     * What image a container was made from, as containerd calls it.
     *
     * @throws RpcException NOT_FOUND if there is no such container, or it was made from none
     */
    String imageOf(String namespace, String container) {
        String image = client(namespace)
                .call(
                        "containerd.services.containers.v1.Containers/Get",
                        new ProtoWriter().text(1, container),
                        PATIENCE)
                .message(1)
                .text(3);
        if (image.isEmpty()) {
            throw new RpcException(Code.NOT_FOUND, "the container " + container + " was made from no image");
        }
        return image;
    }

    /**
     * What containerd calls the images of a namespace; none if there is no such namespace.
     *
     * @throws RpcException if it does not say
     */
    Set<String> names(String namespace) {
        return client(namespace)
                .call("containerd.services.images.v1.Images/List", new ProtoWriter(), PATIENCE)
                .messages(1)
                .stream()
                .map(image -> image.text(1))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The module of an image that is nothing else; empty of a container image, which has its program in its files.
     *
     * @throws RpcException NOT_FOUND if there is no such image; otherwise with the reason why it cannot be run
     */
    Optional<WasmImage> find(String namespace, String image) {
        GrpcClient client = client(namespace);
        ProtoMessage target = client.call(
                        "containerd.services.images.v1.Images/Get", new ProtoWriter().text(1, image), PATIENCE)
                .message(1)
                .message(3);
        ContentStore content = new ContentStore(client);
        try {
            Descriptor root = Descriptor.of(target.text(1), Digest.parse(target.text(2)), target.number(3));
            ChosenManifest chosen = ChosenManifest.of(root, content, image);
            Artifact artifact = Artifact.of(
                    chosen.manifest(),
                    config -> content.read(config, ImageConfig.MAX_BYTES, "the configuration of " + image),
                    image);
            return switch (artifact) {
                case Artifact.Wasm wasm -> Optional.of(new WasmImage(image, wasm.module(), wasm.config(), content));
                case Artifact.ContainerImage _ -> Optional.empty();
                case Artifact.SpinApplication _ ->
                    throw new RpcException(
                            Code.UNIMPLEMENTED, image + " is a Spin application, and Skiff does not run those yet");
            };
        } catch (OciException e) {
            throw failure(e);
        }
    }

    private GrpcClient client(String namespace) {
        return new GrpcClient(socket, Map.of("containerd-namespace", namespace));
    }

    /** What is wrong with an image, as the failure of a call. */
    static RpcException failure(OciException e) {
        Code code = switch (e.problem()) {
            case NOT_FOUND -> Code.NOT_FOUND;
            case CORRUPT -> Code.DATA_LOSS;
            case TOO_LARGE -> Code.RESOURCE_EXHAUSTED;
            default -> Code.INVALID_ARGUMENT;
        };
        return new RpcException(code, e.getMessage(), e);
    }
}
