package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.OciException.Problem;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Chooses from an index what this machine can run: WebAssembly before Linux, and of Linux the machine's own. */
final class Platforms {
    private static final List<String> WASI = List.of("wasip1", "wasi", "wasip2");
    private static final Set<String> WASM = Set.of("wasm", "wasm32");
    private static final int UNFIT = Integer.MAX_VALUE;

    private Platforms() {}

    /**
     * The best manifest of an index.
     *
     * @param wanted what the user asked for
     * @throws OciException if there is none; the message says what there is
     */
    static Descriptor choose(Index index, Optional<Platform> wanted, String what) {
        Optional<Descriptor> best = index.manifests().stream()
                .filter(Platforms::isImage)
                .filter(manifest -> rank(manifest, wanted) != UNFIT)
                .min(Comparator.comparingInt(manifest -> rank(manifest, wanted)));
        return best.orElseThrow(() -> new OciException(
                Problem.UNSUPPORTED,
                what + " has nothing for " + wanted.map(Platform::toString).orElse("wasi/wasm or linux")
                        + "; there is "
                        + index.manifests().stream()
                                .filter(Platforms::isImage)
                                .map(manifest -> manifest.platform()
                                        .map(Platform::toString)
                                        .orElse("one without a platform"))
                                .distinct()
                                .collect(Collectors.joining(", "))));
    }

    /** What build tools attest stands beside the images in an index, as one for an unknown platform. */
    private static boolean isImage(Descriptor manifest) {
        return !manifest.annotations().containsKey("vnd.docker.reference.type")
                && MediaTypes.MANIFESTS.contains(manifest.mediaType());
    }

    private static int rank(Descriptor manifest, Optional<Platform> wanted) {
        if (manifest.platform().isEmpty()) {
            boolean index = MediaTypes.INDEXES.contains(manifest.mediaType());
            return wanted.isPresent() && !index ? UNFIT : 50;
        }
        Platform platform = manifest.platform().get();
        if (wanted.isPresent()) {
            Platform asked = wanted.get();
            boolean same = platform.os().equals(asked.os())
                    && platform.architecture().equals(asked.architecture())
                    && (asked.variant().isEmpty() || asked.variant().equals(platform.variant()));
            return same ? 0 : UNFIT;
        }
        if (WASM.contains(platform.architecture())) {
            int system = WASI.indexOf(platform.os());
            return system >= 0 ? system : platform.os().equals("js") ? UNFIT : WASI.size();
        }
        if (platform.os().equals("linux")) {
            // The module in it is the same for each machine, so that another's serves too.
            return platform.architecture().equals(machine())
                    ? 10
                    : platform.architecture().equals("amd64") ? 11 : 12;
        }
        return UNFIT;
    }

    private static String machine() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            case String other -> other;
        };
    }
}
