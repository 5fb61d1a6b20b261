package dev.skiff.oci;

import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** What a manifest stands for: every form in which WebAssembly is published. */
public sealed interface Artifact {
    /** The manifest. */
    Manifest manifest();

    /** A word for people. */
    String kind();

    /**
     * One module or component as a layer of its own: the CNCF's artifacts, runwasi's images with Wasm layers, wasm-to-oci's and
     * Krustlet's artifacts.
     *
     * @param manifest the manifest
     * @param module the layer
     * @param config how it wants to be run; says nothing where the form has no such configuration
     */
    record Wasm(Manifest manifest, Descriptor module, ImageConfig config) implements Artifact {
        @Override
        public String kind() {
            return "wasm";
        }
    }

    /**
     * A Spin application.
     *
     * @param manifest the manifest
     * @param application the layer with its locked description
     */
    record SpinApplication(Manifest manifest, Descriptor application) implements Artifact {
        @Override
        public String kind() {
            return "spin";
        }
    }

    /**
     * A container image, which has its module in its files.
     *
     * @param manifest the manifest
     * @param config how it wants to be run
     */
    record ContainerImage(Manifest manifest, ImageConfig config) implements Artifact {
        @Override
        public String kind() {
            return "image";
        }
    }

    /**
     * Tells what a manifest stands for.
     *
     * @param reader reads the configuration, which is small
     * @throws OciException if it is none of these
     */
    static Artifact of(Manifest manifest, Function<Descriptor, byte[]> reader, String what) {
        List<Descriptor> modules = manifest.layers().stream()
                .filter(layer -> MediaTypes.WASM_LAYERS.contains(layer.mediaType()))
                .toList();
        List<Descriptor> applications = manifest.layers().stream()
                .filter(layer -> layer.mediaType().equals(MediaTypes.SPIN_APPLICATION))
                .toList();
        if (applications.size() == 1) {
            return new SpinApplication(manifest, applications.getFirst());
        }
        boolean configured = Set.of(MediaTypes.OCI_CONFIG, MediaTypes.DOCKER_CONFIG)
                .contains(manifest.config().mediaType());
        if (modules.size() == 1) {
            return new Wasm(
                    manifest, modules.getFirst(), configured ? config(manifest, reader, what) : ImageConfig.EMPTY);
        }
        if (modules.size() > 1) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    what + " has " + modules.size() + " layers of WebAssembly, and Skiff runs artifacts with one");
        }
        boolean image = !manifest.layers().isEmpty()
                && manifest.layers().stream().allMatch(layer -> isImageLayer(layer.mediaType()));
        if (configured && image) {
            return new ContainerImage(manifest, config(manifest, reader, what));
        }
        throw unsupported(manifest, what);
    }

    private static ImageConfig config(Manifest manifest, Function<Descriptor, byte[]> reader, String what) {
        return ImageConfig.parse(reader.apply(manifest.config()), "the configuration of " + what);
    }

    private static boolean isImageLayer(String type) {
        return type.startsWith("application/vnd.oci.image.layer.")
                || type.startsWith("application/vnd.docker.image.rootfs.");
    }

    private static OciException unsupported(Manifest manifest, String what) {
        Set<String> layers = new TreeSet<>();
        manifest.layers().forEach(layer -> layers.add(layer.mediaType()));
        String type = manifest.artifactType().orElse(manifest.config().mediaType());
        return new OciException(
                Problem.UNSUPPORTED,
                what + " is no WebAssembly: it is " + type
                        + (layers.isEmpty() ? " without layers" : " with layers " + String.join(", ", layers))
                        + "; Skiff runs artifacts with a layer " + MediaTypes.WASM + " or " + MediaTypes.WASM_CONTENT
                        + ", Spin applications, and container images whose entrypoint is WebAssembly");
    }
}
