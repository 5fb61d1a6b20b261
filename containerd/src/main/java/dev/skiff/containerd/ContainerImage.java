package dev.skiff.containerd;

import dev.skiff.host.ModuleSource;
import dev.skiff.oci.Digest;
import java.util.Optional;

/** The image that a container was made from. Thread-safe. */
@FunctionalInterface
interface ContainerImage {
    /**
     * The module that the image is, if it is nothing else.
     *
     * @param name what to call it in messages
     * @throws RpcException if there is no image, or it cannot be run
     */
    Optional<ModuleSource> module(String name);

    /**
     * Is told that a program of the container runs.
     *
     * @param module the digest of its module
     * @return is to be run when it has ended
     */
    default Runnable begin(Digest module) {
        return () -> {};
    }
}
